import { expect, test } from 'vitest';
import { createRandom } from '../../../model/index.ts';
import { forecastWindow } from '../index.ts';
import { normaliseSeries } from '../train/normalised-series.ts';
import { fitLinearJudge } from './linear-judge.ts';

const random = createRandom(8);
const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

function judgeOf(next: (before: number) => number): Promise<Float64Array> {
  const series = Array.from({ length: 5 }, () => {
    let value = 100;
    return normaliseSeries(Float64Array.from({ length: 600 }, () => (value = next(value))));
  });
  return fitLinearJudge({ name: 'made', share: 1, series });
}

test('the linear judge leaves noise to the mean', async () => {
  const weights = await judgeOf(() => 100 + normal());
  for (const weight of weights.subarray(0, forecastWindow)) expect(Math.abs(weight)).toBeLessThan(0.1);
});

test('and a random walk to the last value', async () => {
  const weights = await judgeOf((before) => before + normal());
  expect(weights[forecastWindow - 1]).toBeGreaterThan(0.9);
  expect(weights.subarray(0, forecastWindow - 1).every((weight) => Math.abs(weight) < 0.1)).toBe(true);
});
