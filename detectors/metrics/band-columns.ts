import type { BandBatch } from '../../model/index.ts';

/** Collects bands; `take` gives them as one batch of its own memory and starts anew. */
export interface BandCollector {
  add(series: number, timeMs: number, expected: number, halfWidth: number): void;
  take(): BandBatch | undefined;
}

export function createBandCollector(): BandCollector {
  let count = 0;
  let series = new Uint32Array(256);
  let times = new Float64Array(256);
  let expected = new Float64Array(256);
  let halfWidths = new Float64Array(256);

  function grow(): void {
    const size = series.length * 2;
    const [oldSeries, oldTimes, oldExpected, oldHalf] = [series, times, expected, halfWidths];
    series = new Uint32Array(size);
    times = new Float64Array(size);
    expected = new Float64Array(size);
    halfWidths = new Float64Array(size);
    series.set(oldSeries);
    times.set(oldTimes);
    expected.set(oldExpected);
    halfWidths.set(oldHalf);
  }

  return {
    add: (id, timeMs, value, halfWidth) => {
      if (count === series.length) grow();
      series[count] = id;
      times[count] = timeMs;
      expected[count] = value;
      halfWidths[count] = halfWidth;
      count += 1;
    },
    take: () => {
      if (count === 0) return undefined;
      const taken = {
        count,
        series: series.slice(0, count),
        timesMs: times.slice(0, count),
        expected: expected.slice(0, count),
        lower: new Float64Array(count),
        upper: new Float64Array(count),
      };
      for (let row = 0; row < count; row += 1) {
        taken.lower[row] = expected[row]! - halfWidths[row]!;
        taken.upper[row] = expected[row]! + halfWidths[row]!;
      }
      count = 0;
      return taken;
    },
  };
}
