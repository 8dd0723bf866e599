import { expect, test } from 'vitest';
import type { SeriesPoints } from '../../model/index.ts';
import { createStoreHistory } from './store-history.ts';

const nowMs = Date.UTC(2026, 4, 11);

/** A store that thins as stores do: the smallest and the largest value of each bucket. */
function storeOf(timesMs: readonly number[]) {
  return {
    async points(_selector: object, fromMs: number, toMs: number, most: number): Promise<readonly SeriesPoints[]> {
      const rows = timesMs
        .map((time, at) => [time, Math.sin(at)] as const)
        .filter(([time]) => time >= fromMs && time <= toMs);
      const width = Math.ceil((toMs - fromMs + 1) / (most / 2));
      const buckets = Map.groupBy(rows, ([time]) => Math.floor((time - fromMs) / width));
      const kept =
        rows.length <= most
          ? rows
          : [...buckets.values()].flatMap((bucket) => {
              const sorted = bucket.toSorted((a, b) => a[1] - b[1]);
              return [...new Set([sorted[0]!, sorted.at(-1)!])].sort((a, b) => a[0] - b[0]);
            });
      const series = { timesMs: kept.map(([time]) => time), values: kept.map(([, value]) => value) };
      return timesMs.length === 0 ? [] : [series as unknown as SeriesPoints];
    },
  };
}

const every = (intervalMs: number, count: number, endMs = nowMs) =>
  Array.from({ length: count }, (_, at) => endMs - (count - 1 - at) * intervalMs);

test.each([
  ['all of a short series', every(60_000, 200), 0, 200],
  ['the newest of a long one, none left out', every(15_000, 5000), 0, 1000],
  ['what is not older than wanted', every(60_000, 5000), nowMs - 3_600_000, 61],
  ['of a series that ended long ago', every(60_000, 300, nowMs - 86_400_000), 0, 300],
  ['of one that is sampled once an hour', every(3_600_000, 100), 0, 100],
  ['of one that was away for a day', [...every(30_000, 400, nowMs - 86_400_000), ...every(30_000, 100)], 0, 100],
  ['of one that is sampled twice a second', every(500, 20_000), 0, 1000],
])('%s', async (_what, timesMs, fromMs, count) => {
  const { timesMs: times, values } = await createStoreHistory(storeOf(timesMs), { now: () => nowMs }).points(
    'f',
    fromMs,
    1000,
  );
  expect([...times.slice(-count)]).toEqual(timesMs.slice(-count));
  expect([...values.slice(-count)]).toEqual(timesMs.map((_, at) => Math.sin(at)).slice(-count));
  expect(times.length).toBeLessThanOrEqual(1000);
});

test('a series is whole whatever was asked for before it, and one question is enough where all are alike', async () => {
  let questions = 0;
  const each = [every(15_000, 3000), every(60_000, 3000), every(15_000, 3000), every(15_000, 3000), every(1000, 3000)];
  const stores = each.map(storeOf);
  const history = createStoreHistory(
    {
      points: ({ fingerprint }, fromMs, toMs, most) => {
        questions += 1;
        return stores[Number(fingerprint)]!.points({}, fromMs, toMs, most);
      },
    },
    { now: () => nowMs },
  );
  const asked: number[] = [];
  for (const [at, timesMs] of each.entries()) {
    questions = 0;
    const { timesMs: times } = await history.points(String(at), 0, 1000);
    expect([...times]).toEqual(timesMs.slice(-1000));
    asked.push(questions);
  }
  expect(asked[3]).toBe(1);
});

test('nothing of a series that there is not', async () => {
  const { timesMs } = await createStoreHistory(storeOf([]), { now: () => nowMs }).points('f', 0, 1000);
  expect(timesMs).toHaveLength(0);
});
