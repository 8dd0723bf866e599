import type { Anomaly, BandBatch, Detectors, Random, SampleBatch, SeriesIdentity } from '../../model/index.ts';

export const startMs = Date.UTC(2026, 0, 5);

/** Standard normal numbers from uniform ones (Box and Muller 1958). */
export function createNoise(random: Random): () => number {
  return () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** A gauge of a pod of the shop. */
export function podGauge(name: string, pod: string, unit: string): SeriesIdentity {
  const labels = [
    ['k8s.namespace.name', 'shop'],
    ['k8s.pod.name', pod],
  ] as const;
  return { name, labels, kind: 'gauge', unit, origin: 'received' };
}

export function sampleBatch(rows: readonly (readonly [series: number, timeMs: number, value: number])[]): SampleBatch {
  return {
    kind: 'samples',
    count: rows.length,
    series: Uint32Array.from(rows, (row) => row[0]),
    timesMs: Float64Array.from(rows, (row) => row[1]),
    values: Float64Array.from(rows, (row) => row[2]),
  };
}

export interface Played {
  /** Every revision told, in order. */
  readonly told: Anomaly[];
  readonly bands: BandBatch[];
}

/** Plays one value a tick into a series, NaN for none, with the watermark one tick behind. */
export async function play(
  detectors: Detectors,
  series: number,
  ticks: { readonly count: number; readonly intervalMs: number; readonly fromMs?: number },
  valueAt: (tick: number, timeMs: number) => number,
): Promise<Played> {
  const played: Played = { told: [], bands: [] };
  const fromMs = ticks.fromMs ?? startMs;
  for (let tick = 0; tick < ticks.count; tick += 1) {
    const timeMs = fromMs + tick * ticks.intervalMs;
    const value = valueAt(tick, timeMs);
    const results = [];
    if (!Number.isNaN(value)) results.push(await detectors.observe(sampleBatch([[series, timeMs, value]])));
    results.push(await detectors.advance(timeMs - ticks.intervalMs));
    for (const result of results) {
      played.told.push(...result.anomalies);
      played.bands.push(...result.bands);
    }
  }
  return played;
}
