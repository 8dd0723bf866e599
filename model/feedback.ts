import { type Static, Type } from 'typebox';
import { EntityRef } from './entity.ts';
import { oneOf } from './one-of.ts';
import { Timestamp } from './timestamp.ts';

export const feedbackVerdicts = ['not_an_anomaly', 'confirmed', 'missed'] as const;
export type FeedbackVerdict = (typeof feedbackVerdicts)[number];

export const directions = ['up', 'down'] as const;
export type Direction = (typeof directions)[number];

/** What an operator said of an anomaly, or of one that was not found, and what it changes. */
export const Feedback = Type.Object(
  {
    id: Type.String({ description: 'Follows from what it is about, its verdict and its time.' }),
    revision: Type.Integer({ minimum: 1, description: 'Grows with each change.' }),
    state: oneOf(['active', 'undone'], 'undone: as if it had never been given.'),
    verdict: oneOf(
      feedbackVerdicts,
      'not_an_anomaly: the like is not told again; confirmed: the like is always told; missed: the series is watched more closely.',
    ),
    anomaly: Type.Optional(Type.String({ description: 'The anomaly it is about.' })),
    series: Type.String({ description: "The series' fingerprint, 16 hex digits." }),
    metric: Type.String({ description: 'Metric name.' }),
    entity: EntityRef,
    direction: oneOf(directions, 'Side of the expected value that it speaks of.'),
    view: Type.String({
      description: 'Kind of deviation it speaks of: deviation (from a forecast, level or season), or the detector.',
    }),
    score: Type.Number({ description: 'Score of what it is about.' }),
    limit: Type.Number({
      description:
        'not_an_anomaly: up to this score the like is not told; confirmed: from this score on it always is; missed: from this score on the series deviates.',
    }),
    from: Type.Optional(Timestamp('Of a missed one: when it began.')),
    to: Type.Optional(Timestamp('Of a missed one: when it was over.')),
    found: Type.Optional(Type.Boolean({ description: 'Of a missed one: whether it would be found now.' })),
    note: Type.Optional(Type.String({ description: 'What the operator wrote.' })),
    by: Type.String({ description: 'Who said so.' }),
    at: Timestamp('When.'),
    updatedAt: Timestamp('When it was last changed.'),
    undoneBy: Type.Optional(Type.String({ description: 'Who undid it.' })),
    effect: Type.String({ description: 'What it changes, or changed until it was undone, in one sentence.' }),
  },
  { description: 'Feedback of an operator, stored and undoable.' },
);
export type Feedback = Static<typeof Feedback>;
