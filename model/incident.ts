import { type Static, Type } from 'typebox';
import { type CauseCode, causeCodes } from './cause-code.ts';
import { EntityRef } from './entity.ts';
import { oneOf } from './one-of.ts';
import { Timestamp } from './timestamp.ts';

export const PathStep = Type.Object(
  {
    entity: EntityRef,
    edge: Type.String({
      description:
        'How the effect came here from the step before: start, calls, owns, runs-on, serves, or known-as (an address for the same).',
    }),
    onset: Type.Optional(Timestamp('When this entity first deviated.')),
    text: Type.String({ description: 'What happened here, in a few words.' }),
  },
  { description: 'One step on the way from cause to symptom.' },
);
export type PathStep = Static<typeof PathStep>;

export const Evidence = Type.Object(
  {
    kind: oneOf(['metric', 'event', 'log', 'trace', 'change', 'topology', 'absence'], 'Where it comes from.'),
    supports: Type.Boolean({ description: 'For the cause, or against it.' }),
    weight: Type.Number({ description: 'How much it counts, in log-odds.' }),
    text: Type.String({ description: 'The fact in one sentence, with its figures.' }),
    at: Type.Optional(Timestamp('When.')),
    anomalyId: Type.Optional(Type.String({ description: 'The anomaly it rests on.' })),
    series: Type.Optional(Type.String({ description: 'Fingerprint of the series it rests on.' })),
  },
  { description: 'One fact for or against a cause.' },
);
export type Evidence = Static<typeof Evidence>;

const CauseCodeSchema = oneOf(Object.keys(causeCodes) as CauseCode[], 'Machine-readable cause; healing keys on it.');

export const Cause = Type.Object(
  {
    rank: Type.Integer({ minimum: 1, description: '1 is the likeliest.' }),
    entity: EntityRef,
    code: CauseCodeSchema,
    title: Type.String({ description: 'The code in words.' }),
    probability: Type.Number({ minimum: 0, maximum: 1, description: 'Calibrated belief that this is the root cause.' }),
    path: Type.Array(PathStep, { description: 'From this cause to the symptom.' }),
    evidence: Type.Array(Evidence, { description: 'For and against, strongest first.' }),
  },
  { description: 'A candidate root cause.' },
);
export type Cause = Static<typeof Cause>;

export const Diagnosis = Type.Object(
  {
    at: Timestamp('Event time at which it was made.'),
    causes: Type.Array(Cause, { description: 'Ranked candidates; empty only while nothing was found.' }),
    abstained: Type.Boolean({ description: 'True where no cause is clear enough to act on.' }),
    checked: Type.Array(Type.String(), { description: 'What was looked at.' }),
    missing: Type.Array(Type.String(), { description: 'What would have helped but is not there.' }),
  },
  { description: 'Why it happened: ranked causes, or that there is no clear one.' },
);
export type Diagnosis = Static<typeof Diagnosis>;

export const incidentSeverities = ['info', 'warning', 'critical'] as const;

export const Incident = Type.Object(
  {
    id: Type.String({ description: 'Follows from the first symptom and its onset.' }),
    revision: Type.Integer({ minimum: 1, description: 'Grows with each change of this incident.' }),
    state: oneOf(['open', 'resolved'], 'Whether it still goes on.'),
    severity: oneOf(
      incidentSeverities,
      'critical: an SLO is broken; warning: it is at risk or a state changed for the worse.',
    ),
    title: Type.String({ description: 'One line for people.' }),
    startedAt: Timestamp('Onset of the earliest deviation that belongs to it.'),
    openedAt: Timestamp('Event time at which it was raised.'),
    updatedAt: Timestamp('Event time of this revision.'),
    resolvedAt: Type.Optional(Timestamp('Event time at which it was over.')),
    symptom: EntityRef,
    entities: Type.Array(EntityRef, { description: 'Everything that takes part.' }),
    anomalies: Type.Array(Type.String(), { description: 'Ids of its anomalies.' }),
    events: Type.Array(Type.String(), { description: 'Ids of its cluster events.' }),
    diagnosis: Diagnosis,
    actions: Type.Array(Type.String(), { description: 'Ids of actions taken or proposed for it.' }),
  },
  { description: 'Anomalies, symptoms and changes that belong together, with a life.' },
);
export type Incident = Static<typeof Incident>;
