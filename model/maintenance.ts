import { type Static, Type } from 'typebox';
import { oneOf } from './one-of.ts';
import { Selector } from './selector.ts';
import { Timestamp } from './timestamp.ts';

export const weekdays = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;
export type Weekday = (typeof weekdays)[number];

/** Times that come back: local weekday and time of day, whatever the clocks there do in between. */
export const WeeklyTimes = Type.Object(
  {
    days: Type.Array(oneOf(weekdays, 'A weekday.'), {
      minItems: 1,
      maxItems: 7,
      description: 'Local weekdays on which it begins.',
    }),
    start: Type.String({
      pattern: '^([01]\\d|2[0-3]):[0-5]\\d$',
      description: "Local time it begins at, such as '22:30'.",
    }),
    minutes: Type.Integer({ minimum: 1, maximum: 10_080, description: 'How long it lasts, in minutes.' }),
    timeZone: Type.Optional(
      Type.String({ maxLength: 64, description: "IANA time zone, such as Europe/Berlin; absent: the calendar's." }),
    ),
  },
  { additionalProperties: false, description: 'A weekly time in a time zone.' },
);
export type WeeklyTimes = Static<typeof WeeklyTimes>;

const specProperties = {
  reason: Type.String({ minLength: 1, maxLength: 500, description: 'Why: shown at what it suppresses.' }),
  match: Type.Optional(Selector),
  from: Type.Optional(Timestamp('Of one that comes once: when it begins.')),
  to: Type.Optional(Timestamp('Of one that comes once: when it ends.')),
  weekly: Type.Optional(WeeklyTimes),
  teach: Type.Optional(
    Type.Boolean({ description: 'Whether what is seen meanwhile teaches the detectors what is normal; absent: no.' }),
  ),
};

/** A maintenance window as a person states it: once (`from` and `to`) or `weekly`. */
export const MaintenanceSpec = Type.Object(specProperties, {
  additionalProperties: false,
  description: 'Anomalies that fire meanwhile are kept, marked and not told. Either from and to, or weekly.',
});
export type MaintenanceSpec = Static<typeof MaintenanceSpec>;

export const MaintenanceWindow = Type.Object(
  {
    id: Type.String({ description: 'Id.' }),
    revision: Type.Integer({ minimum: 1, description: 'Grows with each change.' }),
    state: oneOf(['planned', 'ended'], 'ended: taken back by a person.'),
    by: Type.String({ description: "Who asked for it; 'config' for those of the configuration." }),
    createdAt: Timestamp('When it was asked for.'),
    updatedAt: Timestamp('When it was last changed.'),
    endedBy: Type.Optional(Type.String({ description: 'Who took it back.' })),
    ...specProperties,
  },
  { description: 'A time in which work is done on something, so that its anomalies are expected.' },
);
export type MaintenanceWindow = Static<typeof MaintenanceWindow>;
