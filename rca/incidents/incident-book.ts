import { type Diagnosis, entityOfKey, type Incident, toTimestamp } from '../../model/index.ts';
import type { Symptom } from './symptoms.ts';

/** An incident as it is worked on. Plain data. */
export interface OpenIncident {
  readonly id: string;
  revision: number;
  state: 'open' | 'resolved';
  readonly openedAtMs: number;
  /** Onset of its first symptom: what the evidence window is counted from. */
  symptomMs: number;
  /** The longest interval among its symptoms' series: what its windows are counted in. */
  stepMs: number;
  /** Onset of the earliest deviation that belongs to it, the cause's included. */
  startedAtMs: number;
  resolvedAtMs?: number;
  /** When a change that answers it was last made. */
  actedMs?: number;
  /** Last time that one of its symptoms held. */
  lastSignMs: number;
  lastDiagnosisMs: number;
  readonly symptoms: Map<string, Symptom>;
  /** Component keys: where symptoms show, the first cause and its path. */
  members: Set<string>;
  /** Component of the symptom that stands for all. */
  symptom: string;
  symptomSignal: string;
  title: string;
  critical: boolean;
  readonly anomalies: Set<string>;
  readonly events: Set<string>;
  readonly actions: Set<string>;
  /** Alerts of other systems that joined, and their states, as texts. */
  alerts: readonly string[];
  diagnosis: Diagnosis;
  /** What the last revision said, to see whether there is anything new to say. */
  said: string;
  /** Probability of the first cause in the last revision. */
  saidProbability: number;
}

/** The incident as a decision. */
export function asIncident(open: OpenIncident, nowMs: number): Incident {
  return {
    id: open.id,
    revision: open.revision,
    state: open.state,
    severity: open.critical ? 'critical' : 'warning',
    title: open.title,
    startedAt: toTimestamp(open.startedAtMs),
    openedAt: toTimestamp(open.openedAtMs),
    updatedAt: toTimestamp(nowMs),
    ...(open.resolvedAtMs === undefined ? {} : { resolvedAt: toTimestamp(open.resolvedAtMs) }),
    symptom: entityOfKey(open.symptom),
    entities: [...open.members].sort().map(entityOfKey),
    anomalies: [...open.anomalies].sort(),
    events: [...open.events].sort(),
    diagnosis: open.diagnosis,
    actions: [...open.actions].sort(),
  };
}

/** The first cause's probability is news once it moved this far from what was said last. */
const probabilityStep = 0.25;

/**
 * Whether there is something worth a new revision, and if so notes it as said: state, severity, title, who takes part,
 * twice as many anomalies or events, actions, abstention, another first cause or a much surer one. Times and the figures
 * in the texts are not.
 */
export function hasNews(open: OpenIncident): boolean {
  const [first] = open.diagnosis.causes;
  const probability = first?.probability ?? 0;
  const meaning = JSON.stringify([
    open.state,
    open.critical,
    open.title,
    open.symptom,
    [...open.members].sort(),
    magnitudeOf(open.anomalies.size),
    magnitudeOf(open.events.size),
    [...open.actions].sort(),
    open.alerts,
    open.diagnosis.abstained,
    first === undefined ? '' : [first.entity.name, first.code],
  ]);
  if (meaning === open.said && Math.abs(probability - open.saidProbability) < probabilityStep) return false;
  open.said = meaning;
  open.saidProbability = probability;
  return true;
}

const magnitudeOf = (count: number) => Math.ceil(Math.log2(1 + count));
