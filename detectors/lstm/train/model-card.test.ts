import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { loadForecastModel, shippedForecastModelPath } from '../index.ts';
import { renderModelCard } from './model-card.ts';
import { cardPath } from './save-model.ts';

test('the shipped card is of the shipped model', async () => {
  const model = await loadForecastModel({ path: shippedForecastModelPath, threads: 1 });
  expect(await readFile(cardPath(shippedForecastModelPath), 'utf8')).toContain(model.sha256);
  await model.close();
});

test('a card names data, licences, seed and errors', () => {
  const series = [{ inputs: new Float32Array(100), targets: new Float32Array(100) }];
  const card = renderModelCard({
    sha256: 'abc',
    date: '2026-01-01',
    seed: 7,
    backend: 'wasm',
    epochs: 5,
    bestEpoch: 3,
    windowsPerEpoch: 64,
    minutes: 1.25,
    validationLoss: 0.125,
    sources: [
      { name: 'generated', share: 3, series },
      { name: 'gocrane', share: 1, series },
    ],
    worlds: [
      { seed: 1, part: 'training', hours: 2, traffic: {} },
      { seed: 2, part: 'heldOut', hours: 1, traffic: { dayMinutes: 60 } },
    ],
    errors: [{ source: 'all', points: 9, network: 0.5, ridge: 0.6, lastValue: 0.7 }],
  });
  expect(card).toContain('npm run train -- --seed 7 --epochs 5');
  expect(card).toMatch(/\| gocrane +\| gocrane\/crane +\| Apache-2.0 +\| 1 +\| 100 +\| 25 % +\|/);
  expect(card).toContain('1 healthy worlds trained, 0 others decided and 1 others gave the errors: 3 simulated');
  expect(card).toMatch(/\| all +\| 9 +\| 0.5000 +\| 0.6000 +\| 0.7000 +\|/);
});
