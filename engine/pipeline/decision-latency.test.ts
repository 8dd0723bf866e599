import { expect, test } from 'vitest';
import { type Detectors, type LogBatch, noMetrics, type SampleBatch } from '../../model/index.ts';
import { createDecisionLatency } from './decision-latency.ts';
import { createReceivedTimes } from './received-times.ts';
import { createScoring } from './scoring.ts';

test('what waits for its verdict is measured from the door and from its own time', async () => {
  const observed: string[] = [];
  const metrics = {
    ...noMetrics,
    histogram: (name: string) => ({ observe: (seconds: number) => void observed.push(`${name} ${seconds}`) }),
  };
  const clock = { now: () => 10_250, sleep: async () => true };
  const nothing = { anomalies: [], derived: [], bands: [], calls: [], slos: [] };
  const detectors = { observe: async () => nothing, advance: async () => nothing } as unknown as Detectors;
  const sink = { begin: () => {}, observe: async () => {}, advance: async () => {} };
  const latency = createDecisionLatency(metrics, clock);
  const received = createReceivedTimes(noMetrics);
  const scoring = createScoring({ detectors, sink, latenessMs: 0, keep: () => {}, latency, received });
  const samples: SampleBatch = {
    kind: 'samples',
    count: 2,
    series: Uint32Array.of(0, 1),
    timesMs: Float64Array.of(9_000, 9_750),
    values: Float64Array.of(1, 2),
  };
  const logs = { kind: 'logs', count: 1, timesMs: Float64Array.of(9_500) } as unknown as LogBatch;
  await scoring.take({ receivedMs: 10_000, batches: [samples, logs] });
  expect(observed).toEqual(['kybern_scoring_latency_seconds 0.25', 'kybern_decision_age_seconds 0.5']);
});
