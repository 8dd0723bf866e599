import { describe, expect, test } from 'vitest';
import { createRandom } from '../../model/index.ts';
import { forecastLoad } from './forecast-load.ts';
import { addToSeason, createSeason, seasonalLookup } from './season.ts';

const stepMs = 5000;
const horizon = 75;

function history(count: number, at: (second: number) => number) {
  const timesMs = Array.from({ length: count }, (_, row) => row * stepMs);
  return { timesMs, values: timesMs.map((timeMs) => at(timeMs / 1000)) };
}

describe('load ahead', () => {
  test('of steady load is its level, with a band that is not much wider than the noise', () => {
    const random = createRandom(1);
    let levels = 0;
    for (let run = 0; run < 50; run++) {
      const { timesMs, values } = history(120, () => 10 + (random() - 0.5));
      const forecast = forecastLoad(timesMs, values, horizon);
      if (forecast?.method === 'level') levels += 1;
      expect(Math.abs((forecast?.expected ?? 0) - 10)).toBeLessThan(2);
      expect(forecast?.upper).toBeLessThan(13.5);
    }
    expect(levels).toBeGreaterThan(35);
  });

  test('of rising load is ahead of it, once the rise has shown for half a minute', () => {
    const { timesMs, values } = history(67, (second) => 10 + Math.max(0, second - 300) * 0.2);
    const forecast = forecastLoad(timesMs, values, horizon);
    expect(forecast?.method).toBe('trend');
    const truth = 10 + (66 * 5 - 300 + horizon) * 0.2;
    expect(forecast?.upper).toBeGreaterThan(truth * 0.9);
  });

  test('is never negative, and never more than three times what was just seen', () => {
    const falling = history(60, (second) => Math.max(0, 10 - second * 0.05));
    expect(forecastLoad(falling.timesMs, falling.values, horizon)?.expected).toBeGreaterThanOrEqual(0);
    const exploding = history(60, (second) => 1.03 ** second);
    const seen = exploding.values[59];
    expect(forecastLoad(exploding.timesMs, exploding.values, horizon)?.expected).toBeLessThanOrEqual(3 * seen);
  });

  test('covers what comes in nineteen of twenty cases on wandering load', () => {
    const random = createRandom(42);
    let level = 20;
    const walk = Array.from({ length: 3000 }, () => {
      level = Math.max(5, level + (random() - 0.5) * 0.6 + 0.01 * (20 - level));
      return level + (random() - 0.5);
    });
    let covered = 0;
    let asked = 0;
    for (let end = 120; end + horizon / 5 < walk.length; end += 7) {
      const times = Array.from({ length: 120 }, (_, row) => row * stepMs);
      const forecast = forecastLoad(times, walk.slice(end - 120, end), horizon);
      asked += 1;
      if (walk[end - 1 + horizon / 5] <= (forecast?.upper ?? 0)) covered += 1;
    }
    expect(covered / asked).toBeGreaterThan(0.9);
  });

  test('needs some points', () => {
    expect(forecastLoad([0, 5000], [1, 1], horizon)).toBeUndefined();
  });
});

describe('the season', () => {
  test('is used once two were seen, and foresees the turn that a line cannot', () => {
    const seasonMs = 3_600_000;
    const shape = (timeMs: number) => 10 + 8 * Math.sin((2 * Math.PI * timeMs) / seasonMs);
    const season = createSeason();
    const startMs = 1_000_000 * seasonMs;
    const early = seasonalLookup(season, seasonMs);
    for (let timeMs = startMs; timeMs <= startMs + 2.3 * seasonMs; timeMs += stepMs)
      addToSeason(season, seasonMs, timeMs, shape(timeMs));
    const lookup = seasonalLookup(season, seasonMs);
    expect(early).toBeUndefined();
    expect(lookup?.(startMs + 2.5 * seasonMs)).toBeCloseTo(shape(startMs + 2.5 * seasonMs), 0);
  });
});
