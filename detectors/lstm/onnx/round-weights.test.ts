import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { activationSteps } from './activation-bytes.ts';
import { roundWeights } from './round-weights.ts';

const columns = 3;
const finite = (limit: number) => fc.float({ min: -limit, max: limit, noNaN: true });
const anyWeights = fc.array(finite(Math.fround(4)), { minLength: 4 * columns, maxLength: 4 * columns });

describe('weights rounded to a scale a column', () => {
  test('are nothing where they are too small for a scale', () => {
    const { integers, scales, bias } = roundWeights(
      Float32Array.of(0, 1e-45, -1e-40),
      new Float32Array(3),
      Float64Array.of(1),
    );
    expect([...integers, ...scales, ...bias]).toEqual([0, 0, 0, 1, 1, 1, 0, 1e-45, -1e-40].map(Math.fround));
  });

  test('lie within half a scale of what they were, in seven bits', () => {
    fc.assert(
      fc.property(anyWeights, (given) => {
        const weights = Float32Array.from(given);
        const { integers, scales } = roundWeights(weights, new Float32Array(columns), new Float64Array(0));
        for (const [at, integer] of integers.entries()) {
          const scale = scales[at % columns]!;
          expect(Math.abs(integer)).toBeLessThanOrEqual(63);
          expect(Math.abs(integer * scale - weights[at]!)).toBeLessThanOrEqual(scale * 0.5001);
        }
      }),
    );
  });

  test('give the sums of a series at rest as they were: the bias takes up what was rounded off', () => {
    fc.assert(
      fc.property(
        anyWeights,
        fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 4, maxLength: 4 }),
        (given, states) => {
          const weights = Float32Array.from(given);
          const bias = Float32Array.of(0.5, -1, 0);
          const rounded = roundWeights(weights, bias, Float64Array.from(states));
          for (let column = 0; column < columns; column += 1) {
            let before = bias[column]!;
            let after = rounded.bias[column]!;
            for (const [row, state] of states.entries()) {
              const byte = Math.round(state * activationSteps);
              before += state * weights[row * columns + column]!;
              after += (byte / activationSteps) * rounded.integers[row * columns + column]! * rounded.scales[column]!;
            }
            expect(after).toBeCloseTo(before, 4);
          }
        },
      ),
    );
  });
});
