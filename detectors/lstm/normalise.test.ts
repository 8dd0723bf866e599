import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRandom } from '../../model/index.ts';
import { createNormaliser, inputClip } from './normalise.ts';

/** Feeds values to slot 0 and returns the last input. */
function feed(normaliser: ReturnType<typeof createNormaliser>, values: Iterable<number>): number {
  let last = Number.NaN;
  for (const value of values) last = normaliser.observe(0, value);
  return last;
}

/** What a prediction for slot 0 means in its unit. */
function meaningOf(normaliser: ReturnType<typeof createNormaliser>, prediction: number): number {
  const value = new Float64Array(1);
  normaliser.denormaliseAll(new Uint32Array(1), Float64Array.of(prediction), 0, 1, value, new Uint32Array(1));
  return value[0]!;
}

function noise(count: number, level: number, width: number, seed = 1): number[] {
  const random = createRandom(seed);
  return Array.from({ length: count }, () => level + width * (random() * 2 - 1));
}

describe('the normaliser', () => {
  test('learns where a series stands and how far it moves', () => {
    const normaliser = createNormaliser(1);
    feed(normaliser, noise(500, 1000, 50));
    expect(meaningOf(normaliser, 0)).toBeGreaterThan(990);
    expect(meaningOf(normaliser, 0)).toBeLessThan(1010);
    // The mean absolute deviation of a uniform distribution is half its half-width.
    expect(normaliser.scale(0)).toBeGreaterThan(20);
    expect(normaliser.scale(0)).toBeLessThan(30);
  });

  test('does not care for the unit of a series', () => {
    const [milliseconds, seconds] = [createNormaliser(1), createNormaliser(1)];
    const values = noise(300, 80, 30);
    for (const value of values) {
      expect(seconds.observe(0, value / 1000)).toBeCloseTo(milliseconds.observe(0, value), 6);
    }
  });

  test('is barely moved by an outlier', () => {
    const normaliser = createNormaliser(1);
    feed(normaliser, noise(200, 10, 1));
    const scale = normaliser.scale(0);
    expect(normaliser.observe(0, 1e9)).toBe(inputClip);
    expect(Math.abs(meaningOf(normaliser, 0) - 10)).toBeLessThan(0.2);
    expect(normaliser.scale(0)).toBeLessThan(scale * 1.1);
  });

  test('follows a lasting shift', () => {
    const normaliser = createNormaliser(1);
    feed(normaliser, noise(200, 10, 1));
    feed(normaliser, noise(600, 60, 1, 2));
    expect(Math.abs(meaningOf(normaliser, 0) - 60)).toBeLessThan(2);
    expect(normaliser.scale(0)).toBeLessThan(3);
  });

  test('calls a series that stands still 0, and one that moves from standing more the more it moves', () => {
    const normaliser = createNormaliser(1);
    expect(feed(normaliser, new Array(100).fill(42))).toBe(0);
    expect(normaliser.normalise(0, 42.4)).toBeLessThan(1);
    expect(normaliser.normalise(0, 44)).toBeGreaterThan(4);
    expect(normaliser.observe(0, 420)).toBe(inputClip);
    expect(meaningOf(normaliser, 0)).toBeCloseTo(42, 0);
  });

  test('gets used to a series that wakes after zeros', () => {
    const normaliser = createNormaliser(1);
    feed(normaliser, new Array(500).fill(0));
    feed(normaliser, noise(400, 5, 2));
    expect(Math.abs(meaningOf(normaliser, 0) - 5)).toBeLessThan(1);
    expect(normaliser.scale(0)).toBeGreaterThan(0.8);
  });

  test('gives finite inputs within the clip for any finite values', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ noNaN: true, min: -1e300, max: 1e300 }), { minLength: 1 }), (values) => {
        const normaliser = createNormaliser(1);
        for (const value of values) {
          const input = normaliser.observe(0, value);
          expect(Math.abs(input)).toBeLessThanOrEqual(inputClip);
        }
      }),
    );
  });

  test('turns a forecast back into the value it stands for', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ noNaN: true, min: -1e6, max: 1e6 }), { minLength: 2 }), (values) => {
        const normaliser = createNormaliser(1);
        feed(normaliser, values);
        for (const value of values) {
          const error = Math.abs(meaningOf(normaliser, normaliser.normalise(0, value)) - value);
          expect(error).toBeLessThanOrEqual(1e-6 * Math.max(1, Math.abs(value)));
        }
      }),
    );
  });

  test('keeps slots apart, forgets one on request and grows', () => {
    const normaliser = createNormaliser(1);
    normaliser.ensure(100);
    for (const value of noise(50, 5, 1)) {
      normaliser.observe(0, value);
      normaliser.observe(99, value * 1000);
    }
    expect(normaliser.scale(99)).toBeCloseTo(normaliser.scale(0) * 1000, 6);
    normaliser.reset(0);
    expect(normaliser.count(0)).toBe(0);
    expect(normaliser.count(99)).toBe(50);
  });

  test('goes on from a checkpoint as if nothing had happened', () => {
    const [normaliser, restarted] = [createNormaliser(1), createNormaliser()];
    feed(normaliser, noise(70, 3, 1));
    expect(restarted.load(Buffer.concat([normaliser.save(1)]))).toBe(true);
    expect(feed(restarted, noise(20, 4, 1))).toBe(feed(normaliser, noise(20, 4, 1)));
    expect(restarted.load(new Uint8Array(7))).toBe(false);
  });
});
