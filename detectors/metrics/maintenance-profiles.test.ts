import { describe, expect, test } from 'vitest';
import { type BandBatch, createRandom, type MaintenanceWindow, toTimestamp } from '../../model/index.ts';
import { createNoise, play, podGauge, startMs } from '../testing/synthetic.ts';
import { createWorkbench } from '../testing/workbench.ts';

const minuteMs = 60_000;
const hourMs = 3_600_000;
const dayMs = 86_400_000;

function windowOf(fromMs: number, toMs: number): MaintenanceWindow {
  return {
    ...{ id: 'mnt-1', revision: 1, state: 'planned', by: 'ada', reason: 'a load test' },
    ...{ createdAt: toTimestamp(startMs), updatedAt: toTimestamp(startMs) },
    ...{ from: toTimestamp(fromMs), to: toTimestamp(toMs) },
  };
}

/** Plays values each `intervalMs`, with a window in which they are `load` times as large, and tells what was expected after `lookMs`. */
async function playWith(options: {
  readonly metric: string;
  readonly intervalMs: number;
  readonly window: readonly [fromMs: number, toMs: number];
  readonly lookMs: number;
  readonly untilMs: number;
  readonly load: number;
  readonly valueAt: (sinceMs: number) => number;
}) {
  const { intervalMs, window, untilMs, load, valueAt } = options;
  const { catalog, detectors } = createWorkbench();
  const series = catalog.intern(podGauge(options.metric, 'cart-1', ''));
  const [fromMs, toMs] = window;
  detectors.learn?.({ type: 'maintenance', value: windowOf(startMs + fromMs, startMs + toMs) });
  const noise = createNoise(createRandom(8));
  const { told, bands } = await play(detectors, series, { count: untilMs / intervalMs, intervalMs }, (_, timeMs) => {
    const sinceMs = timeMs - startMs;
    const usual = valueAt(sinceMs) + noise();
    return sinceMs >= fromMs && sinceMs < toMs ? usual * load : usual;
  });
  const column = (name: 'expected' | 'lower' | 'upper') =>
    bands.filter(({ timesMs }) => timesMs[0]! >= startMs + options.lookMs).map((band: BandBatch) => band[name][0]!);
  const outside = told.filter(({ onset }) => {
    const atMs = Date.parse(onset) - startMs;
    return atMs < fromMs || atMs >= toMs;
  });
  return { expected: column('expected'), lower: column('lower'), upper: column('upper'), outside };
}

describe('a window in which a load test runs', () => {
  const daily = {
    metric: 'queue.depth',
    intervalMs: 5 * minuteMs,
    window: [3 * dayMs + 9 * hourMs, 3 * dayMs + 15 * hourMs],
    lookMs: 4 * dayMs,
    untilMs: 5 * dayMs,
    valueAt: (sinceMs: number) => 200 - 100 * Math.cos((2 * Math.PI * sinceMs) / dayMs),
  } as const;

  test('leaves the bands of the next day as if it had not run', async () => {
    const [without, within] = [await playWith({ ...daily, load: 1 }), await playWith({ ...daily, load: 4 })];
    expect(within.expected.length).toBe(288);
    expect(within.expected).toEqual(without.expected);
    expect(within.lower).toEqual(without.lower);
    expect(within.upper).toEqual(without.upper);
    expect(within.outside).toEqual(without.outside);
    const noon = within.expected[144]!;
    expect(noon).toBeGreaterThan(250);
    expect(noon).toBeLessThan(350);
  });

  test('leaves what comes each hour as it was', async () => {
    const hourly = {
      metric: 'queue.depth',
      intervalMs: minuteMs,
      window: [12 * hourMs - 10 * minuteMs, 15 * hourMs - 10 * minuteMs],
      lookMs: 15 * hourMs,
      untilMs: 17 * hourMs,
      valueAt: (sinceMs: number) => (Math.floor(sinceMs / minuteMs) % 60 < 3 ? 400 : 100),
    } as const;
    const [without, within] = [await playWith({ ...hourly, load: 1 }), await playWith({ ...hourly, load: 4 })];
    expect(within.outside.filter(({ onset }) => Date.parse(onset) > startMs + 8 * hourMs)).toEqual([]);
    expect(within.expected).toEqual(without.expected);
    expect(within.expected[61]).toBeGreaterThan(300);
  });
});
