import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { changeScore, severityOfZ } from './change-score.ts';
import { correlation } from './correlation.ts';
import { memoryRamp } from './memory-ramp.ts';
import { quantileOf } from './quantile.ts';
import { appendPoint, createHistory, linear } from './series-history.ts';

const series = (values: readonly number[], stepMs = 1000) => ({
  times: Float64Array.from(values, (_, index) => index * stepMs),
  values: Float64Array.from(values),
});
const steady = (count: number, level = 100) => Array.from({ length: count }, (_, index) => level + (index % 3));

describe('changeScore', () => {
  it('finds a rise, its size and where it began', () => {
    const score = changeScore(series([...steady(30), 300, 310, 305]), 25_000, 'latency')!;
    expect(score.direction).toBe(1);
    expect(score.onsetMs).toBe(30_000);
    expect(score.peak).toBeGreaterThanOrEqual(305);
    expect(score.severity).toBeGreaterThan(0.4);
  });

  it('does not take a single spike for a change', () => {
    expect(changeScore(series([...steady(30), 900, 101, 100]), 25_000, 'latency')!.severity).toBe(0);
  });

  it('knows which way is bad', () => {
    const fall = series([...steady(30), 20, 20, 20]);
    expect(changeScore(fall, 25_000, 'latency')!.severity).toBe(0);
    expect(changeScore(fall, 25_000, 'readiness')!.severity).toBeGreaterThan(0.9);
    expect(changeScore(fall, 25_000, 'traffic')!.direction).toBe(-1);
  });

  it('discounts what is usual: bursts that the reference is full of', () => {
    const bursts = Array.from({ length: 60 }, (_, index) => (index % 6 === 0 ? 300 : 100));
    expect(changeScore(series([...bursts, 300, 300]), 59_000, 'latency')!.severity).toBe(0);
  });

  it('does not take an earlier incident for health', () => {
    const values = [...steady(30), ...steady(20, 400), ...steady(20), 400, 400];
    const plain = changeScore(series(values), 69_000, 'latency')!;
    const except = [{ fromMs: 29_500, toMs: 50_500 }];
    expect(plain.severity).toBe(0);
    expect(changeScore(series(values), 69_000, 'latency', { except })!.severity).toBeGreaterThan(0.4);
  });

  it('says nothing without a reference', () => {
    expect(changeScore(series([1, 2, 3, 400]), 1_000, 'latency')).toBeUndefined();
    expect(changeScore(series(steady(10)), 60_000, 'latency')).toBeUndefined();
  });

  it('has a severity in [0, 1] that grows with z', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -1e6, max: 1e6, noNaN: true }),
        fc.double({ min: 0, max: 1e6, noNaN: true }),
        (z, more) => {
          expect(severityOfZ(z)).toBeGreaterThanOrEqual(0);
          expect(severityOfZ(z + more)).toBeGreaterThanOrEqual(severityOfZ(z));
          expect(severityOfZ(z)).toBeLessThanOrEqual(1);
        },
      ),
    );
  });
});

describe('quantileOf', () => {
  it('is the interpolated order statistic of the sorted values', () => {
    const values = fc.array(fc.double({ noNaN: true, min: -1e9, max: 1e9 }), { minLength: 1, maxLength: 80 });
    fc.assert(
      fc.property(values, fc.double({ min: 0, max: 1, noNaN: true }), (list, share) => {
        const sorted = [...list].sort((a, b) => a - b);
        const at = share * (sorted.length - 1);
        const low = Math.floor(at);
        const want = at === low ? sorted[low] : sorted[low] + (sorted[low + 1] - sorted[low]) * (at - low);
        expect(quantileOf(Float64Array.from(list), share)).toBe(want);
      }),
    );
  });
});

describe('memoryRamp', () => {
  const climb = Array.from({ length: 40 }, (_, index) => 100 + index * 6);

  it('sees a steady climb', () => {
    const ramp = memoryRamp(series([...steady(20), ...climb]), -1)!;
    expect(ramp.strength).toBeGreaterThan(0.8);
    expect(ramp.toValue).toBe(334);
  });

  it('splits at restarts and takes the strongest climb', () => {
    const ramp = memoryRamp(series([...climb, ...steady(20)]), -1)!;
    expect(ramp.toMs).toBe(39_000);
  });

  it('does not take a step, a plateau or garbage for a leak', () => {
    const step = [...steady(20), ...steady(20, 300)];
    const garbage = Array.from({ length: 60 }, (_, index) => 100 + (index % 15) * 0.7);
    for (const values of [step, steady(40), garbage]) expect(memoryRamp(series(values), -1)?.strength ?? 0).toBe(0);
  });
});

describe('correlation', () => {
  it('is 1 for what moves together, -1 for the opposite, at different steps too', () => {
    const wave = (stepMs: number, sign: number) => {
      const count = Math.floor(60_000 / stepMs);
      const times = Float64Array.from({ length: count }, (_, index) => index * stepMs);
      return { times, values: times.map((time) => sign * Math.sin(time / 9000)) };
    };
    expect(correlation(wave(1000, 1), wave(1000, 1), -1)).toBeCloseTo(1);
    expect(correlation(wave(1000, 1), wave(1000, -1), -1)).toBeCloseTo(-1);
    expect(correlation(wave(5000, 1), wave(1000, 1), -1)).toBeGreaterThan(0.95);
  });

  it('cannot be told of a constant or of too few points', () => {
    expect(correlation(series([1, 1, 1, 1, 1]), series([1, 2, 3, 4, 5]), -1)).toBeNaN();
    expect(correlation(series([1, 2, 3]), series([1, 2, 3]), -1)).toBeNaN();
  });
});

describe('series history', () => {
  it('keeps the newest points in order, merging those closer than the resolution', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 100, max: 5000 }), { maxLength: 300 }), (steps) => {
        const history = createHistory();
        const kept: [number, number][] = [];
        let at = 0;
        steps.forEach((step, index) => {
          at += step;
          appendPoint(history, at, index, 64, 1000);
          const last = kept.at(-1);
          if (last !== undefined && at - last[0] < 1000) last[1] = index;
          else kept.push([at, index]);
        });
        const { times, values } = linear(history);
        expect([...times].map((time, index) => [time, values[index]])).toEqual(kept.slice(-64));
      }),
    );
  });
});
