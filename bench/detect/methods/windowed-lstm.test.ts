import { expect, test } from 'vitest';
import { type ForecastModel, loadForecastModel, shippedForecastModelPath } from '../../../detectors/index.ts';
import { forecastWindow } from '../../../detectors/lstm/index.ts';
import { forecastAll, stretch } from './windowed-lstm.ts';

const inputs = Float32Array.from({ length: 2 * stretch + 200 }, (_, at) => Math.sin(at / 9) + ((at * 7919) % 13) / 40);

/** What the model says after these points, one after the other, from a zero state. */
async function forecastAfter(model: ForecastModel, points: Float32Array): Promise<number> {
  const predictions = new Float32Array(1);
  model.ensure(1);
  model.reset(0);
  for (const point of points) await model.step(Uint32Array.of(0), Float32Array.of(point), 1, predictions);
  return predictions[0]!;
}

test('stretches side by side forecast each point from all of its stretch before it and the window before that', async () => {
  const model = await loadForecastModel({ path: shippedForecastModelPath, threads: 1 });
  const forecasts = await forecastAll(model, inputs);

  expect(forecasts.subarray(0, forecastWindow).every(Number.isNaN)).toBe(true);
  expect(forecasts.subarray(forecastWindow).every(Number.isFinite)).toBe(true);
  for (const at of [0, 1, stretch - 1, stretch, stretch + 300, 2 * stretch, 2 * stretch + 139]) {
    const start = Math.floor(at / stretch) * stretch;
    expect(forecasts[forecastWindow + at]).toBeCloseTo(
      await forecastAfter(model, inputs.subarray(start, at + forecastWindow)),
      4,
    );
  }
  await model.close();
});

test('what is shorter than a window has no forecast', async () => {
  const model = await loadForecastModel({ path: shippedForecastModelPath, threads: 1 });
  expect((await forecastAll(model, inputs.subarray(0, forecastWindow))).every(Number.isNaN)).toBe(true);
  await model.close();
});
