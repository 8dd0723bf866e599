import { type Static, Type } from 'typebox';
import { EntityRef } from './entity.ts';
import { oneOf } from './one-of.ts';
import { signalKinds } from './signal-kind.ts';
import { Timestamp } from './timestamp.ts';

export const Anomaly = Type.Object(
  {
    id: Type.String({ description: 'Follows from series, detector and onset.' }),
    revision: Type.Integer({ minimum: 1, description: 'Grows with each change of this anomaly.' }),
    state: oneOf(['firing', 'cleared'], 'Whether it still holds.'),
    entity: EntityRef,
    series: Type.String({ description: "The series' fingerprint, 16 hex digits." }),
    metric: Type.String({ description: 'Metric name.' }),
    signal: oneOf(signalKinds, 'What the metric says about the entity.'),
    detector: Type.String({ description: 'Which detector saw it: lstm, seasonal, slo, log-template, state.' }),
    onset: Timestamp('First sample that deviated.'),
    detectedAt: Timestamp('Sample time at which it was persistent enough to tell.'),
    clearedAt: Type.Optional(Timestamp('Sample time at which it was over.')),
    observed: Type.Number({ description: "Value at detection, in the metric's unit." }),
    expected: Type.Number({ description: 'What the model expected then.' }),
    lower: Type.Number({ description: 'Lower end of the expected band.' }),
    upper: Type.Number({ description: 'Upper end of the expected band.' }),
    unit: Type.String({ description: "The metric's unit." }),
    score: Type.Number({ description: 'Robustly normalised deviation; the alarm threshold is in its scale.' }),
    severity: Type.Number({
      minimum: 0,
      maximum: 1,
      description: 'Calibrated: how rarely a healthy series deviates this much.',
    }),
    reason: Type.String({ description: 'The deviation in one sentence.' }),
  },
  { description: 'A deviation of one signal of one entity that is too large and too persistent for chance.' },
);
export type Anomaly = Static<typeof Anomaly>;
