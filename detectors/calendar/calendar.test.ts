import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createCalendar, createZoneClock, holiday, weekend, workday } from './index.ts';

const dayMs = 86_400_000;
const at = (text: string) => Date.parse(text);
const berlin = createCalendar({
  timeZone: 'Europe/Berlin',
  weekend: ['sat', 'sun'],
  holidays: ['12-25', '2026-05-14', '20261003', '2026-12-28/2026-12-31'],
});

describe('a calendar in Berlin', () => {
  test('keeps the local time of day over the change to summer time and back', () => {
    expect(berlin.secondOfDay(at('2026-03-28T08:00:00Z'))).toBe(9 * 3600);
    expect(berlin.secondOfDay(at('2026-03-29T07:00:00Z'))).toBe(9 * 3600);
    expect(berlin.secondOfDay(at('2026-10-25T08:00:00Z'))).toBe(9 * 3600);
    // 2026-03-29: 01:59:59 is followed by 03:00:00.
    expect(berlin.secondOfDay(at('2026-03-29T00:59:59Z'))).toBe(7199);
    expect(berlin.secondOfDay(at('2026-03-29T01:00:00Z'))).toBe(3 * 3600);
  });

  test('begins a day at local midnight', () => {
    const day = at('2026-07-01T00:00:00Z') / dayMs;
    expect(berlin.localDay(at('2026-06-30T21:59:59Z'))).toBe(day - 1);
    expect(berlin.localDay(at('2026-06-30T22:00:00Z'))).toBe(day);
  });

  test.each([
    ['2026-05-13T12:00:00Z', workday],
    ['2026-05-14T12:00:00Z', holiday],
    ['2026-05-16T12:00:00Z', weekend],
    // A Saturday, and in Berlin it is already the 3rd.
    ['2026-10-02T22:30:00Z', holiday],
    ['2026-12-29T12:00:00Z', holiday],
    ['2027-01-01T12:00:00Z', workday],
    ['2031-12-25T12:00:00Z', holiday],
  ])('%s is of class %i', (time, wanted) => {
    expect(berlin.dayClass(at(time))).toBe(wanted);
  });

  test('finds the moment at which clocks show a time: the earlier of two, the jump where none', () => {
    expect(berlin.epochMs(Date.UTC(2026, 6, 1, 9))).toBe(at('2026-07-01T07:00:00Z'));
    expect(berlin.epochMs(Date.UTC(2026, 9, 25, 2, 30))).toBe(at('2026-10-25T00:30:00Z'));
    expect(berlin.epochMs(Date.UTC(2026, 2, 29, 2, 30))).toBe(at('2026-03-29T01:00:00Z'));
  });
});

describe('a clock of any zone', () => {
  const zones = [
    'Europe/Berlin',
    'America/New_York',
    'Asia/Kolkata',
    'Australia/Lord_Howe',
    'Pacific/Apia',
    'Africa/Casablanca',
  ];
  const clocks = new Map(zones.map((zone) => [zone, createZoneClock(zone)]));

  test('agrees with Intl at any time', () => {
    const times = fc.integer({ min: at('2015-01-01T00:00:00Z'), max: at('2035-01-01T00:00:00Z') });
    fc.assert(
      fc.property(fc.constantFrom(...zones), times, (zone, timeMs) => {
        const shown = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' });
        const local = new Date(timeMs + clocks.get(zone)!.offsetMs(timeMs)).toISOString().slice(0, 19);
        expect(local.replace('T', ' ')).toBe(shown.format(timeMs));
      }),
      { numRuns: 300 },
    );
  });

  test('goes back from local time to the moment, wherever there is one', () => {
    const times = fc.integer({ min: at('2015-01-01T00:00:00Z') / 60_000, max: at('2035-01-01T00:00:00Z') / 60_000 });
    fc.assert(
      fc.property(fc.constantFrom(...zones), times, (zone, minute) => {
        const clock = clocks.get(zone)!;
        const timeMs = minute * 60_000;
        const localMs = timeMs + clock.offsetMs(timeMs);
        const found = clock.epochMs(localMs);
        expect(found + clock.offsetMs(found)).toBe(localMs);
        expect(found).toBeLessThanOrEqual(timeMs);
      }),
      { numRuns: 300 },
    );
  });

  test('a zone or day that there is not is an error of the configuration', () => {
    expect(() => createZoneClock('Europe/Atlantis')).toThrow(/Atlantis/);
    const bad = { timeZone: 'UTC', weekend: [], holidays: ['2026-02-30'] };
    expect(() => createCalendar(bad)).toThrow(/2026-02-30/);
  });

  test('holidays that end before they begin are an error, not none', () => {
    const backwards = { timeZone: 'UTC', weekend: [], holidays: ['2026-12-31/2026-12-28'] };
    expect(() => createCalendar(backwards)).toThrow(/end before they begin/);
  });
});
