import { expect, test } from 'vitest';
import type { HistorySeries } from '../../model/index.ts';
import { partsOf, spanThatFits } from './backfill-plan.ts';

const wanted = { days: 14, wholeHours: 24 };

test('what fits is read whole; else fewer days of minutes, then fewer hours of samples', () => {
  const pace = { samplesPerMs: 100, samplesPerDay: 5760 };
  const all = 5760 + 13 * 1440;
  const spanOf = (share: number) => {
    const span = spanThatFits(wanted, pace, { ms: (share * all * 1000) / 100, series: 1000 });
    return [Number(span.days.toFixed(2)), Number(span.wholeHours.toFixed(2))];
  };
  expect(spanOf(5)).toEqual([14, 24]);
  expect(spanOf(1)).toEqual([14, 24]);
  expect(spanOf(0.5)).toEqual([5.5, 24]);
  expect(spanOf(0.1)).toEqual([0.42, 10.2]);
  expect(spanOf(-1)).toEqual([0, 0]);
});

test('a series that is sampled each five minutes has no more samples for being read by the minute', () => {
  expect(spanThatFits(wanted, { samplesPerMs: 1, samplesPerDay: 288 }, { ms: 14 * 288, series: 1 }).days).toBe(14);
});

test('the series of an entity stay together, up to twice a part', () => {
  const series = ['a', 'a', 'a', 'b', 'b', 'c', 'c', 'c', 'c', 'c', 'c', 'c'].map(
    (name, at): HistorySeries => ({
      fingerprint: String(at),
      entity: { kind: 'service', namespace: 'shop', name },
      identity: { name: 'm', labels: [], kind: 'gauge', unit: '', origin: 'received' },
    }),
  );
  const parts = partsOf(series, 2).map((part) => part.map(({ entity }) => entity.name).join(''));
  expect(parts).toEqual(['aaa', 'bb', 'cccc', 'ccc']);
  const first = partsOf(series, 4, 1).map((part) => part.length);
  expect(first).toEqual([3, 8, 1]);
  expect(partsOf([], 2)).toEqual([]);
});
