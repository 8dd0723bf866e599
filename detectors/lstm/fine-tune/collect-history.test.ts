import { expect, test } from 'vitest';
import { createSignalProfiles } from '../../metrics/index.ts';
import { createMemoryCatalog } from '../../testing/memory-catalog.ts';
import { podGauge } from '../../testing/synthetic.ts';
import { defaultConfig } from '../../testing/workbench.ts';
import { collectHistory, seriesOfClass } from './collect-history.ts';
import type { CpuPace } from './cpu-pace.ts';
import { shortestSeries } from './prepare-series.ts';

const free: CpuPace = { rest: async (_cpuMs, signal) => !signal.aborted, share: 0 };
const clock = { now: () => 1_000_000, sleep: async () => true };

/** Thirty series, of which every third has enough points. */
function source() {
  const catalog = createMemoryCatalog();
  for (let pod = 0; pod < 30; pod += 1) catalog.intern(podGauge('queue.depth', `cart-${pod}`, ''));
  const long = new Set(Array.from({ length: 10 }, (_, at) => catalog.get(3 * at).fingerprint));
  const points = async (fingerprint: string) => {
    const length = long.has(fingerprint) ? shortestSeries : 5;
    return { timesMs: new Float64Array(length), values: new Float64Array(length) };
  };
  const profiles = createSignalProfiles(defaultConfig().metrics);
  return { catalog, history: { points }, profiles, clock };
}

const limits = { series: 4, points: 1e6, days: 7 };

test('what is too short makes room for others, and it is told how far it has come', async () => {
  const told: string[] = [];
  const from = source();
  const ids = seriesOfClass(from, () => true);
  const { signal } = new AbortController();
  const found = await collectHistory(from, ids, limits, free, signal, (at, of) => told.push(`${at} of ${of}`));
  expect(found).toHaveLength(4);
  expect(new Set(told)).toEqual(new Set(['0 of 4', '1 of 4', '2 of 4', '3 of 4', '4 of 4']));
});

test('an abort leaves nothing', async () => {
  const from = source();
  const ids = seriesOfClass(from, () => true);
  expect(await collectHistory(from, ids, limits, free, AbortSignal.abort())).toBeUndefined();
});
