import fc from 'fast-check';
import { Value } from 'typebox/value';
import { describe, expect, test } from 'vitest';
import type { HeldOutErrors } from '../../../model/index.ts';
import { ModelsConfig } from './config.ts';
import { judgeCandidate } from './judge-candidate.ts';

const config = Value.Parse(ModelsConfig, Value.Default(ModelsConfig, {}));
const better: HeldOutErrors = { points: 5000, series: 40, candidate: 0.3, serving: 0.4, ridge: 0.35, lastValue: 0.5 };

describe('the gate', () => {
  test('lets through what beats the serving model by the margin, and the linear forecast', () => {
    expect(judgeCandidate(better, config)).toEqual({ promote: true });
    expect(judgeCandidate({ ...better, serving: 0.301, ridge: 0.301 }, config)).toMatchObject({
      promote: false,
      reason: expect.stringContaining('by 1 %'),
    });
    expect(judgeCandidate({ ...better, serving: 0.3031, ridge: 0.301 }, config)).toEqual({ promote: true });
  });

  test.each<[string, Partial<HeldOutErrors> | undefined, string]>([
    ['no errors at all', undefined, 'no errors'],
    ['an error that is missing', { points: 5000, series: 40, candidate: 0.3, serving: 0.4 }, 'missing'],
    ['an error that is no number', { ...better, ridge: Number.NaN }, 'not a number'],
    ['an error without end', { ...better, serving: Number.POSITIVE_INFINITY }, 'not a number'],
    ['too few points', { ...better, points: 1999 }, '1999 held-back points'],
    ['too few series', { ...better, series: 4 }, '4 held-back series'],
    ['a linear forecast that is as good', { ...better, ridge: 0.3 }, "linear forecast's 0.3000"],
  ])('refuses %s', (_what, heldOut, reason) => {
    expect(judgeCandidate(heldOut, config)).toEqual({ promote: false, reason: expect.stringContaining(reason) });
  });

  test('without a margin, equal is still not better', () => {
    const none = { ...config, marginShare: 0 };
    expect(judgeCandidate({ ...better, serving: 0.3 }, none).promote).toBe(false);
    expect(judgeCandidate({ ...better, candidate: 0, serving: 0 }, none).promote).toBe(false);
  });

  const figure = fc.double({ min: -1, max: 10 });
  const anything = fc.record({
    points: fc.integer({ min: 0, max: 5000 }),
    series: fc.integer({ min: 0, max: 20 }),
    ...{ candidate: figure, serving: figure, ridge: figure, lastValue: figure },
  });

  test('whatever it is given, it promotes only what is better than both, on enough history', () => {
    fc.assert(
      fc.property(anything, fc.double({ min: 0, max: 1, noNaN: true }), (heldOut, marginShare) => {
        if (!judgeCandidate(heldOut, { ...config, marginShare }).promote) return;
        const { candidate, serving, ridge, points, series } = heldOut;
        expect(candidate).toBeLessThan(ridge);
        expect(candidate).toBeLessThan(serving);
        expect(candidate).toBeLessThanOrEqual(serving * (1 - marginShare));
        expect(points >= config.leastPoints && series >= config.leastSeries).toBe(true);
      }),
    );
  });

  test('a better candidate is never refused where a worse one is let through', () => {
    fc.assert(
      fc.property(anything, fc.double({ min: 0, max: 1, noNaN: true }), (heldOut, factor) => {
        if (!judgeCandidate(heldOut, config).promote) return;
        expect(judgeCandidate({ ...heldOut, candidate: heldOut.candidate * factor }, config).promote).toBe(true);
      }),
    );
  });
});
