import { expect, test } from 'vitest';
import { createRandom, type Labels } from '../../model/index.ts';
import { createNoise, play } from '../testing/synthetic.ts';
import { createWorkbench } from '../testing/workbench.ts';

const minuteMs = 60_000;
const usualMinutes = 1500;

/** What is told of a counter that counts so many a minute for a day, and so many then. */
async function toldOf(name: string, label: readonly [string, string], usual: number, then: number) {
  const { catalog, detectors } = createWorkbench();
  const labels: Labels = [label, ['service.name', 'shop']];
  const id = catalog.intern({ name, labels, kind: 'counter', unit: '', origin: 'received' });
  const noise = createNoise(createRandom(7));
  let total = 0;
  const { told } = await play(detectors, id, { count: usualMinutes + 30, intervalMs: minuteMs }, (tick) => {
    const count = tick < usualMinutes ? usual : then;
    total += Math.max(0, count * (1 + 0.1 * noise()));
    return total;
  });
  return told.filter(({ revision }) => revision === 1).map(({ signal }) => signal);
}

test('requests that fail are errors: more of them are told, and none any more is no loss of traffic', async () => {
  expect(await toldOf('http_requests_total', ['code', '500'], 1.2, 12)).toEqual(['errors']);
  expect(await toldOf('http_requests_total', ['code', '500'], 120, 0)).toEqual([]);
  expect(await toldOf('grpc_server_handled_total', ['grpc_code', 'Unavailable'], 0, 60)).toEqual(['errors']);
  expect(await toldOf('grpc_server_handled_total', ['grpc_code', 'Unavailable'], 60, 0)).toEqual([]);
});

test('requests that succeed are traffic: none any more is told', async () => {
  expect(await toldOf('http_requests_total', ['code', '200'], 120, 0)).toEqual(['traffic']);
});
