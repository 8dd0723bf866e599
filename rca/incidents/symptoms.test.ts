import { describe, expect, it } from 'vitest';
import { type Anomaly, toTimestamp } from '../../model/index.ts';
import { appendPoint, createHistory, type SeriesHistory } from '../evidence/series-history.ts';
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
const historyOf = (points: readonly (readonly [timeMs: number, value: number])[]) => {
  const history = createHistory();
  for (const [timeMs, value] of points) appendPoint(history, timeMs, value, 360, 1);
  return history;
};
const at = (nowMs: number, one: Anomaly, history?: SeriesHistory) =>
  symptomsOf({ anomalies: [one], facts: [], historyOf: () => history }, config, nowMs);

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

  it('error lines of a kind never seen before', () => {
    expect(at(60_000, anomaly({ signal: 'log-rate', detector: 'log-template' }))).toHaveLength(1);
    expect(at(60_000, anomaly({ signal: 'log-rate', detector: 'log-template', severity: 0.5 }))).toEqual([]);
  });

  it('not what a client sees of those it calls', () => {
    expect(at(60_000, anomaly({ metric: 'http.client.request.duration' }))).toEqual([]);
    expect(at(60_000, anomaly({ metric: 'http.server.request.duration' }))).toHaveLength(1);
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
    const history = historyOf([10_000, 15_000, 20_000].map((timeMs) => [timeMs, 9]));
    expect(at(20_000 + silentMs, anomaly(), history)[0].clearMs).toBeUndefined();
    expect(at(20_001 + silentMs, anomaly(), history)[0].clearMs).toBe(20_000);
  });
});

describe('where samples come every five minutes', () => {
  const minutes = (...values: number[]) => historyOf(values.map((value, index) => [(index - 4) * 300_000, value]));
  const calm = [1, 1.2, 0.9, 1];

  it('silence is counted in samples', () => {
    expect(at(20 * 60_000, anomaly(), minutes(...calm, 9, 9))[0].clearMs).toBeUndefined();
    expect(at(20 * 60_000 + 1, anomaly(), minutes(...calm, 9, 9))[0].clearMs).toBe(300_000);
  });

  it('two clean samples end it, long before its detector clears it', () => {
    expect(at(600_000, anomaly(), minutes(...calm, 9, 9, 1))[0].clearMs).toBeUndefined();
    expect(at(900_000, anomaly(), minutes(...calm, 9, 9, 1, 1.4))[0].clearMs).toBe(600_000);
    expect(at(900_000, anomaly(), minutes(...calm, 9, 9, 1, 1.8))[0].clearMs).toBeUndefined();
  });

  it('it begins anew, at its new onset, with a far or a second deviating sample', () => {
    const over = [...calm, 9, 9, 1, 1];
    expect(at(1_200_000, anomaly(), minutes(...over, 2.5))[0].clearMs).toBe(600_000);
    for (const again of [[4], [2.5, 2.5]]) {
      const [symptom] = at(1_500_000, anomaly(), minutes(...over, ...again));
      expect(symptom).toMatchObject({ onsetMs: 1_200_000, stepMs: 300_000 });
      expect(symptom.clearMs).toBeUndefined();
    }
  });
});
