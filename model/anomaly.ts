import { type Static, Type } from 'typebox';
import { EntityRef } from './entity.ts';
import { oneOf } from './one-of.ts';
import { signalKinds } from './signal-kind.ts';
import { Timestamp } from './timestamp.ts';

/** A failure that has not happened yet: when, how sure, and by what. */
export const FailureAhead = Type.Object(
  {
    what: Type.String({ description: "What is expected to give: 'disk /', 'memory', 'pids', or 'health'." }),
    expectedSeconds: Type.Number({ minimum: 0, description: 'Seconds from detection to the expected failure.' }),
    earliestSeconds: Type.Number({ minimum: 0, description: 'It is hardly expected sooner than this.' }),
    latestSeconds: Type.Number({ minimum: 0, description: 'It is hardly expected later than this.' }),
    confidence: Type.Number({
      minimum: 0,
      maximum: 1,
      description: 'Probability that it happens within the configured horizon.',
    }),
    evidence: Type.Array(Type.String(), { description: 'What it rests on, strongest first.' }),
  },
  { description: 'A failure foretold.' },
);
export type FailureAhead = Static<typeof FailureAhead>;

/** Why an anomaly is kept and not told. */
export const Suppression = Type.Object(
  {
    by: oneOf(['maintenance', 'feedback', 'budget', 'past'], 'What holds it back.'),
    id: Type.String({
      description: 'The maintenance window, the feedback, the team whose budget it is, or the series whose past it is.',
    }),
    reason: Type.String({ description: 'In one sentence.' }),
  },
  { description: 'Present where the anomaly is not told: it opens no incident and pages nobody.' },
);
export type Suppression = Static<typeof Suppression>;

/** Another anomaly that began at about the same time. */
export const AlsoMoved = Type.Object(
  {
    anomaly: Type.String({ description: 'Its id.' }),
    entity: EntityRef,
    metric: Type.String({ description: 'Metric name.' }),
    onset: Timestamp('When it began.'),
    direction: oneOf(['up', 'down'], 'Side of the expected value.'),
  },
  { description: 'What else moved.' },
);
export type AlsoMoved = Static<typeof AlsoMoved>;

/** One metric's part in a joint deviation of an entity's metrics. */
export const Explaining = Type.Object(
  {
    metric: Type.String({ description: 'Metric name.' }),
    series: Type.String({ description: "The series' fingerprint, 16 hex digits." }),
    share: Type.Number({ minimum: 0, maximum: 1, description: 'Of the deviation of all metrics together.' }),
    observed: Type.Number({ description: "Value at detection, in the metric's unit." }),
    expected: Type.Number({ description: "What followed from the entity's metrics one row before." }),
  },
  { description: 'A metric that explains a joint deviation.' },
);
export type Explaining = Static<typeof Explaining>;

export const Anomaly = Type.Object(
  {
    id: Type.String({ description: 'Follows from series, detector and onset.' }),
    revision: Type.Integer({ minimum: 1, description: 'Grows with each change of this anomaly.' }),
    state: oneOf(['firing', 'cleared'], 'Whether it still holds.'),
    entity: EntityRef,
    series: Type.String({ description: "The series' fingerprint, 16 hex digits." }),
    metric: Type.String({ description: 'Metric name.' }),
    signal: oneOf(signalKinds, 'What the metric says about the entity.'),
    detector: Type.String({
      description:
        'Which detector saw it: lstm, seasonal, slo, log-template, log-template-rate, log-severity, log-session, state, node-failure, joint, new-edge, lost-edge.',
    }),
    onset: Timestamp('First sample that deviated.'),
    detectedAt: Timestamp('Sample time at which it was persistent enough to tell.'),
    clearedAt: Type.Optional(Timestamp('Sample time at which it was over.')),
    observed: Type.Number({ description: "Value at detection, in the metric's unit." }),
    expected: Type.Number({ description: 'What the model expected then.' }),
    lower: Type.Number({ description: 'Lower end of the expected band.' }),
    upper: Type.Number({ description: 'Upper end of the expected band.' }),
    unit: Type.String({ description: "The metric's unit." }),
    score: Type.Number({ description: 'Robustly normalised deviation; the alarm threshold is in its scale.' }),
    rank: Type.Optional(
      Type.Number({
        description:
          'How remarkable the score is among those of all series, in its scale: over what the series reaches daily, and higher for values, or distances from what is usual at the time, that it never had; half where as much was told within the half hour before. Alert budgets go by it.',
      }),
    ),
    severity: Type.Number({
      minimum: 0,
      maximum: 1,
      description: 'Calibrated: how rarely a healthy series deviates this much.',
    }),
    reason: Type.String({ description: 'The deviation in one sentence.' }),
    ahead: Type.Optional(FailureAhead),
    learning: Type.Optional(
      Type.Boolean({ description: 'Present and true while the series is young: its band is wide.' }),
    ),
    suppressed: Type.Optional(Suppression),
    toldAt: Type.Optional(Timestamp('Event time at which it was told, where it had been held back before.')),
    alsoMoved: Type.Optional(
      Type.Array(AlsoMoved, { description: 'What else began to deviate at about this time, the most related first.' }),
    ),
    explainedBy: Type.Optional(
      Type.Array(Explaining, {
        description: 'Of a joint deviation: the metrics that explain it, largest share first.',
      }),
    ),
    team: Type.Optional(Type.String({ description: 'The team whose alert budget it counts for.' })),
  },
  { description: 'A deviation of one signal of one entity that is too large and too persistent for chance.' },
);
export type Anomaly = Static<typeof Anomaly>;
