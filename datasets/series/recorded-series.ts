/** One recorded series as columns of equal length, in time order, without its missing points. */
export interface RecordedSeries {
  /** Collection and place in it, such as `nab/realKnownCause/nyc_taxi`. */
  readonly name: string;
  /** Epoch milliseconds; from 0 where the recording has no times. */
  readonly timesMs: Float64Array;
  readonly values: Float64Array;
  /** 1 where people or the fault plan say anomalous; absent where nobody looked. */
  readonly labels?: Uint8Array;
}

/** Grows columns point by point; points that are not finite are left out, as a sender would not send them. */
export function createSeriesBuilder(
  name: string,
  labelled: boolean,
): { add(timeMs: number, value: number, label: number): void; finish(): RecordedSeries } {
  const times: number[] = [];
  const values: number[] = [];
  const labels: number[] = [];
  return {
    add(timeMs, value, label) {
      if (!Number.isFinite(timeMs) || !Number.isFinite(value)) return;
      times.push(timeMs);
      values.push(value);
      labels.push(label === 0 ? 0 : 1);
    },
    finish: () => ({
      name,
      timesMs: Float64Array.from(times),
      values: Float64Array.from(values),
      ...(labelled ? { labels: Uint8Array.from(labels) } : {}),
    }),
  };
}
