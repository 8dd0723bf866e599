import { describe, expect, test } from 'vitest';
import { createStateReader } from '../checkpoint/state-reader.ts';
import { createStateWriter } from '../checkpoint/state-writer.ts';
import { createTrendPyramid, levelPoints } from './trend-pyramid.ts';

const xs = new Float64Array(levelPoints);
const ys = new Float64Array(levelPoints);
const stepMs = 60_000;

function readings(pyramid: ReturnType<typeof createTrendPyramid>, track: number, level: number, points = levelPoints) {
  const count = pyramid.read(track, level, points, xs, ys);
  return { xs: [...xs.subarray(0, count)], ys: [...ys.subarray(0, count)] };
}

describe('the recent past at several scales', () => {
  test('is means of closed steps, four of one scale in one of the next', () => {
    const pyramid = createTrendPyramid();
    const track = pyramid.allocate(stepMs);
    for (let minute = 0; minute <= 16; minute += 1) pyramid.observe(track, minute * stepMs, minute);
    expect(readings(pyramid, track, 0).ys).toEqual(Array.from({ length: 16 }, (_, minute) => minute));
    expect(readings(pyramid, track, 1).ys).toEqual([1.5, 5.5, 9.5, 13.5]);
    expect(readings(pyramid, track, 2).ys).toEqual([7.5]);
  });

  test('has gaps where nothing came: they keep their place', () => {
    const pyramid = createTrendPyramid();
    const track = pyramid.allocate(stepMs);
    for (const minute of [0, 1, 5, 6, 7]) pyramid.observe(track, minute * stepMs, minute);
    expect(readings(pyramid, track, 0)).toEqual({ xs: [0, 1, 5, 6], ys: [0, 1, 5, 6] });
  });

  test('forgets what is older than its points, and takes nothing from the past', () => {
    const pyramid = createTrendPyramid();
    const track = pyramid.allocate(stepMs);
    for (let minute = 0; minute <= 100; minute += 1) pyramid.observe(track, minute * stepMs, minute);
    pyramid.observe(track, 3 * stepMs, 1e6);
    const { ys: kept } = readings(pyramid, track, 0);
    expect([kept[0], kept.at(-1), kept.length]).toEqual([68, 99, 32]);
    expect(readings(pyramid, track, 0, 12).ys).toEqual(kept.slice(-12));
  });

  test('outlives a checkpoint, and rows are given out again', () => {
    const pyramid = createTrendPyramid();
    const gone = pyramid.allocate(stepMs);
    const track = pyramid.allocate(stepMs);
    for (let minute = 0; minute <= 40; minute += 1) pyramid.observe(track, minute * stepMs, minute / 64);
    pyramid.free(gone);
    const writer = createStateWriter();
    pyramid.save(writer);
    const again = createTrendPyramid();
    again.load(createStateReader(writer.finish()));
    expect(readings(again, track, 0)).toEqual(readings(pyramid, track, 0));
    expect(again.allocate(stepMs)).toBe(gone);
    expect(readings(again, gone, 0).ys).toEqual([]);
  });
});
