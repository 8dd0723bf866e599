import { expect, test } from 'vitest';
import { createStallWatch } from './stall-watch.ts';

const lag = (committed: number, records: number, partition = 0) => ({ topic: 'orders', partition, committed, records });

test('a consumer that commits is not stalled, however far behind it is', () => {
  const watch = createStallWatch(1000);
  for (let time = 0; time < 10; time++) expect(watch.isStalled([lag(time, 1_000_000)], time * 500)).toBe(false);
});

test('a consumer with nothing to read is not stalled', () => {
  const watch = createStallWatch(1000);
  for (let time = 0; time < 10; time++) expect(watch.isStalled([lag(7, 0)], time * 500)).toBe(false);
});

test('one partition that stands still with records to read is a stall, after the time and not before', () => {
  const watch = createStallWatch(1000);
  expect(watch.isStalled([lag(7, 0), lag(1, 1, 1)], 0)).toBe(false);
  expect(watch.isStalled([lag(7, 3), lag(2, 1, 1)], 900)).toBe(false);
  expect(watch.isStalled([lag(7, 3), lag(3, 1, 1)], 1000)).toBe(true);
});

test('a partition that went to another member and came back starts anew', () => {
  const watch = createStallWatch(1000);
  watch.isStalled([lag(7, 3)], 0);
  watch.isStalled([], 500);
  expect(watch.isStalled([lag(7, 3)], 1200)).toBe(false);
  expect(watch.isStalled([lag(7, 3)], 2200)).toBe(true);
});
