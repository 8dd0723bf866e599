import { expect, test } from 'vitest';
import { createRandom, type EndBatch } from '../../model/index.ts';
import { createNoise, play, startMs } from '../testing/synthetic.ts';
import { createWorkbench } from '../testing/workbench.ts';

const minutes = (count: number, fromMs = startMs) => ({ count, intervalMs: 60_000, fromMs });
const hourMs = 3_600_000;
const endOf = (series: number, timeMs: number): EndBatch => ({
  kind: 'ends',
  count: 1,
  series: Uint32Array.of(series),
  timesMs: Float64Array.of(timeMs),
});

function open() {
  const bench = createWorkbench();
  const noise = createNoise(createRandom(5));
  const labels = [['job', 'shop']] as const;
  const series = bench.catalog.intern({ name: 'latency', labels, kind: 'gauge', unit: 'ms', origin: 'received' });
  return { ...bench, series, usual: () => 50 + noise() };
}

test('a series of a day that goes silent has vanished; one that its sender ended has not', async () => {
  const silent = open();
  await play(silent.detectors, silent.series, minutes(26 * 60), silent.usual);
  const later = { ...minutes(60, startMs + 26 * hourMs) };
  const { told } = await play(silent.detectors, silent.series, later, () => Number.NaN);
  expect(told.map(({ reason }) => reason)).toEqual([expect.stringContaining('has vanished')]);

  const over = open();
  await play(over.detectors, over.series, minutes(26 * 60), over.usual);
  await over.detectors.observe(endOf(over.series, startMs + 26 * hourMs));
  expect((await play(over.detectors, over.series, later, () => Number.NaN)).told).toEqual([]);
});

test('what fires on a series that ends clears at once; back again, it knows what it knew', async () => {
  const { detectors, series, usual, catalog } = open();
  await play(detectors, series, minutes(300), usual);
  const atMs = startMs + 300 * 60_000;
  const bad = await play(detectors, series, minutes(5, atMs), () => 900);
  expect(bad.told.map(({ state }) => state)).toEqual(['firing']);
  const { anomalies } = await detectors.observe(endOf(series, atMs + 5 * 60_000));
  expect(anomalies).toMatchObject([
    { state: 'cleared', reason: expect.stringContaining('its sender ended the series') },
  ]);
  const back = await play(detectors, series, minutes(30, atMs + hourMs), usual);
  expect(back.told).toEqual([]);
  expect(detectors.seriesState?.(catalog.get(series).fingerprint)).toMatchObject({ samples: 335, state: 'known' });
  const again = await play(detectors, series, minutes(5, atMs + 2 * hourMs), () => 900);
  expect(again.told).toMatchObject([{ state: 'firing' }]);
});

test('an end that came late, or of a series that nobody knows, changes nothing', async () => {
  const { detectors, series, usual, catalog } = open();
  await play(detectors, series, minutes(300), usual);
  const atMs = startMs + 300 * 60_000;
  await play(detectors, series, minutes(5, atMs), () => 900);
  const unknown = catalog.intern({ name: 'other', labels: [], kind: 'gauge', unit: '', origin: 'received' });
  expect((await detectors.observe(endOf(series, atMs))).anomalies).toEqual([]);
  expect((await detectors.observe(endOf(unknown, atMs))).anomalies).toEqual([]);
});
