import { describe, expect, it } from 'vitest';
import { type Anomaly, toTimestamp } from '../../model/index.ts';
import { testConfig } from '../testing/toy-cluster.ts';
import { symptomsOf } from './symptoms.ts';

const config = testConfig();
const anomaly = (more: Partial<Anomaly> = {}): Anomaly => ({
  ...{ id: 'a', revision: 1, state: 'firing', entity: { kind: 'service', namespace: 'shop', name: 'cart' } },
  ...{ series: 's', metric: 'm', signal: 'latency', detector: 'seasonal', onset: toTimestamp(0) },
  ...{ detectedAt: toTimestamp(5_000), observed: 9, expected: 1, lower: 0, upper: 2, unit: 's', score: 20 },
  ...{ severity: 0.99, reason: '' },
  ...more,
});
const at = (nowMs: number, one: Anomaly, lastSeenMs = nowMs) =>
  symptomsOf({ anomalies: [one], facts: [], lastSeenMs: () => lastSeenMs }, config, nowMs);

describe('a symptom is', () => {
  it('a severe latency or error anomaly that lasts', () => {
    expect(at(config.persistSeconds * 1000, anomaly())).toHaveLength(1);
    expect(at(config.persistSeconds * 1000 - 1, anomaly())).toEqual([]);
    expect(at(60_000, anomaly({ severity: 0.5 }))).toEqual([]);
  });

  it('a broken SLO at once', () => {
    expect(at(1_000, anomaly({ detector: 'slo', severity: 0.6 }))).toMatchObject([{ slo: true }]);
  });

  it('not a resource, traffic or log anomaly', () => {
    for (const signal of ['cpu', 'memory', 'traffic', 'log-rate', 'queue'] as const) {
      expect(at(60_000, anomaly({ signal }))).toEqual([]);
    }
  });

  it('not a series that names no entity', () => {
    expect(at(60_000, anomaly({ entity: { kind: 'series', namespace: '', name: 'm' } }))).toEqual([]);
  });
});

describe('a symptom is over', () => {
  it('when its anomaly cleared', () => {
    const cleared = anomaly({ state: 'cleared', clearedAt: toTimestamp(30_000) });
    expect(at(60_000, cleared)).toMatchObject([{ clearMs: 30_000 }]);
  });

  it('when its series fell silent for long', () => {
    const silentMs = config.staleSeconds * 1000;
    expect(at(20_000 + silentMs, anomaly(), 20_000)[0].clearMs).toBeUndefined();
    expect(at(20_001 + silentMs, anomaly(), 20_000)[0].clearMs).toBe(20_000);
  });
});
