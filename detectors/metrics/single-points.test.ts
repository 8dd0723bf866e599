import { expect, test } from 'vitest';
import { createRandom } from '../../model/index.ts';
import { createMemoryCatalog } from '../testing/memory-catalog.ts';
import { createNoise, play, podGauge, startMs } from '../testing/synthetic.ts';
import { createWorkbench } from '../testing/workbench.ts';

const measured = podGauge('measured_value', 'cart-1', '');
const at = 1500;

/** What is told of a series around 100 with one point elsewhere; the detectors are saved and loaded behind the point. */
async function toldOf(point: number, intervalMs: number) {
  const catalog = createMemoryCatalog();
  const series = catalog.intern(measured);
  const before = createWorkbench({ catalog });
  const noise = createNoise(createRandom(41));
  const valueAt = (tick: number) => (tick === at ? point : 100 + 3 * noise());
  const first = await play(before.detectors, series, { count: at + 1, intervalMs }, valueAt);
  const after = createWorkbench({ catalog });
  expect(after.detectors.load(before.detectors.save())).toBe(true);
  const ticks = { count: 20, intervalMs, fromMs: startMs + (at + 1) * intervalMs };
  const rest = await play(after.detectors, series, ticks, (tick) => valueAt(tick + at + 1));
  return [...first.told, ...rest.told];
}

test.each([1000, 15_000, 60_000])(
  'a single point is told by its own value and side, not by those of the way back (%i ms apart)',
  async (intervalMs) => {
    for (const [point, side] of [
      [400, 'above'],
      [0, 'below'],
    ] as const) {
      const told = await toldOf(point, intervalMs);
      expect(told.map(({ state }) => state)).toEqual(['firing', 'cleared']);
      for (const { observed, expected, lower, upper, reason } of told) {
        expect(observed).toBe(point);
        expect(expected).toBeGreaterThan(90);
        expect(expected).toBeLessThan(110);
        expect(lower).toBeLessThan(100);
        expect(upper).toBeGreaterThan(100);
        expect(reason).toContain(`is ${point}, ${side} `);
      }
    }
  },
);

test('what begins on one side and is found on the other is told as what it is now', async () => {
  const { catalog, detectors } = createWorkbench();
  const noise = createNoise(createRandom(42));
  const series = catalog.intern(measured);
  const { told } = await play(detectors, series, { count: at + 20, intervalMs: 15_000 }, (tick) =>
    tick === at ? 140 : tick > at ? 20 : 100 + 3 * noise(),
  );
  expect(told[0]).toMatchObject({ observed: 20 });
  expect(told[0]!.reason).toContain('is 20, below ');
});
