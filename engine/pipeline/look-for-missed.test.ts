import { Value } from 'typebox/value';
import { expect, test } from 'vitest';
import { createCalendar, DetectorsConfig } from '../../detectors/index.ts';
import { createRandom, type SeriesPoints, type StoreReader } from '../../model/index.ts';
import { lookForMissed } from './look-for-missed.ts';

const { metrics, calendar, policy } = Value.Parse(DetectorsConfig, Value.Default(DetectorsConfig, {}));
const options = {
  config: metrics,
  calendar: createCalendar(calendar),
  lowestShare: policy.feedback.lowestShare,
};
const entity = { kind: 'service', namespace: 'shop', name: 'cart' } as const;
const endMs = Date.UTC(2026, 0, 9);
const reported = { selector: { entity }, fromMs: endMs - 400_000, toMs: endMs };

/** Gauges of one service that tremble; the last of them by `height` more in the first half of the time reported. */
function seriesOf(count: number, samples: number, stepMs: number, height: number): SeriesPoints[] {
  const random = createRandom(7);
  return Array.from({ length: count }, (_, nth) => {
    const timesMs = Array.from({ length: samples }, (_, at) => endMs - (samples - at) * stepMs);
    const isRaised = (timeMs: number) => nth === count - 1 && timeMs >= reported.fromMs && timeMs < endMs - 200_000;
    const values = timesMs.map((timeMs) => 50 + 6 * (random() + random() - 1) + (isRaised(timeMs) ? height : 0));
    const name = `m${String(nth).padStart(3, '0')}.queue.depth`;
    const bands = { expected: [], lower: [], upper: [] };
    return { fingerprint: name, metric: name, labels: {}, unit: '', kind: 'gauge', entity, timesMs, values, ...bands };
  });
}

/** Thins as stores do: of each stretch of time the lowest and the highest. */
function thinned(points: SeriesPoints, fromMs: number, toMs: number, most: number): SeriesPoints {
  const rows = points.timesMs.map((timeMs, at) => [timeMs, points.values[at]!] as const);
  const within = rows.filter(([timeMs]) => timeMs >= fromMs && timeMs <= toMs);
  const widthMs = (toMs - fromMs + 1) / (most / 2);
  const buckets = Object.values(Object.groupBy(within, ([timeMs]) => Math.floor((timeMs - fromMs) / widthMs)));
  const extremes = buckets.flatMap((bucket) => {
    const [lowest, highest] = [-1, 1].map((side) => bucket!.reduce((a, b) => (side * b[1] > side * a[1] ? b : a)));
    return [...new Set([lowest!, highest!])].sort((a, b) => a[0] - b[0]);
  });
  const kept = within.length <= most ? within : extremes;
  return { ...points, timesMs: kept.map(([timeMs]) => timeMs), values: kept.map(([, value]) => value) };
}

function storeOf(all: readonly SeriesPoints[]): Pick<StoreReader, 'series' | 'points'> {
  const matching = (fingerprint: string | undefined) =>
    fingerprint === undefined ? all : all.filter((one) => one.fingerprint === fingerprint);
  return {
    series: async ({ fingerprint }, limit) => matching(fingerprint).slice(0, limit),
    points: async ({ fingerprint }, fromMs, toMs, most, mostSeries) =>
      matching(fingerprint)
        .slice(0, mostSeries)
        .map((one) => thinned(one, fromMs, toMs, most)),
  };
}

test('what was missed is found among many series of its entity, whatever its name', async () => {
  const all = seriesOf(40, 600, 10_000, 18);
  const look = await lookForMissed(storeOf(all), reported, options);
  expect(look).toMatchObject({ points: { metric: 'm039.queue.depth' }, direction: 'up' });
  expect(look.share).toBeLessThan(1);
});

test('of a series with a sample each five seconds, each of four days counts: their extremes alone would hide it', async () => {
  const all = seriesOf(1, 4 * 17_280 + 80, 5000, 12);
  const look = await lookForMissed(storeOf(all), reported, options);
  expect(look.share).toBeLessThan(1);
});

test('more series than can be looked at are refused, and none that match are told', async () => {
  const [points] = seriesOf(1, 10, 10_000, 0);
  const many = Array.from({ length: 301 }, (_, at) => ({ ...points!, fingerprint: `${at}` }));
  const refused = (all: readonly SeriesPoints[]) => lookForMissed(storeOf(all), reported, options);
  await expect(refused(many)).rejects.toMatchObject({ code: 'KYBERN_BAD_REQUEST' });
  await expect(refused([])).rejects.toMatchObject({ code: 'KYBERN_NOT_FOUND' });
});
