import fc from 'fast-check';
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

/** Alarms allowed in a week: bursts that come nine times a day cannot be told from news at once. */
const allowed: Readonly<Record<string, number>> = { bursts: 14 };
const days = 7;
const perDay = 288;

test.each(Object.entries(kinds))('%s raises few alarms in a week', async (kind, next) => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 1_000_000 }), async (seed) => {
      const { catalog, detectors } = createWorkbench();
      const uniform = createRandom(seed);
      const draw = { uniform, normal: createNoise(uniform) };
      const series = catalog.intern(podGauge('measured_value', 'cart-1', ''));
      let last = 100;
      const { told } = await play(detectors, series, { count: days * perDay, intervalMs: 300_000 }, (tick) => {
        last = next(last, draw, tick);
        return last;
      });
      const fired = told.filter(({ state, revision }) => state === 'firing' && revision === 1);
      expect(fired.length, fired.map(({ reason }) => reason).join('\n')).toBeLessThanOrEqual(allowed[kind] ?? 2);
    }),
    { numRuns: 4 },
  );
});
