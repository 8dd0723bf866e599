import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { noMetrics, type SampleBatch, type SeriesIdentity } from '../../model/index.ts';
import { createSeriesCatalog } from '../catalog/series-catalog.ts';
import { createMemoryTopic } from '../testing/memory-topic.ts';
import { createActiveSeries } from './active-series.ts';
import { createActivityCount } from './activity-count.ts';

function open(limits: { activeSeries?: number; activeSeriesPerMetric?: number; perTenant?: number }) {
  const time = { ms: 10_000_000 };
  const active = createActiveSeries({
    catalog: createSeriesCatalog(createMemoryTopic(), { series: 1_000_000 }),
    limits: {
      activeSeconds: 60,
      activeSeries: limits.activeSeries ?? 0,
      activeSeriesPerMetric: limits.activeSeriesPerMetric ?? 0,
      activeSeriesOf: () => limits.perTenant ?? 0,
    },
    clock: { now: () => time.ms, sleep: () => Promise.resolve(true) },
    metrics: noMetrics,
  });
  return { active, time };
}

const gauge = (name: string, pod: string, tenant?: string): SeriesIdentity => ({
  name,
  labels:
    tenant === undefined
      ? [['pod', pod]]
      : [
          ['pod', pod],
          ['tenant', tenant],
        ],
  kind: 'gauge',
  unit: '',
  origin: 'received',
});

function batchOf(...ids: number[]): SampleBatch {
  const { length: count } = ids;
  return {
    kind: 'samples',
    count,
    series: Uint32Array.from(ids),
    timesMs: new Float64Array(count),
    values: new Float64Array(count),
  };
}

describe('active series', () => {
  test('a bomb of new series is stopped exactly at the limit; those known go on', () => {
    const { active } = open({ activeSeries: 1000 });
    const known = active.catalog.intern(gauge('good', 'a'));
    let refused = 0;
    for (let n = 0; n < 5000; n++) {
      try {
        active.catalog.intern(gauge('bomb', String(n)));
      } catch (error) {
        expect(error).toMatchObject({ code: 'KYBERN_SERIES_LIMIT' });
        refused++;
      }
    }
    expect(refused).toBe(4001);
    expect(active.size).toBe(1000);
    expect(active.catalog.intern(gauge('good', 'a'))).toBe(known);
  });

  test('one metric that explodes leaves room for the others', () => {
    const { active } = open({ activeSeriesPerMetric: 10 });
    for (let n = 0; n < 10; n++) active.catalog.intern(gauge('bomb', String(n)));
    expect(() => active.catalog.intern(gauge('bomb', 'one more'))).toThrow(/of bomb are active/);
    expect(active.catalog.intern(gauge('good', 'a'))).toBe(10);
    expect(active.largest(1)).toEqual([{ metric: 'bomb', activeSeries: 10 }]);
  });

  test('one tenant does not take the room of another', () => {
    const { active } = open({ perTenant: 2 });
    for (const pod of ['a', 'b']) active.catalog.intern(gauge('m', pod, 'acme'));
    expect(() => active.catalog.intern(gauge('m', 'c', 'acme'))).toThrow(/of acme/);
    expect(() => active.catalog.intern(gauge('m', 'c', 'beta'))).not.toThrow();
  });

  test('there is room again when series were not seen for a while', () => {
    const { active, time } = open({ activeSeries: 2 });
    const [a] = ['a', 'b'].map((pod) => active.catalog.intern(gauge('m', pod)));
    time.ms += 30_000;
    active.seen(batchOf(a!));
    expect(active.size).toBe(2);
    time.ms += 30_000;
    expect(active.size).toBe(1);
    expect(() => active.catalog.intern(gauge('m', 'c'))).not.toThrow();
  });

  test('what Kybern derives itself is never refused', () => {
    const { active } = open({ activeSeries: 1 });
    active.catalog.intern(gauge('m', 'a'));
    expect(() => active.catalog.intern({ ...gauge('derived', 'a'), origin: 'traces' })).not.toThrow();
  });
});

test('the count is what a list of last sightings says', () => {
  const sightings = fc.array(fc.record({ id: fc.nat(30), waitMs: fc.nat(1500) }), { maxLength: 300 });
  fc.assert(
    fc.property(sightings, (list) => {
      const count = createActivityCount(1000, (id) => ({ metric: `m${id % 3}`, tenant: `t${id % 2}` }));
      const last = new Map<number, number>();
      let nowMs = 5000;
      for (const { id, waitMs } of list) {
        nowMs += waitMs;
        count.mark(id, nowMs);
        last.set(id, Math.floor(nowMs / 1000));
        const round = Math.floor(nowMs / 1000);
        const alive = [...last].filter(([, seen]) => seen >= round - 1).map(([each]) => each);
        expect(count.total(nowMs)).toBe(alive.length);
        expect(count.ofMetric('m1', nowMs)).toBe(alive.filter((each) => each % 3 === 1).length);
        expect(count.ofTenant('t0', nowMs)).toBe(alive.filter((each) => each % 2 === 0).length);
      }
    }),
  );
});
