import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { MaintenanceSpec } from '../../model/index.ts';
import { createCalendar, createZoneClock, utcCalendar } from '../calendar/index.ts';
import { createWindowTimes } from './index.ts';

const at = (text: string) => Date.parse(text);
const weekly = (change: Partial<NonNullable<MaintenanceSpec['weekly']>> = {}): MaintenanceSpec => ({
  reason: 'backups',
  weekly: { days: ['sun'], start: '02:30', minutes: 60, timeZone: 'Europe/Berlin', ...change },
});

describe('a weekly window', () => {
  test.each([
    ['in winter', '2026-01-11T01:30:00Z', '2026-01-11T02:30:00Z'],
    ['in summer', '2026-07-05T00:30:00Z', '2026-07-05T01:30:00Z'],
    // On the day of the change there is no 02:30: clocks go from 02:00 to 03:00.
    ['when its time is jumped over', '2026-03-29T01:00:00Z', '2026-03-29T02:00:00Z'],
    // And in autumn there are two: the first one counts.
    ['when its time comes twice', '2026-10-25T00:30:00Z', '2026-10-25T01:30:00Z'],
  ])('begins at local time %s', (_when, from, to) => {
    const isOpen = createWindowTimes(weekly(), utcCalendar);
    expect([at(from) - 1, at(from), at(to) - 1, at(to)].map(isOpen)).toEqual([false, true, true, false]);
  });

  test('goes on over midnight, and for days', () => {
    const night = createWindowTimes(
      weekly({ days: ['fri'], start: '22:00', minutes: 600, timeZone: 'UTC' }),
      utcCalendar,
    );
    expect(night(at('2026-01-10T07:59:00Z'))).toBe(true);
    expect(night(at('2026-01-10T08:00:00Z'))).toBe(false);
    const days = createWindowTimes(
      weekly({ days: ['fri'], start: '22:00', minutes: 4320, timeZone: 'UTC' }),
      utcCalendar,
    );
    expect(days(at('2026-01-12T21:59:00Z'))).toBe(true);
    expect(days(at('2026-01-12T22:00:00Z'))).toBe(false);
  });

  test("takes the calendar's time zone where it names none", () => {
    const tokyo = createCalendar({ timeZone: 'Asia/Tokyo', weekend: [], holidays: [] });
    const isOpen = createWindowTimes({ reason: '', weekly: { days: ['mon'], start: '00:00', minutes: 1 } }, tokyo);
    expect(isOpen(at('2026-01-11T15:00:00Z'))).toBe(true);
  });

  test('is open for as long in a week as it says, in any zone', () => {
    const zones = fc.constantFrom('UTC', 'Europe/Berlin', 'America/St_Johns', 'Australia/Lord_Howe');
    const minutes = fc.integer({ min: 1, max: 40 }).map((quarters) => quarters * 15);
    const hours = fc.integer({ min: 0, max: 23 }).map((hour) => `${String(hour).padStart(2, '0')}:00`);
    const weeks = fc.integer({ min: 0, max: 150 });
    fc.assert(
      fc.property(zones, minutes, hours, weeks, (timeZone, lasts, start, week) => {
        const isOpen = createWindowTimes(
          weekly({ days: ['wed'], start, minutes: lasts, timeZone }),
          createZoneClock(timeZone),
        );
        // From Monday to Monday: no window of a Wednesday reaches beyond.
        const fromMs = Date.UTC(2026, 0, 5) + week * 7 * 86_400_000;
        let open = 0;
        for (let minute = 0; minute < 7 * 1440; minute += 5) if (isOpen(fromMs + minute * 60_000)) open += 5;
        expect(open).toBe(lasts);
      }),
      { numRuns: 15 },
    );
  });
});

test.each<[string, MaintenanceSpec]>([
  ['no times', { reason: '' }],
  ['only a beginning', { reason: '', from: '2026-01-01T00:00:00Z' }],
  ['an end before the beginning', { reason: '', from: '2026-01-02T00:00:00Z', to: '2026-01-01T00:00:00Z' }],
  ['both kinds of times', { ...weekly(), from: '2026-01-01T00:00:00Z', to: '2026-01-02T00:00:00Z' }],
  ['a zone that there is not', weekly({ timeZone: 'Moon/Tycho' })],
])('%s cannot be', (_what, spec) => {
  expect(() => createWindowTimes(spec, utcCalendar)).toThrow(/cannot be/);
});
