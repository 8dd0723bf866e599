import { expect, test } from 'vitest';
import { createRandom, noMetrics } from '../../model/index.ts';
import { createMemoryCatalog } from '../testing/memory-catalog.ts';
import { createNoise, podGauge, sampleBatch, startMs } from '../testing/synthetic.ts';
import { defaultConfig } from '../testing/workbench.ts';
import { type DailyRun, noteBegin } from './daily-runs.ts';
import { createEntityDetector } from './entity-detector.ts';

const hour = 3_600_000;
const day = 24 * hour;
const stepMs = 300_000;
const names = ['cpu_usage', 'memory_usage_bytes', 'rows', 'threads', 'io', 'queue_depth'];

const everyNight = () => 300;

/** Days on which something is told of a pod that works for an hour or so from about two each night on, in all that it measures. */
function daysTold(days: number, sizeOf: (night: number, metric: number) => number, hoursLate = (_night: number) => 0) {
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
  for (let timeMs = startMs; timeMs < startMs + days * day; timeMs += stepMs) {
    const night = Math.floor((timeMs - startMs) / day);
    const into = ((timeMs - startMs) % day) / hour - 2 - hoursLate(night) - (night % 3) / 6;
    const isBusy = into >= 0 && into < 1.2 + (night % 4) / 10;
    const rows = series.map((id, metric) => {
      const size = isBusy ? sizeOf(night, metric) : 0;
      return [id, timeMs, (metric + 1) * (100 + 2 * noise() + size)] as const;
    });
    detector.observe(sampleBatch(rows));
    detector.advance(timeMs);
    for (const { revision, onset } of detector.takeAnomalies())
      if (revision === 1) told.push(Math.floor((Date.parse(onset) - startMs) / day));
  }
  return [...new Set(told)];
}

test('metrics that break with their usual each night, for a job, are told on three nights', () => {
  // The first nights fall into the time in which little is known of the entity.
  expect(daysTold(14, everyNight)).toEqual([4, 5, 6]);
});

test('a job that comes at another time, or breaks three times as much, is told', () => {
  expect(daysTold(10, everyNight, (night) => (night === 9 ? 6 : 0))).toEqual([4, 5, 6, 9]);
  expect(daysTold(10, (night) => (night === 9 ? 2000 : 300))).toEqual([4, 5, 6, 9]);
});

test('what begins each day is known from the fourth on, up to half as much again, by the same metrics', () => {
  const runs: DailyRun[] = [];
  const limits = [0, 1, 2, 3, 6, 7].map((at) => noteBegin(runs, at * day + (at % 2) * 0.4 * hour, 8, ['a', 'b']));
  expect(limits.slice(0, 3)).toEqual([0, 0, 0]);
  // It rests at a weekend.
  for (const limit of limits.slice(3)) expect(limit).toBe(12);
  expect(noteBegin(runs, 8 * day, 8, ['c'])).toBe(0);
});

test('what begins at several times of the day is known at each of them', () => {
  const runs: DailyRun[] = [];
  const limits = [0, 1, 2, 3].map((at) => [2, 5, 9].map((hours) => noteBegin(runs, at * day + hours * hour, 6, ['a'])));
  expect(limits.at(-1)).toEqual([9, 9, 9]);
});
