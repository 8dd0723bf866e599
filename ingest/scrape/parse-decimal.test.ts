import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseDecimal } from './parse-decimal.ts';

const parse = (text: string) => {
  const bytes = Buffer.from(`x${text}x`);
  return parseDecimal(bytes, 1, bytes.length - 1);
};

test('every double reads back bit for bit, as JavaScript and Go write it', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true }), (value) => {
      for (const text of [String(value), value.toExponential()]) {
        expect(Object.is(parse(text), Object.is(value, -0) && !text.startsWith('-') ? 0 : value)).toBe(true);
      }
    }),
    { numRuns: 1000 },
  );
});

test('decimals of any length read as `Number` reads them', () => {
  const decimal = fc
    .tuple(fc.boolean(), fc.stringMatching(/^\d{1,20}$/), fc.stringMatching(/^\d{0,25}$/))
    .map(([minus, whole, fraction]) => `${minus ? '-' : ''}${whole}${fraction === '' ? '' : `.${fraction}`}`);
  fc.assert(
    fc.property(decimal, (text) => {
      expect(parse(text)).toBe(Number(text));
    }),
    { numRuns: 1000 },
  );
});

test.each([
  ['+Inf', Number.POSITIVE_INFINITY],
  ['-Inf', Number.NEGATIVE_INFINITY],
  ['NaN', Number.NaN],
  ['+1', 1],
  ['.5', 0.5],
  ['5.', 5],
  ['1e3', 1000],
])('%s is a number', (text, value) => {
  expect(parse(text)).toBe(value);
});

test.each(['', '-', '.', '1.2.3', '0x10', '1_000', 'one', '1e', '--1'])('%j is none', (text) => {
  expect(parse(text)).toBeUndefined();
});
