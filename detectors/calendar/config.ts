import { type Static, Type } from 'typebox';
import { oneOf, weekdays } from '../../model/index.ts';

/** Settings of the calendar that days and times of day are counted by. */
export const CalendarConfig = Type.Object(
  {
    timeZone: Type.String({
      default: 'UTC',
      maxLength: 64,
      description:
        'IANA time zone, such as Europe/Berlin, in which daily seasons and weekly maintenance are counted; daylight saving is followed.',
    }),
    weekend: Type.Array(oneOf(weekdays, 'A weekday.'), {
      default: ['sat', 'sun'],
      maxItems: 7,
      description: 'Weekdays that are no working days.',
    }),
    holidays: Type.Array(
      Type.String({
        pattern: '^(\\d{4}-\\d{2}-\\d{2}(/\\d{4}-\\d{2}-\\d{2})?|\\d{8}|\\d{2}-\\d{2})$',
        description: '2026-12-24, 20261224, 2026-12-24/2027-01-01 (both included), or 12-25 for every year.',
      }),
      { default: [], maxItems: 5000, description: 'Days that are like no other.' },
    ),
  },
  { additionalProperties: false, default: {}, description: 'Time zone, weekends and holidays.' },
);
export type CalendarConfig = Static<typeof CalendarConfig>;
