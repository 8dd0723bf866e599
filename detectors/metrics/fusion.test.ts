import { expect, test } from 'vitest';
import { createGathering, gather, readTail, startTail } from './fusion.ts';
import { createSeriesColumns } from './series-columns.ts';

const minuteMs = 60_000;

/** What has gathered after each of these pieces of evidence, a minute apart, on a new series. */
function gatherAll(evidence: readonly number[]): number[] {
  const columns = createSeriesColumns();
  columns.intervalMs[0] = minuteMs;
  startTail(columns, 0);
  return evidence.map((one) => {
    const gathering = { ...createGathering(), evidence: one, sinceLastMs: minuteMs, gathered: 0 };
    readTail(columns, 0, gathering);
    gather(columns, 0, gathering);
    return gathering.gathered;
  });
}

test('what is back to normal echoes for two samples, what only weakens counts on', () => {
  const peak = [16, 16, 16, 16];
  const [, , , top, once, twice] = gatherAll([...peak, 1, 1]);
  expect(top).toBe(15);
  expect(once).toBe(8);
  expect(twice).toBeLessThan(5);
  const [, , , , weaker] = gatherAll([...peak, 8]);
  expect(weaker).toBe(13.25);
});

test('of two deviations of one size the one that lasts weighs more', () => {
  const brief = gatherAll([8, 8, 8, 8, 8]).at(-1)!;
  const long = gatherAll(new Array<number>(60).fill(8)).at(-1)!;
  expect(brief).toBeLessThan(8);
  expect(long).toBeGreaterThan(9.5);
  expect(long).toBeLessThanOrEqual(10);
});

test('one outlier, however large, does not last', () => {
  const after = gatherAll([120, ...new Array<number>(8).fill(1)]).at(-1)!;
  expect(after).toBeLessThan(2);
});
