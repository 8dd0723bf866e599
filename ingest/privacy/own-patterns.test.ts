import { expect, test } from 'vitest';
import { maskerOf } from './testing/privacy-config.ts';

const own = (pattern: string, more = {}) => maskerOf({ rules: [], patterns: [{ name: 'own', pattern }], ...more });

test('what a pattern of the user finds is masked, once', () => {
  const masker = own('KD-[0-9]{6}');
  expect(masker.text('für KD-123456 und KD-654321')).toBe('für <own> und <own>');
  expect(own('[a-z]+').text('<own> x')).toBe('<own> <own>');
});

test('built-in rules come first, and what they masked is not masked again', () => {
  const masker = maskerOf({ patterns: [{ name: 'own', pattern: 'card|token' }] });
  expect(masker.text('card 4111111111111111')).toBe('<own> <card>');
});

test.each(['(a+)+$', '(a|aa)+$', '(a*)*b', 'a(.*b)?', '.*.*.*=c'])('%s reads a megabyte in no time', (pattern) => {
  const masker = own(pattern);
  masker.text('a'.repeat(20_000));
  const started = performance.now();
  const text = masker.text('a'.repeat(1 << 20));
  expect(performance.now() - started).toBeLessThan(1500);
  // What was not read is not kept.
  expect(text.length).toBeLessThan(100_000);
  expect(text.endsWith('<unread>')).toBe(true);
});

test('a text that was cut is not cut again', () => {
  const masker = own('b', { patternBytes: 256 });
  const cut = masker.text('😀'.repeat(300));
  expect(masker.text(cut)).toBe(cut);
});

test.each(['(?=a)', '(a)\\1', '((((x{100}){100}){100}){100})', '['])('%s is refused', (pattern) => {
  expect(() => own(pattern)).toThrow('own');
});
