import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createRandom } from '../../model/index.ts';
import { createNoise } from '../testing/synthetic.ts';
import { createSeverityScale } from './severity-scale.ts';

test('severity is a probability and rises with the score, whatever was seen', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { maxLength: 200 }),
      fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { minLength: 2, maxLength: 20 }),
      (seen, asked) => {
        const scale = createSeverityScale();
        for (const score of seen) scale.observe(score);
        const severities = asked.sort((a, b) => a - b).map(scale.severity);
        for (const [at, severity] of severities.entries()) {
          expect(severity).toBeGreaterThanOrEqual(severities[at - 1] ?? 0);
          expect(severity).toBeLessThanOrEqual(1);
        }
      },
    ),
  );
});

test('it is the share of healthy stretches of 1,000 samples that stay below the score', () => {
  const scale = createSeverityScale();
  const noise = createNoise(createRandom(3));
  // Heavy tails: the cube of a normal number.
  const score = () => Math.abs(noise() ** 3);
  for (let sample = 0; sample < 1_000_000; sample += 1) scale.observe(score());
  const peaks = Array.from({ length: 400 }, () => {
    let peak = 0;
    for (let sample = 0; sample < 1000; sample += 1) peak = Math.max(peak, score());
    return peak;
  }).sort((a, b) => a - b);
  for (const share of [0.25, 0.5, 0.75, 0.9]) {
    expect(scale.severity(peaks[Math.floor(share * 400)]!)).toBeCloseTo(share, 0.9);
    expect(Math.abs(scale.severity(peaks[Math.floor(share * 400)]!) - share)).toBeLessThan(0.08);
  }
});
