import {
  createRandom,
  type DetectionResult,
  type Detectors,
  type SeriesCatalog,
  type SignalBatch,
  type Slo,
} from '../../model/index.ts';
import { logBatch } from './log-lines.ts';
import { spanBatch } from './spans.ts';
import { createNoise, podGauge, sampleBatch, startMs } from './synthetic.ts';

// Ten minutes of three signals with a fault in the last three: metrics rise, spans slow down and fail, new errors appear.
export const shopWindows = 120;
export const faultAt = 84;
export const faultySlos: readonly Slo[] = [{ service: 'cart', latencyP95Ms: 200, errorRatio: 0.05 }];

/** What arrives in one window of five seconds; the same for the same window, whoever asks. */
export function shopBatches(catalog: SeriesCatalog, window: number): SignalBatch[] {
  const noise = createNoise(createRandom(1000 + window));
  const fault = window >= faultAt ? 1 : 0;
  const at = startMs + window * 5000;
  const ids = ['cart-1', 'cart-2', 'web-1'].flatMap((pod) => [
    catalog.intern(podGauge('container.memory.working_set', pod, 'By')),
    catalog.intern({ ...podGauge('container.cpu.time', pod, 's'), kind: 'counter' }),
  ]);
  const samples = ids.flatMap((id, index) =>
    [0, 2500].map((offset): [number, number, number] => {
      const tick = window * 2 + offset / 2500;
      const growth = index === 0 ? fault * (window - faultAt + 1) * 2e7 : 0;
      return [id, at + offset, index % 2 === 0 ? 2e8 + growth + 2e6 * noise() : tick * 1.2 + 0.02 * noise()];
    }),
  );
  const spans = Array.from({ length: 30 }, (_, index) => ({
    service: index % 3 === 0 ? 'web' : 'cart',
    name: 'Get',
    id: window * 1000 + index + 1,
    parent: index % 3 === 0 ? 0 : window * 1000 + index - (index % 3) + 1,
    startMs: at + 50 * index,
    durationMs: (60 + 500 * fault) * Math.exp(0.1 * noise()),
    kind: 2,
    error: fault === 1 && index % 5 === 0,
  }));
  const lines = Array.from({ length: 12 }, (_, index) => ({
    pod: index % 2 === 0 ? 'cart-1' : 'web-1',
    timeMs: at + 100 * index,
    severity: fault === 1 && index % 2 === 0 ? 17 : 9,
    body: fault === 1 && index % 2 === 0 ? `allocation of ${index} pages failed` : `GET /cart/${index} ok`,
  }));
  return [sampleBatch(samples), spanBatch(catalog, spans), logBatch(catalog, lines)];
}

/** Plays windows from one up to another, with event time at the end of each. */
export async function playShop(
  detectors: Detectors,
  catalog: SeriesCatalog,
  from: number,
  to: number,
): Promise<DetectionResult[]> {
  const results: DetectionResult[] = [];
  for (let window = from; window < to; window += 1) {
    for (const batch of shopBatches(catalog, window)) results.push(valuesOf(await detectors.observe(batch)));
    results.push(valuesOf(await detectors.advance(startMs + window * 5000)));
  }
  return results;
}

/** Functions are no part of what is compared. */
function valuesOf(result: DetectionResult): DetectionResult {
  return { ...result, bands: result.bands.map(({ release: _, ...band }) => band) };
}
