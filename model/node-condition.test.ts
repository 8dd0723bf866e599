import { expect, test } from 'vitest';
import { describeBadCondition, isConditionOfHealth } from './node-condition.ts';

test.each([
  ['Ready', true],
  ['StorageReady', true],
  ['ContainerRuntimeReady', true],
  ['EtcdIsVoter', true],
  ['DiskPressure', false],
  ['KubeletNotReady', false],
  ['KubeletUnhealthy', false],
  ['ReadonlyFilesystem', false],
])('%s being true says that a node is well: %s', (type, isOfHealth) => {
  expect(isConditionOfHealth(type)).toBe(isOfHealth);
});

test('what is wrong is told by its condition, or by the lack of one', () => {
  expect(describeBadCondition('DiskPressure')).toBe('DiskPressure');
  expect(describeBadCondition('StorageReady')).toBe('StorageReady is not true');
});
