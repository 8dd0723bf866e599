import { expect, test } from 'vitest';
import { createRandom, noMetrics } from '../../model/index.ts';
import { createStateReader } from '../checkpoint/state-reader.ts';
import { createStateWriter } from '../checkpoint/state-writer.ts';
import { createMemoryCatalog } from '../testing/memory-catalog.ts';
import { createNoise, podGauge, sampleBatch, startMs } from '../testing/synthetic.ts';
import { defaultConfig } from '../testing/workbench.ts';
import { createEntityDetector, type EntityDetector, type EntityDetectorDeps } from './entity-detector.ts';
import { createEntityRecord } from './entity-record.ts';
import { isDue, noteBurst, noteScore } from './note-burst.ts';
import { createPlacePool } from './place-pool.ts';

const hour = 3_600_000;
const day = 24 * hour;
const names = ['cpu_usage', 'memory_usage_bytes', 'rows', 'threads', 'io', 'queue_depth'];

const everyNight = () => 300;

/** The detector as it is after a restart. */
function restarted(detector: EntityDetector, deps: EntityDetectorDeps): EntityDetector {
  const writer = createStateWriter();
  for (const _ of detector.saveSteps(writer));
  const next = createEntityDetector(deps);
  next.load(createStateReader(writer.finish()));
  return next;
}

/**
 * When anomalies were told of a pod, in milliseconds since the start; all that it measures is about 100, and by so much more.
 * Once a week its detector is started again.
 */
function onsets(lengthMs: number, stepMs: number, moreAt: (passedMs: number, metric: number) => number): number[] {
  const catalog = createMemoryCatalog();
  const series = names.map((name) => catalog.intern(podGauge(name, 'report-1', '')));
  const deps = { catalog, metrics: noMetrics, config: defaultConfig().entities, isScored: () => true };
  let detector = createEntityDetector(deps);
  const noise = createNoise(createRandom(3));
  const told: number[] = [];
  for (let passedMs = 0; passedMs < lengthMs; passedMs += stepMs) {
    if (passedMs > 0 && passedMs % (7 * day) === 0) detector = restarted(detector, deps);
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
function daysTold(
  days: number,
  sizeOf: (night: number, metric: number) => number,
  hoursLate = (_night: number) => 0,
): number[] {
  const told = onsets(days * day, 300_000, (passedMs, metric) => {
    const night = Math.floor(passedMs / day);
    const into = (passedMs % day) / hour - 2 - hoursLate(night) - (night % 3) / 6;
    return into >= 0 && into < 1.2 + (night % 4) / 10 ? sizeOf(night, metric) : 0;
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

test('a job whose metrics take turns in what they explain is known all the same', () => {
  const told = daysTold(14, (night, metric) => (metric === 0 ? 300 : metric === 1 + (night % 3) ? 500 : 0));
  expect(told.length).toBeGreaterThan(0);
  expect(told.length).toBeLessThanOrEqual(5);
  expect(Math.max(...told)).toBeLessThanOrEqual(8);
});

test('what begins each day is due from the fourth on, when it begins and when it ends, by the same series', () => {
  const record = createEntityRecord({ kind: 'pod', namespace: 'shop', name: 'report-1' }, createPlacePool());
  const nights = [0, 1, 2, 3, 4].map((night) => {
    const atMs = startMs + night * day;
    const begins = noteBurst(record, atMs, 8, ['a', 'b']);
    noteScore(record, atMs + 300_000, 9);
    return [begins, noteBurst(record, atMs + 1_200_000, 6, ['b'])];
  });
  expect(nights).toEqual([...Array(3).fill([false, false]), [true, true], [true, true]]);
  expect(noteBurst(record, startMs + 5 * day, 8, ['c', 'a'])).toBe(false);
  expect(noteBurst(record, startMs + 6 * day, 8, ['a'])).toBe(true);
  noteScore(record, startMs + 6 * day + 7_200_000, 8);
  expect(isDue(record)).toBe(false);
});

test('work of each week is told twice', () => {
  expect(daysTold(36, (night) => (night % 7 === 6 ? 300 : 0))).toEqual([6, 13]);
});
