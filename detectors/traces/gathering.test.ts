import { expect, test } from 'vitest';
import { createDurationSketch } from './duration-sketch.ts';
import { createGathering, type Requests } from './gathering.ts';

const options = { minimumRequests: 50, mostWindows: 60 };

function windowOf(count: number, errors = 0): Requests {
  const durations = createDurationSketch();
  for (let at = 0; at < count; at += 1) durations.add(10);
  return { windows: 1, durations, errors, selfMs: 10 * count, pathMs: 0, traceMs: 0, isWhole: true };
}

test('windows of enough requests are told one by one, and so is that none come any more', () => {
  const gathering = createGathering(options);
  for (const count of [80, 60, 70, 0, 0, 3]) expect(gathering.add(7, windowOf(count))?.durations.count).toBe(count);
});

test('windows of few requests are joined until there are enough', () => {
  const gathering = createGathering(options);
  for (let window = 0; window < 500; window += 1) gathering.add(0, windowOf(10));
  const told = Array.from({ length: 10 }, () => gathering.add(0, windowOf(10, 1)));
  const numbers = told.flatMap((each) => (each === undefined ? [] : [[each.windows, each.errors, each.selfMs]]));
  expect(numbers).toEqual([
    [5, 5, 500],
    [5, 5, 500],
  ]);
});

test('what falls short of what is usual is not waited for, least of all where nothing comes', () => {
  const gathering = createGathering(options);
  for (let window = 0; window < 500; window += 1) gathering.add(0, windowOf(10));
  const countUntilTold = (count: number) => {
    for (let windows = 1; ; windows += 1) if (gathering.add(0, windowOf(count)) !== undefined) return windows;
  };
  expect(countUntilTold(2)).toBe(8);
  expect(countUntilTold(0)).toBe(4);
});

test('no more windows are joined than it may be, and what was gathered survives a restart', () => {
  let gathering = createGathering(options);
  for (let window = 0; window < 3000; window += 1) gathering.add(1, windowOf(window % 5 === 0 ? 1 : 0));
  const told: (Requests | undefined)[] = [];
  for (let window = 0; window < 60; window += 1) {
    const saved = JSON.parse(JSON.stringify(gathering.save()));
    gathering = createGathering(options);
    gathering.load(saved);
    told.push(gathering.add(1, windowOf(window % 5 === 0 ? 1 : 0)));
  }
  const [all] = told.filter((each) => each !== undefined);
  expect([all!.windows, all!.durations.count, all!.durations.quantile(0.5)]).toEqual([60, 12, 10]);
});
