import { expect, test } from 'vitest';
import { decisionContract } from '../testing/decision-contract.ts';
import { anomaly } from '../testing/decisions.ts';
import { signalContract } from '../testing/signal-contract.ts';
import { block, definition, logBatch, type SampleRow, sampleBatch } from '../testing/signals.ts';
import { createMemoryStore } from './memory-store.ts';

const open = async () => createMemoryStore({ memoryPointsPerSeries: 10_000, memoryRecords: 10_000 });

signalContract('memory', open, 50);
decisionContract('memory', open);

test('beyond its bounds the memory store keeps what is newest', async () => {
  const store = createMemoryStore({ memoryPointsPerSeries: 100, memoryRecords: 3 });
  const [heap, log] = [definition(0, 'heap'), definition(1, 'log', { kind: 'logs' })];
  for (let start = 0; start < 1000; start += 50) {
    const rows = Array.from({ length: 50 }, (_, i): SampleRow => [0, start + i, start + i]);
    const logs = [logBatch({ series: 1, timeMs: start, body: `${start}` })];
    await store.writeSignals(block({ definitions: [heap, log], samples: [sampleBatch(...rows)], logs }), `${start}`);
  }
  await store.writeSignals(block({ definitions: [heap], samples: [sampleBatch([0, 5, 5])] }), 'late');
  const [found] = await store.points({ metric: 'heap' }, 0, 5000, 5000, 1);
  expect(found.timesMs).toEqual(Array.from({ length: 100 }, (_, i) => 900 + i));
  expect((await store.logs({ limit: 9 })).items.map((item) => item.timeMs)).toEqual([950, 900, 850]);
  await store.writeDecisions(
    [1, 2, 3, 4].map((n) => ({ type: 'anomaly', value: anomaly(`a${n}`, n) })),
    'a',
  );
  expect((await store.anomalies({ limit: 9 })).items.map((item) => item.id)).toEqual(['a4', 'a3', 'a2']);
});
