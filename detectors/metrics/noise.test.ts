import { expect, test } from 'vitest';
import { createRandom } from '../../model/index.ts';
import { createNoise, play, podGauge } from '../testing/synthetic.ts';
import { createWorkbench } from '../testing/workbench.ts';

interface Draw {
  readonly normal: () => number;
  readonly uniform: () => number;
}

/** Next value of a series from the last one. */
const kinds: Readonly<Record<string, (last: number, draw: Draw, tick: number) => number>> = {
  'white noise': (_, { normal }) => 100 + 5 * normal(),
  'an autoregression': (last, { normal }) => 100 + 0.9 * (last - 100) + 3 * normal(),
  'a random walk': (last, { normal }) => last + normal(),
  bursts: (_, { normal, uniform }) => 20 + normal() + (uniform() < 0.03 ? 40 * -Math.log(1 - uniform()) : 0),
  'small counts': (_, { uniform }) => {
    // Waiting times within a window of two: Poisson.
    let count = -1;
    let left = 2;
    while (left > 0) {
      left += Math.log(1 - uniform());
      count += 1;
    }
    return count;
  },
  'a daily rhythm': (_, { normal }, tick) => 100 + 40 * Math.sin((2 * Math.PI * tick) / 288) + 3 * normal(),
};

/** Alarms allowed in these weeks together: bursts that come nine times a day cannot be told from news at once. */
const allowed: Readonly<Record<string, number>> = { bursts: 50 };
const weeks = [11, 22, 33, 44];
const perWeek = 7 * 288;

// The same weeks each time: of bursts another week may have half as many alarms more.
test.each(Object.entries(kinds))('%s raises few alarms in four weeks', async (kind, next) => {
  const reasons: string[] = [];
  for (const seed of weeks) {
    const { catalog, detectors } = createWorkbench();
    const uniform = createRandom(seed);
    const draw = { uniform, normal: createNoise(uniform) };
    const series = catalog.intern(podGauge('measured_value', 'cart-1', ''));
    let last = 100;
    const { told } = await play(detectors, series, { count: perWeek, intervalMs: 300_000 }, (tick) => {
      last = next(last, draw, tick);
      return last;
    });
    for (const { state, revision, reason } of told) if (state === 'firing' && revision === 1) reasons.push(reason);
  }
  expect(reasons.length, reasons.join('\n')).toBeLessThanOrEqual(allowed[kind] ?? 2);
});
