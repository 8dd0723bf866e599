import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { KybernError } from '../../model/index.ts';
import { parseRange, parseTime } from './parse-time.ts';

const nowMs = Date.UTC(2026, 0, 2, 3, 4, 5);

describe('a time in a query', () => {
  test('is RFC 3339, with any offset', () => {
    expect(parseTime('2026-01-02T03:04:05Z', nowMs, 'from')).toBe(nowMs);
    expect(parseTime('2026-01-02T05:04:05.250+02:00', nowMs, 'from')).toBe(nowMs + 250);
  });

  test('may have lost its plus on the way: a + in a query string is a space', () => {
    expect(parseTime('2026-01-02T05:04:05 02:00', nowMs, 'from')).toBe(nowMs);
  });

  test('is relative to now in seconds, minutes, hours, days and weeks', () => {
    expect(parseTime('now', nowMs, 'to')).toBe(nowMs);
    expect(parseTime('-15m', nowMs, 'from')).toBe(nowMs - 900_000);
    expect(parseTime('-1h30m', nowMs, 'from')).toBe(nowMs - 5_400_000);
    expect(parseTime('-1w', nowMs, 'from')).toBe(nowMs - 604_800_000);
  });

  test('reads back every time that is written', () => {
    fc.assert(
      fc.property(fc.date({ min: new Date(0), max: new Date('9999-12-31'), noInvalidDate: true }), (date) => {
        expect(parseTime(date.toISOString(), nowMs, 'from')).toBe(date.getTime());
      }),
    );
  });

  test('is a time or a coded error, whatever is typed', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        try {
          expect(Number.isFinite(parseTime(text, nowMs, 'from'))).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(KybernError);
          expect((error as KybernError).code).toBe('KYBERN_BAD_REQUEST');
        }
      }),
    );
  });

  test.each(['yesterday', '2026-01-02', '-15', '15m', '2026-13-01T00:00:00Z', ''])('refuses %j', (text) => {
    expect(() => parseTime(text, nowMs, 'from')).toThrow(KybernError);
  });
});

describe('a range', () => {
  test('may be open at either end', () => {
    expect(parseRange({}, nowMs)).toEqual({});
    expect(parseRange({ from: '-1m' }, nowMs)).toEqual({ fromMs: nowMs - 60_000 });
  });

  test('must not end before it begins', () => {
    expect(() => parseRange({ from: 'now', to: '-1m' }, nowMs)).toThrow('to lies before from');
  });
});
