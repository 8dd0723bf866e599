import { describe, expect, test } from 'vitest';
import { createRing, pushPoint, type Ring } from '../observation/ring.ts';
import { memoryGrowth } from './memory-growth.ts';

/** Memory told every so many seconds up to `seconds`. */
function told(everySeconds: number, seconds: number, bytesAt: (second: number) => number): Ring {
  const ring = createRing(96);
  for (let second = 0; second <= seconds; second += everySeconds) pushPoint(ring, second * 1000, bytesAt(second));
  return ring;
}

const growing = (second: number) => 100e6 + 500_000 * second;

describe('memory that grows', () => {
  test('is seen once it has grown for the whole trend time', () => {
    expect(memoryGrowth(told(10, 170, growing), 170_000, 180)).toBeUndefined();
    const growth = memoryGrowth(told(10, 180, growing), 180_000, 180);
    expect(growth?.bytesPerSecond).toBeCloseTo(500_000, -3);
    expect(growth?.heldSeconds).toBe(180);
  });

  test.each([30, 60])('is seen where a sender tells of it every %d s, after longer', (everySeconds) => {
    const enoughSeconds = 8 * everySeconds;
    expect(
      memoryGrowth(told(everySeconds, enoughSeconds - everySeconds, growing), enoughSeconds * 1000, 180),
    ).toBeUndefined();
    const growth = memoryGrowth(told(everySeconds, enoughSeconds, growing), enoughSeconds * 1000, 180);
    expect(growth?.heldSeconds).toBe(enoughSeconds);
  });

  test('is seen with a short trend time too', () => {
    expect(memoryGrowth(told(15, 120, growing), 120_000, 60)?.heldSeconds).toBe(120);
  });

  test('cannot be told from points that are too far apart', () => {
    expect(memoryGrowth(told(180, 1800, growing), 1_800_000, 180)).toBeUndefined();
  });

  test('is neither a step nor a level', () => {
    expect(
      memoryGrowth(
        told(10, 300, (second) => (second < 200 ? 100e6 : 180e6)),
        300_000,
        180,
      ),
    ).toBeUndefined();
    expect(
      memoryGrowth(
        told(10, 300, () => 180e6),
        300_000,
        180,
      ),
    ).toBeUndefined();
  });
});
