import type { Anomaly } from '../../model/index.ts';
import { logBatch, type TestLine } from './log-lines.ts';
import { startMs } from './synthetic.ts';
import { createWorkbench, defaultConfig } from './workbench.ts';

export const windowMs = 5000;
/** Severity numbers of OpenTelemetry. */
export const [debug, info, warn, error] = [5, 9, 13, 17] as const;

/** Runs windows of lines through the detectors, a checkpoint taken and loaded half way; gives what they told. */
export async function told(
  windows: number,
  linesOf: (window: number) => TestLine[],
  config: object = {},
): Promise<Anomaly[]> {
  const base = defaultConfig();
  const logs = { ...base.logs, ...config };
  const bench = { config: { ...base, logs } };
  const { catalog, detectors: first } = createWorkbench(bench);
  let detectors = first;
  const all: Anomaly[] = [];
  for (let window = 0; window < windows; window += 1) {
    if (window === Math.floor(windows / 2)) {
      const saved = detectors.save();
      ({ detectors } = createWorkbench({ ...bench, catalog }));
      if (!detectors.load(saved)) throw new Error('the checkpoint is not loaded');
    }
    await detectors.observe(logBatch(catalog, linesOf(window)));
    all.push(...(await detectors.advance(startMs + (window + 1) * logs.windowSeconds * 1000)).anomalies);
  }
  return all;
}

/** A pod's lines in a window, ten milliseconds apart. */
export function lines(window: number, bodies: readonly string[], severity: number = info, pod = 'cart-1'): TestLine[] {
  return bodies.map((body, index) => ({ pod, timeMs: startMs + window * windowMs + index * 10, severity, body }));
}

/** What so many orders of a window write. */
export const orders = (window: number, per: number, body: (order: number) => readonly string[]): string[] =>
  Array.from({ length: per }, (_, index) => body(window * per + index)).flat();
