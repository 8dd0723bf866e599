import type { Attributes, MetricPoint, TelemetryFrame } from '../telemetry-frame.ts';

/** One metric's recorded points in time order, as columns. */
export interface RecordedGauge {
  readonly name: string;
  readonly unit: string;
  readonly resource: Attributes;
  readonly attributes: Attributes;
  readonly timesMs: ArrayLike<number>;
  readonly values: ArrayLike<number>;
}

/**
 * Merges series of any spans into frames in time order. A frame holds the points of one span of `frameMs`, aligned to
 * multiples of it; spans without points make no frame.
 */
export function* mergeSeries(series: readonly RecordedGauge[], frameMs: number): Generator<TelemetryFrame> {
  const next = series.map(() => 0);
  for (;;) {
    let earliest = Number.POSITIVE_INFINITY;
    series.forEach(({ timesMs }, index) => {
      if (next[index] < timesMs.length) earliest = Math.min(earliest, timesMs[next[index]]);
    });
    if (earliest === Number.POSITIVE_INFINITY) return;
    const endMs = (Math.floor(earliest / frameMs) + 1) * frameMs;
    const metrics: MetricPoint[] = [];
    series.forEach(({ timesMs, values, name, unit, resource, attributes }, index) => {
      for (; next[index] < timesMs.length && timesMs[next[index]] < endMs; next[index]++) {
        const at = next[index];
        metrics.push({ name, unit, kind: 'gauge', timeMs: timesMs[at], value: values[at], resource, attributes });
      }
    });
    metrics.sort((a, b) => a.timeMs - b.timeMs);
    yield { atMs: metrics[metrics.length - 1].timeMs, metrics, logs: [], spans: [] };
  }
}
