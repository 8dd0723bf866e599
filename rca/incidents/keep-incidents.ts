import {
  type Anomaly,
  contentId,
  type Diagnosis,
  entityKey,
  entityOfKey,
  type Incident,
  toEpochMs,
  toTimestamp,
} from '../../model/index.ts';
import type { RcaConfig } from '../config.ts';
import type { Alert } from '../evidence/alerts.ts';
import { atLeast, leastIntervals } from '../evidence/cadence.ts';
import type { Fact } from '../evidence/facts.ts';
import type { Component, Components } from '../graph/components.ts';
import { incidentFor } from './grouping.ts';
import { asIncident, hasNews, type OpenIncident } from './incident-book.ts';
import type { Symptom } from './symptoms.ts';
import { titleOf } from './title.ts';

export interface IncidentContext {
  readonly nowMs: number;
  readonly config: RcaConfig;
  readonly components: Components;
  /** Every symptom, oldest first. */
  readonly symptoms: readonly Symptom[];
  /** Firing anomalies by entity key. */
  readonly anomalies: ReadonlyMap<string, readonly Anomaly[]>;
  deviates(component: string): boolean;
  factsOf(component: string): readonly Fact[];
  /** Alerts of other systems on these components or their neighbours that held since then. */
  alertsNear(components: Iterable<string>, fromMs: number): readonly Alert[];
  diagnose(incident: OpenIncident): Diagnosis;
}

/** Brings all incidents to `nowMs`: opens, joins, diagnoses, resolves. Returns the new revisions. */
export function keepIncidents(incidents: OpenIncident[], context: IncidentContext): Incident[] {
  const { nowMs, config } = context;
  const known = new Map<string, OpenIncident>();
  for (const incident of incidents) for (const id of incident.symptoms.keys()) known.set(id, incident);
  const touched = new Set<OpenIncident>();
  for (const symptom of context.symptoms) {
    const owner = known.get(symptom.id);
    if (owner !== undefined) {
      const before = owner.symptoms.get(symptom.id)!;
      if ((before.clearMs === undefined) !== (symptom.clearMs === undefined)) touched.add(owner);
      if (owner.state === 'open' || symptom.clearMs !== undefined) {
        owner.symptoms.set(symptom.id, symptom);
        continue;
      }
      // It fires again after its incident was resolved: news.
      if (before.clearMs === undefined || symptom.onsetMs <= owner.resolvedAtMs!) continue;
    }
    if (symptom.clearMs !== undefined && nowMs - symptom.clearMs > config.quietSeconds * 1000) continue;
    const joined = incidentFor(symptom, incidents, context.components, config, context.deviates);
    const incident = joined ?? openIncident(symptom, context);
    if (joined === undefined) incidents.push(incident);
    join(incident, symptom, context);
    touched.add(incident);
  }
  endUntold(incidents, context, touched);
  const revisions: Incident[] = [];
  for (const incident of incidents) {
    const revision = update(incident, context, touched.has(incident));
    if (revision !== undefined) revisions.push(revision);
  }
  return revisions;
}

// An anomaly that clears is known to have ended some samples earlier. It may then have been too short for a symptom and is
// told no more; facts are forgotten. What is not told any more is over: it must not hold its incident open for ever.
function endUntold(incidents: readonly OpenIncident[], context: IncidentContext, touched: Set<OpenIncident>): void {
  const told = new Set(context.symptoms.map(({ id }) => id));
  for (const incident of incidents) {
    if (incident.state !== 'open') continue;
    for (const symptom of incident.symptoms.values()) {
      if (symptom.clearMs !== undefined || told.has(symptom.id)) continue;
      incident.symptoms.set(symptom.id, { ...symptom, clearMs: context.nowMs });
      touched.add(incident);
    }
  }
}

function openIncident(symptom: Symptom, { nowMs, components }: IncidentContext): OpenIncident {
  return {
    id: contentId('inc', symptom.entity, symptom.onsetMs),
    revision: 0,
    state: 'open',
    openedAtMs: nowMs,
    symptomMs: symptom.onsetMs,
    stepMs: symptom.stepMs,
    startedAtMs: symptom.onsetMs,
    lastSignMs: nowMs,
    lastDiagnosisMs: Number.NEGATIVE_INFINITY,
    symptoms: new Map(),
    members: new Set(),
    symptom: components.keyOf(symptom.entity),
    symptomSignal: symptom.signal,
    title: '',
    critical: false,
    anomalies: new Set(),
    events: new Set(),
    actions: new Set(),
    alerts: [],
    diagnosis: { at: toTimestamp(nowMs), causes: [], abstained: true, checked: [], missing: [] },
    said: '',
    saidProbability: 0,
  };
}

function join(incident: OpenIncident, symptom: Symptom, { components }: IncidentContext): void {
  incident.symptoms.set(symptom.id, symptom);
  incident.members.add(components.keyOf(symptom.entity));
  incident.symptomMs = Math.min(incident.symptomMs, symptom.onsetMs);
  incident.stepMs = Math.max(incident.stepMs, symptom.stepMs);
  incident.startedAtMs = Math.min(incident.startedAtMs, symptom.onsetMs);
  if (symptom.slo) incident.critical = true;
  if (symptom.source === 'anomaly') incident.anomalies.add(symptom.id);
  else incident.events.add(symptom.id);
}

function update(incident: OpenIncident, context: IncidentContext, touched: boolean): Incident | undefined {
  const { nowMs, config, components } = context;
  if (incident.state === 'resolved') return news(incident, nowMs);
  const holding = [...incident.symptoms.values()].filter((symptom) => symptom.clearMs === undefined);
  if (holding.length > 0) incident.lastSignMs = nowMs;
  const due = nowMs - incident.lastDiagnosisMs >= config.diagnoseEverySeconds * 1000;
  // Once the reference before the incident has left the series' history, a new look would know less than the last one.
  const worthwhileMs = atLeast(config.groupSeconds, leastIntervals.diagnose, incident.stepMs);
  const worthwhile = nowMs - incident.symptomMs <= worthwhileMs;
  // What is seen right after a change (fresh pods that fill their memory, an empty cache) is its effect, no cause.
  const answered = incident.actedMs !== undefined && nowMs - incident.actedMs < config.afterActionSeconds * 1000;
  if (due && worthwhile && !answered && (touched || holding.length > 0)) {
    const main = mainSymptom([...incident.symptoms.values()], components);
    incident.symptom = components.keyOf(main.entity);
    incident.symptomSignal = main.signal;
    incident.diagnosis = context.diagnose(incident);
    incident.lastDiagnosisMs = nowMs;
    takePart(incident, context);
    const symptom = components.byKey.get(incident.symptom)?.entity ?? entityOfKey(incident.symptom);
    incident.title = titleOf(incident.diagnosis, symptom, incident.symptomSignal);
  }
  const clearSince = Math.max(...[...incident.symptoms.values()].map((symptom) => symptom.clearMs ?? nowMs));
  if (holding.length === 0 && nowMs - clearSince >= config.quietSeconds * 1000) {
    incident.state = 'resolved';
    incident.resolvedAtMs = nowMs;
  }
  return news(incident, nowMs);
}

function news(incident: OpenIncident, nowMs: number): Incident | undefined {
  if (!hasNews(incident)) return undefined;
  incident.revision += 1;
  return asIncident(incident, nowMs);
}

/** The symptom that stands for the incident: a broken SLO before others, what is nearest to the users, the most severe. */
function mainSymptom(symptoms: readonly Symptom[], components: Components): Symptom {
  const callers = (symptom: Symptom) => {
    const component: Component | undefined = components.byKey.get(components.keyOf(symptom.entity));
    return component?.callers.length ?? 0;
  };
  return [...symptoms].sort(
    (a, b) =>
      Number(b.slo) - Number(a.slo) ||
      Number(b.source === 'anomaly') - Number(a.source === 'anomaly') ||
      callers(a) - callers(b) ||
      b.severity - a.severity ||
      a.onsetMs - b.onsetMs ||
      (a.id < b.id ? -1 : 1),
  )[0];
}

/** Members are where symptoms show and the first cause's path; their anomalies since the beginning belong to it. */
function takePart(incident: OpenIncident, context: IncidentContext): void {
  const { components, anomalies, config } = context;
  const [first] = incident.diagnosis.causes;
  const fromMs = incident.symptomMs - atLeast(config.lookbackSeconds, leastIntervals.lookback, incident.stepMs);
  const members = new Set([...incident.symptoms.values()].map((symptom) => components.keyOf(symptom.entity)));
  if (first !== undefined && !incident.diagnosis.abstained) {
    for (const step of first.path) {
      members.add(components.keyOf(entityKey(step.entity)));
      if (step.onset !== undefined) incident.startedAtMs = Math.min(incident.startedAtMs, toEpochMs(step.onset));
    }
    for (const fact of context.factsOf(components.keyOf(entityKey(first.entity)))) {
      if (fact.lastMs >= fromMs) incident.events.add(fact.id);
    }
  }
  incident.members = members;
  const alerts = context.alertsNear(members, fromMs);
  for (const alert of alerts) for (const id of alert.events) incident.events.add(id);
  incident.alerts = [...new Set(alerts.map(({ name, state }) => `${name} ${state}`))].sort();
  for (const member of members) {
    for (const key of components.byKey.get(member)?.members ?? [member]) {
      for (const anomaly of anomalies.get(key) ?? []) {
        if (anomaly.ahead !== undefined || toEpochMs(anomaly.onset) >= fromMs) incident.anomalies.add(anomaly.id);
      }
    }
  }
}
