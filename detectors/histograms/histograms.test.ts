import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Anomaly, canonicalLabels, createRandom, type EndBatch, type SeriesKind } from '../../model/index.ts';
import { sampleBatch, startMs } from '../testing/synthetic.ts';
import { createWorkbench } from '../testing/workbench.ts';
import { growthOf, quantileOfBuckets } from './distribution.ts';

const bounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, Number.POSITIVE_INFINITY];
const scrapeMs = 15_000;

/** A histogram as Prometheus has it, and the detectors that its scrapes go to. */
function setting(kind: SeriesKind = 'counter', others: readonly number[] = bounds) {
  const { catalog, detectors } = createWorkbench();
  let current = bounds;
  const seriesOf = (bound: number) =>
    catalog.intern({
      name: 'http_request_duration_seconds_bucket',
      labels: canonicalLabels([
        ['le', bound === Number.POSITIVE_INFINITY ? '+Inf' : String(bound)],
        ['pod', 'cart-1'],
        ['namespace', 'shop'],
      ]),
      kind,
      unit: '',
      origin: 'received',
    });
  let series = bounds.map(seriesOf);
  let at = startMs;
  let cumulative = bounds.map(() => 0);
  const anomalies: Anomaly[] = [];
  const told: { quantile: string; timeMs: number; value: number }[] = [];
  return {
    anomalies,
    told,
    detectors,
    restart: () => {
      cumulative = current.map(() => 0);
    },
    /** A deployment that counts in other buckets, from nothing. */
    deploy: () => {
      current = [...others];
      series = current.map(seriesOf);
      cumulative = current.map(() => 0);
    },
    /** A stale marker of each bucket, or of the lowest ones only; a scrape later event time has passed it. */
    async end(buckets = series.length): Promise<void> {
      const batch: EndBatch = {
        kind: 'ends',
        count: buckets,
        series: Uint32Array.from(series.slice(0, buckets)),
        timesMs: new Float64Array(buckets).fill(at),
      };
      anomalies.push(...(await detectors.observe(batch)).anomalies);
      at += scrapeMs;
      anomalies.push(...(await detectors.advance(at - 1000)).anomalies);
    },
    /** One scrape, after these observations. */
    async scrape(observations: readonly number[], received = current.length): Promise<void> {
      if (kind === 'delta') cumulative = current.map(() => 0);
      for (const each of observations)
        for (const [i, bound] of current.entries()) if (each <= bound) cumulative[i]! += 1;
      const rows = series.slice(0, received).map((id, i): [number, number, number] => [id, at, cumulative[i]!]);
      // Senders with several connections split a scrape.
      await detectors.observe(sampleBatch(rows.slice(0, 5)));
      await detectors.observe(sampleBatch(rows.slice(5)));
      at += scrapeMs;
      const result = await detectors.advance(at - 1000);
      anomalies.push(...result.anomalies);
      for (const batch of result.derived) {
        for (let row = 0; row < batch.count; row += 1) {
          const { name, labels, entity } = catalog.get(batch.series[row]!);
          expect([name, entity]).toEqual([
            'http_request_duration_seconds',
            { kind: 'pod', namespace: 'shop', name: 'cart-1' },
          ]);
          const quantile = labels.find((label) => label[0] === 'quantile')![1];
          told.push({ quantile, timeMs: batch.timesMs[row]!, value: batch.values[row]! });
        }
      }
    },
  };
}

const steady = (count: number, value: number) => Array.from({ length: count }, () => value);

describe('quantiles of a classic histogram', () => {
  test('are those of the observations since the last scrape, as series of the same entity', async () => {
    const { scrape, told } = setting();
    await scrape(steady(5000, 7));
    expect(told).toEqual([]);
    await scrape([...steady(80, 0.04), ...steady(20, 0.2)]);
    expect(told.map(({ quantile }) => quantile)).toEqual(['0.5', '0.9', '0.99']);
    const [p50, p90, p99] = told.map(({ value }) => value);
    expect(p50).toBeCloseTo(0.025 + (0.025 * 50) / 80, 9);
    expect(p90).toBeCloseTo(0.1 + 0.15 / 2, 9);
    expect(p99).toBeCloseTo(0.1 + (0.15 * 19) / 20, 9);
  });

  test('of increments too, and after a restart of what was counted from zero', async () => {
    const increments = setting('delta');
    await increments.scrape(steady(100, 0.04));
    expect(increments.told.map(({ quantile }) => quantile)).toEqual(['0.5', '0.9', '0.99']);
    const { scrape, restart, told } = setting();
    await scrape(steady(500, 7));
    restart();
    await scrape(steady(50, 0.04));
    expect(told.map(({ quantile }) => quantile)).toEqual(['0.5', '0.9']);
    expect(told[0]!.value).toBeCloseTo(0.0375, 9);
  });

  test('wait for twenty observations', async () => {
    const { scrape, told } = setting();
    await scrape([]);
    for (let at = 0; at < 3; at += 1) await scrape(steady(6, 0.04));
    expect(told).toEqual([]);
    await scrape(steady(6, 0.04));
    expect(told.map(({ quantile }) => quantile)).toEqual(['0.5', '0.9']);
  });

  test('are those of the new buckets alone once a deployment counts in others', async () => {
    const { scrape, deploy, told, detectors } = setting('counter', [0.02, 0.2, 2, Number.POSITIVE_INFINITY]);
    for (let at = 0; at < 3; at += 1) await scrape(steady(100, 0.15));
    deploy();
    await scrape(steady(100, 0.15));
    expect(detectors.load(detectors.save())).toBe(true);
    told.length = 0;
    for (let at = 0; at < 3; at += 1) await scrape([...steady(90, 0.15), ...steady(10, 7)]);
    const values = (quantile: string) => told.filter((each) => each.quantile === quantile).map(({ value }) => value);
    for (const value of values('0.5')) expect(value).toBeCloseTo(0.02 + (0.18 * 50) / 90, 9);
    expect(values('0.99')).toEqual([2, 2, 2]);
  });

  test('at its tail gather a hundred observations, where each scrape has less, over a checkpoint too', async () => {
    const { scrape, told, detectors } = setting();
    await scrape([]);
    for (let at = 0; at < 4; at += 1) {
      await scrape([...steady(29, 0.04), 0.2]);
      expect(detectors.load(detectors.save())).toBe(true);
    }
    const last = told.at(-1)!;
    expect(told.map(({ quantile }) => quantile)).toEqual([
      '0.5',
      '0.9',
      '0.5',
      '0.9',
      '0.5',
      '0.9',
      '0.5',
      '0.9',
      '0.99',
    ]);
    expect(last.value).toBeCloseTo(0.1 + (0.15 * 2.8) / 4, 9);
  });

  test('are none of a scrape of which the end came too late, and those of both with the next', async () => {
    const { scrape, told } = setting();
    for (let at = 0; at < 3; at += 1) await scrape(steady(100, 0.04));
    told.length = 0;
    await scrape(steady(100, 0.04), 7);
    expect(told).toEqual([]);
    await scrape(steady(100, 0.04));
    expect(told.map(({ value }) => value <= 0.05)).toEqual([true, true, true]);
  });

  test('go on after a checkpoint', async () => {
    const { scrape, told, detectors } = setting();
    await scrape(steady(100, 0.04));
    await scrape(steady(10, 0.04));
    expect(detectors.load(detectors.save())).toBe(true);
    await scrape(steady(10, 0.04));
    expect(told.map(({ quantile }) => quantile)).toEqual(['0.5', '0.9']);
    expect(told[0]!.value).toBeCloseTo(0.0375, 9);
  });
});

test('a regression of latency that only a histogram shows is an anomaly', async () => {
  const { scrape, anomalies } = setting();
  const random = createRandom(3);
  const draw = (median: number) => Array.from({ length: 200 }, () => median * Math.exp(random() - 0.5));
  for (let at = 0; at < 60; at += 1) await scrape(draw(0.04));
  expect(anomalies).toEqual([]);
  for (let at = 0; at < 8; at += 1) await scrape(draw(0.4));
  const [first] = anomalies;
  expect(first).toMatchObject({
    metric: 'http_request_duration_seconds',
    signal: 'latency',
    state: 'firing',
    unit: 's',
    entity: { kind: 'pod', namespace: 'shop', name: 'cart-1' },
  });
});

test('quantiles have the unit that their sum has, where the name says none', async () => {
  const { catalog, detectors } = createWorkbench();
  const intern = (suffix: string, unit: string, le?: string) =>
    catalog.intern({
      name: `http.server.request.duration${suffix}`,
      labels: canonicalLabels([['service.name', 'cart'], ...(le === undefined ? [] : [['le', le] as const])]),
      kind: 'counter',
      unit,
      origin: 'received',
    });
  const buckets = [intern('_bucket', '', '0.1'), intern('_bucket', '', '+Inf')];
  const sum = intern('_sum', 's');
  for (const count of [100, 200]) {
    const timeMs = startMs + count * 1000;
    await detectors.observe(
      sampleBatch([
        [buckets[0]!, timeMs, count],
        [buckets[1]!, timeMs, count],
        [sum, timeMs, count],
      ]),
    );
  }
  const { derived } = await detectors.advance(startMs + 300_000);
  const units = derived.flatMap((batch) => [...batch.series].map((series) => catalog.get(series).unit));
  expect([units.length > 0, ...new Set(units)]).toEqual([true, 's']);
});

test('a quantile lies in the bucket of the observation of its rank', () => {
  const values = fc.array(fc.double({ min: 0.0001, max: 9.9, noNaN: true }), { minLength: 1, maxLength: 60 });
  fc.assert(
    fc.property(values, fc.double({ min: 0.01, max: 1, noNaN: true }), (observed, share) => {
      const cumulative = Float64Array.from(bounds, (bound) => observed.filter((value) => value <= bound).length);
      const exact = observed.sort((a, b) => a - b)[Math.ceil(share * observed.length) - 1]!;
      const at = bounds.findIndex((bound) => exact <= bound);
      const told = quantileOfBuckets(Float64Array.from(bounds), cumulative, share);
      expect(told).toBeLessThanOrEqual(bounds[at]! * (1 + 1e-9));
      expect(told).toBeGreaterThanOrEqual((at === 0 ? 0 : bounds[at - 1]!) * (1 - 1e-9));
    }),
  );
});

test('the growth of a histogram is its observations, whichever buckets were sent before', () => {
  const sets = fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 30 });
  fc.assert(
    fc.property(sets, sets, (first, second) => {
      const grid = [0, 1, 2, 3, 4, 5];
      const countOf = (values: readonly number[]) =>
        grid.map((bound) => values.filter((value) => value <= bound).length);
      // As a sender of exponential buckets does: from the lowest with observations to the highest, and the last.
      const sent = (values: readonly number[]) => {
        const [low, high] = [Math.min(...values), Math.max(...values)];
        return countOf(values).map((count, at) => (at === 5 || (at >= low && at <= high) ? count : Number.NaN));
      };
      const growth = growthOf(
        Float64Array.from(sent(first)),
        Float64Array.from(sent([...first, ...second])),
        new Float64Array(6),
      );
      expect([...growth!]).toEqual(countOf(second));
    }),
  );
});

describe('a histogram that its sender ended', () => {
  const draw = (random: () => number, median: number) =>
    Array.from({ length: 200 }, () => median * Math.exp(random() - 0.5));

  async function failing() {
    const opened = setting();
    const random = createRandom(3);
    for (let at = 0; at < 60; at += 1) await opened.scrape(draw(random, 0.04));
    for (let at = 0; at < 4; at += 1) await opened.scrape(draw(random, 0.4));
    expect(new Set(opened.anomalies.map(({ state }) => state))).toEqual(new Set(['firing']));
    return { ...opened, random, fired: opened.anomalies.splice(0) };
  }

  test('ends its quantiles: what fires on them clears at once, with the reason', async () => {
    const { end, anomalies, fired } = await failing();
    await end();
    expect(anomalies.map(({ id }) => id).sort()).toEqual([...new Set(fired.map(({ id }) => id))].sort());
    for (const anomaly of anomalies)
      expect(anomaly).toMatchObject({ state: 'cleared', reason: expect.stringContaining('its sender ended') });
  });

  test('has not ended where only lower buckets went, or where it came back', async () => {
    const { end, scrape, anomalies, random } = await failing();
    await end(bounds.length - 1);
    expect(anomalies).toEqual([]);
    await scrape(draw(random, 0.4));
    expect(anomalies).toEqual([]);
  });

  test('ends after a checkpoint too, and counts from nothing when it is back', async () => {
    const { end, scrape, restart, anomalies, told, detectors, random } = await failing();
    expect(detectors.load(detectors.save())).toBe(true);
    await scrape(draw(random, 0.4));
    await end();
    expect(anomalies.map(({ state }) => state)).toContain('cleared');
    restart();
    const before = told.length;
    await scrape(draw(random, 0.04));
    expect(told.length).toBe(before);
    await scrape(draw(random, 0.04));
    expect(told.length).toBeGreaterThan(before);
  });
});
