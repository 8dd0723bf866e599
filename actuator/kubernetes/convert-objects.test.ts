import { expect, test } from 'vitest';
import { convertNode } from './convert-objects.ts';

const nodeWith = (...conditions: readonly (readonly [type: string, status: string])[]) =>
  convertNode({
    metadata: { name: 'node-1' },
    status: { conditions: conditions.map(([type, status]) => ({ type, status })) },
  });

test('a node is under pressure of what holds for the worse', () => {
  expect(nodeWith(['Ready', 'True'], ['DiskPressure', 'True'], ['MemoryPressure', 'False'])).toMatchObject({
    ready: true,
    pressures: ['DiskPressure'],
  });
});

test("what is true of a healthy node is no pressure: Amazon's agent says that its parts are ready, k3s that it votes", () => {
  const { pressures } = nodeWith(
    ['Ready', 'True'],
    ['KernelReady', 'True'],
    ['StorageReady', 'False'],
    ['ContainerRuntimeReady', 'Unknown'],
    ['EtcdIsVoter', 'True'],
  );
  expect(pressures).toEqual(['StorageReady']);
});
