import { expect, test } from 'vitest';
import { createDurationSketch } from './duration-sketch.ts';
import { createGathering, type Gathering, type Requests } from './gathering.ts';

const options = { minimumRequests: 50, mostWindows: 60 };

function windowOf(count: number, errors = 0): Requests {
  const durations = createDurationSketch();
  for (let at = 0; at < count; at += 1) durations.add(10);
  return { windows: 1, durations, errors, selfMs: 10 * count, pathMs: 0, traceMs: 0, isWhole: true };
}

/** So many requests a window for long, up to when they were told. */
function usually(gathering: Gathering, count: number): void {
  for (let window = 0; window < 500; window += 1) gathering.add(0, windowOf(count));
  while (gathering.add(0, windowOf(count)) === undefined);
}

test('windows of enough requests are told one by one, and so is that none come any more', () => {
  const gathering = createGathering(options);
  for (const count of [80, 60, 70, 0, 0, 60]) expect(gathering.add(7, windowOf(count))?.durations.count).toBe(count);
});

test('the last requests before nothing comes are not joined with that', () => {
  const gathering = createGathering(options);
  for (let window = 0; window < 20; window += 1) gathering.add(0, windowOf(60));
  const told = [40, 0, 0].map((count) => gathering.add(0, windowOf(count)));
  expect(told.map((each) => each && [each.windows, each.durations.count])).toEqual([undefined, [1, 40], [1, 0]]);
});

test('windows of few requests are joined until there are enough', () => {
  const gathering = createGathering(options);
  usually(gathering, 10);
  const told = Array.from({ length: 10 }, () => gathering.add(0, windowOf(10, 1)));
  const numbers = told.flatMap((each) => (each === undefined ? [] : [[each.windows, each.errors, each.selfMs]]));
  expect(numbers).toEqual([
    [5, 5, 500],
    [5, 5, 500],
  ]);
});

test('what falls short of what is usual is not waited for, least of all where nothing comes', () => {
  const gathering = createGathering(options);
  usually(gathering, 10);
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

test('what was gathered of a target that was never told survives a restart too', () => {
  const [before, after] = [createGathering(options), createGathering(options)];
  expect(before.add(3, windowOf(30))).toBeUndefined();
  after.load(JSON.parse(JSON.stringify(before.save())));
  expect(after.add(3, windowOf(30))).toMatchObject({ windows: 2, selfMs: 600 });
});
