import { expect, test } from 'vitest';
import { createCheckpointPace } from './checkpoint-pace.ts';

/** Moments, in milliseconds from the start, at which a save of this length is made, asked every 100 ms. */
function savesOf(options: { untilMs: number; caughtUpAtMs: number; saveMs?: number }): number[] {
  const { untilMs, caughtUpAtMs, saveMs = 0 } = options;
  const pace = createCheckpointPace(15_000, 0);
  const saves: number[] = [];
  for (let nowMs = 0; nowMs < untilMs; nowMs += 100) {
    if (!pace.isDue(nowMs, nowMs < caughtUpAtMs)) continue;
    saves.push(nowMs);
    pace.began(nowMs, nowMs + saveMs);
    nowMs += saveMs;
  }
  return saves;
}

test('who is killed every few seconds gets ahead all the same: catching up is saved on the way and at its end', () => {
  expect(savesOf({ untilMs: 9000, caughtUpAtMs: 5000 })).toEqual([2000, 4000, 5000]);
});

test('caught up, it is saved at the usual pace, however often the analysis falls behind for a moment', () => {
  const pace = createCheckpointPace(15_000, 0);
  expect(pace.isDue(0, false)).toBe(true);
  pace.began(0, 0);
  expect(pace.isDue(3000, true)).toBe(false);
  expect(pace.isDue(3100, false)).toBe(false);
  expect(pace.isDue(15_000, true)).toBe(true);
});

test('a large state is saved less often: saving takes a tenth of the time at most', () => {
  const saves = savesOf({ untilMs: 200_000, caughtUpAtMs: 1e9, saveMs: 4000 });
  expect(saves[0]).toBe(2000);
  for (let i = 1; i < saves.length; i++) expect(saves[i] - saves[i - 1]).toBeGreaterThanOrEqual(44_000);
});

test('while samples are fresh, saving takes a two-hundredth of the time, but a minute is the longest between two', () => {
  const gapsOf = (saveMs: number) => {
    const saves = savesOf({ untilMs: 400_000, caughtUpAtMs: 0, saveMs });
    return saves.slice(1).map((saved, at) => saved - saves[at]! - saveMs);
  };
  expect(gapsOf(100).every((gap) => Math.abs(gap - 20_000) <= 200)).toBe(true);
  expect(gapsOf(1000).every((gap) => Math.abs(gap - 60_000) <= 200)).toBe(true);
});
