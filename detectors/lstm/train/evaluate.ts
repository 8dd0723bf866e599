import { forecastWindow } from '../index.ts';
import { fitRidge, predictRidge } from './ridge.ts';
import type { TrainingSource } from './training-data.ts';
import type { WindowSet } from './windows.ts';

/** Mean absolute errors of forecasts of the next point, in scales of the normaliser. */
export interface ForecastErrors {
  readonly source: string;
  readonly windows: number;
  readonly network: number;
  readonly ridge: number;
  readonly lastValue: number;
}

const ridgePenalty = 10;

/** Errors on the held-out windows by source, all sources last, beside one ridge autoregression and the last value. */
export function evaluate(
  sources: readonly TrainingSource[],
  training: WindowSet,
  heldOut: WindowSet,
  forecasts: Float32Array,
): readonly ForecastErrors[] {
  const ridge = fitRidge(training, ridgePenalty);
  const rows = [...sources.map(({ name }) => name), 'all'].map((source) => ({
    source,
    windows: 0,
    network: 0,
    ridge: 0,
    lastValue: 0,
  }));
  for (let index = 0; index < heldOut.count; index++) {
    const end = (index + 1) * forecastWindow - 1;
    const target = heldOut.targets[end]!;
    for (const row of [rows[heldOut.sources[index]!]!, rows.at(-1)!]) {
      row.windows++;
      row.network += Math.abs(forecasts[index]! - target);
      row.ridge += Math.abs(predictRidge(ridge, heldOut, index) - target);
      row.lastValue += Math.abs(heldOut.inputs[end]! - target);
    }
  }
  return rows.map((row) => ({
    ...row,
    network: row.network / row.windows,
    ridge: row.ridge / row.windows,
    lastValue: row.lastValue / row.windows,
  }));
}
