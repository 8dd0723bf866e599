import { expect, test } from 'vitest';
import { createRandom, noMetrics } from '../../model/index.ts';
import { createMemoryCatalog } from '../testing/memory-catalog.ts';
import { createNoise, podGauge, sampleBatch, startMs } from '../testing/synthetic.ts';
import { defaultConfig } from '../testing/workbench.ts';
import { createEntityDetector } from './entity-detector.ts';
import { createRecurring, noteBegin, noteScore } from './recurring.ts';

const hour = 3_600_000;
const day = 24 * hour;
const names = ['cpu_usage', 'memory_usage_bytes', 'rows', 'threads', 'io', 'queue_depth'];

const everyNight = () => 300;

/** When anomalies were told of a pod, in milliseconds since the start; all that it measures is about 100, and by so much more. */
function onsets(lengthMs: number, stepMs: number, moreAt: (passedMs: number, metric: number) => number): number[] {
  const catalog = createMemoryCatalog();
  const series = names.map((name) => catalog.intern(podGauge(name, 'report-1', '')));
  const detector = createEntityDetector({
    catalog,
    metrics: noMetrics,
    config: defaultConfig().entities,
    isScored: () => true,
  });
  const noise = createNoise(createRandom(3));
  const told: number[] = [];
  for (let passedMs = 0; passedMs < lengthMs; passedMs += stepMs) {
    const rows = series.map((id, metric) => {
      const value = (metric + 1) * (100 + 2 * noise() + moreAt(passedMs, metric));
      return [id, startMs + passedMs, value] as const;
    });
    detector.observe(sampleBatch(rows));
    detector.advance(startMs + passedMs);
    for (const { revision, onset } of detector.takeAnomalies())
      if (revision === 1) told.push(Date.parse(onset) - startMs);
  }
  return told;
}

/** Days on which something is told of a pod that works for an hour or so from about two each night on. */
function daysTold(days: number, sizeOf: (night: number) => number, hoursLate = (_night: number) => 0) {
  const told = onsets(days * day, 300_000, (passedMs) => {
    const night = Math.floor(passedMs / day);
    const into = (passedMs % day) / hour - 2 - hoursLate(night) - (night % 3) / 6;
    return into >= 0 && into < 1.2 + (night % 4) / 10 ? sizeOf(night) : 0;
  });
  return [...new Set(told.map((passedMs) => Math.floor(passedMs / day)))];
}

test('metrics that break with their usual each night, for a job, are told on three nights', () => {
  // The first nights fall into the time in which little is known of the entity.
  expect(daysTold(14, everyNight)).toEqual([4, 5, 6]);
});

test('a job that comes at another time, or breaks three times as much, is told', () => {
  expect(daysTold(10, everyNight, (night) => (night === 9 ? 6 : 0))).toEqual([4, 5, 6, 9]);
  expect(daysTold(10, (night) => (night === 9 ? 2000 : 300))).toEqual([4, 5, 6, 9]);
});

test('a job of each hour is told a few times, not each hour; that it does not end is told', () => {
  const job = (passedMs: number) => (passedMs % hour < 480_000 + 60_000 * (Math.floor(passedMs / hour) % 4) ? 300 : 0);
  const told = onsets(20 * hour, 15_000, job);
  expect(told.length).toBeGreaterThan(0);
  expect(told.length).toBeLessThanOrEqual(6);
  const stuck = onsets(21 * hour, 15_000, (passedMs, metric) =>
    passedMs >= 20 * hour ? ((metric + passedMs / 15_000) % 2 === 0 ? 300 : 0) : job(passedMs),
  );
  expect(stuck.slice(told.length).map((passedMs) => Math.floor(passedMs / hour))).toEqual([20]);
});

test('what begins each day is known from the fourth on, up to half as much again, by the same metrics', () => {
  const recurring = createRecurring();
  // It rests at a weekend.
  const limits = [0, 1, 2, 3, 6, 7].map(
    (at) => noteBegin(recurring, at * day + (at % 2) * 0.4 * hour, 8, ['a', 'b']).score,
  );
  expect(limits).toEqual([0, 0, 0, 12, 12, 12]);
  expect(noteBegin(recurring, 8 * day, 8, ['c']).score).toBe(0);
});

test('what begins at several times of the day is known at each of them', () => {
  const recurring = createRecurring();
  const limits = [0, 1, 2, 3].map((at) =>
    [2, 5, 9].map((hours) => noteBegin(recurring, at * day + hours * hour, 6, ['a']).score),
  );
  expect(limits.at(-1)).toEqual([9, 9, 9]);
});

test('what a job of each hour does is known from the fourth on, when it begins and when it ends', () => {
  const recurring = createRecurring();
  const limits = [0, 1, 2, 3, 4, 5].map((at) => {
    const begins = noteBegin(recurring, at * hour + (at % 2) * 60_000, 4, ['a']).score;
    noteScore(recurring, 5, 600_000);
    return [begins, noteBegin(recurring, at * hour + (8 + (at % 4)) * 60_000, 4, ['a']).score];
  });
  expect(
    limits
      .slice(0, 3)
      .flat()
      .filter((limit) => limit > 0),
  ).toHaveLength(1);
  for (const limit of limits.slice(3).flat()) expect(limit).toBe(7.5);
  expect(noteBegin(recurring, 6 * hour, 4, ['a'])).toEqual({ score: 7.5, forMs: 900_000 });
  expect(noteBegin(recurring, 9.5 * hour, 4, ['a']).score).toBe(0);
});
