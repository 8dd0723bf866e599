import { expect, test } from 'vitest';
import { createRandom } from '../../model/index.ts';
import { createNoise } from '../testing/synthetic.ts';
import { createForecastRisk, noteForecast, oneSided } from './forecast-risk.ts';

const minute = 60_000;

/** Minutes of a series whose forecast is always 10, with a fault on top; gives the lean after each. */
function run(minutes: number, fault: (at: number) => number, direction: 1 | -1 = 1): number[] {
  const noise = createNoise(createRandom(7));
  const risk = createForecastRisk(direction);
  return Array.from({ length: minutes }, (_, at) => {
    noteForecast(risk, at * minute, 10 + noise() + fault(at), 10);
    return oneSided(risk);
  });
}

test('errors to both sides lean to none', () => {
  expect(Math.max(...run(1440, () => 0))).toBeLessThan(0.5);
});

test('errors that stay on the bad side lean, those on the good side do not', () => {
  const fault = (at: number) => (at < 1000 ? 0 : 3);
  expect(Math.max(...run(1000, fault))).toBeLessThan(0.5);
  expect(run(1030, fault).at(-1)).toBeGreaterThan(1.5);
  expect(run(1030, fault, -1).at(-1)).toBe(0);
});

test('what they came back from before is nothing new', () => {
  const nightly = (at: number) => (at % 1440 > 1380 ? 3 : 0);
  const leans = run(3 * 1440, nightly);
  expect(Math.max(...leans.slice(0, 1440))).toBeGreaterThan(1.5);
  expect(Math.max(...leans.slice(1500))).toBeLessThan(0.5);
});

test('nothing is said before the usual is known, nor across gaps or without a forecast', () => {
  expect(Math.max(...run(59, () => 100))).toBe(0);
  const risk = createForecastRisk(1);
  for (let at = 0; at < 200; at += 1) noteForecast(risk, at * minute, 50, Number.NaN);
  for (let at = 200; at < 400; at += 1) noteForecast(risk, at * 60 * minute, 50, 10);
  expect(risk.count).toBe(0);
});
