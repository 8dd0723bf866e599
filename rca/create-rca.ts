import { entityKey, type Metrics, type Rca, type SeriesCatalog, toEpochMs } from '../model/index.ts';
import { decodeCheckpoint, encodeCheckpoint, type RcaState } from './checkpoint.ts';
import type { RcaConfig } from './config.ts';
import { alertsWithin, forgetAlerts, observeAlerts } from './evidence/alerts.ts';
import { atLeast, leastIntervals } from './evidence/cadence.ts';
import { forgetCall, observeCallHistory } from './evidence/calls.ts';
import { anomaliesByEntity, type IncidentWindow } from './evidence/component-evidence.ts';
import { createEvidenceStore } from './evidence/evidence-store.ts';
import { createFacts, type Fact, forgetFacts, observeCluster, symptomFacts } from './evidence/facts.ts';
import { createHistories } from './evidence/histories.ts';
import { observeLimits } from './evidence/resource-limits.ts';
import { symptomLine } from './evidence/symptom-line.ts';
import { ageGraph, createGraph, observeCall, observeSnapshot } from './graph/causal-graph.ts';
import { type Components, componentsOf } from './graph/components.ts';
import { createRelationsBook } from './graph/series-relations.ts';
import { topologyOf } from './graph/topology-view.ts';
import type { OpenIncident } from './incidents/incident-book.ts';
import { keepIncidents } from './incidents/keep-incidents.ts';
import { symptomsOf } from './incidents/symptoms.ts';
import { incidentAlerts } from './ranking/alert-evidence.ts';
import { diagnose } from './ranking/rank-causes.ts';

export interface RcaDeps {
  readonly catalog: SeriesCatalog;
  readonly metrics: Metrics;
  readonly config: RcaConfig;
}

const upkeepEveryMs = 10_000;
const evidenceIdleMs = 3_600_000;
const deviatingSeverity = 0.5;

/** The root-cause stage: keeps graph and evidence, and the incidents that follow from them. All in event time. */
export function createRca({ catalog, metrics, config }: RcaDeps): Rca {
  let state = emptyState();
  const relations = createRelationsBook();
  let components: Components = componentsOf(state.graph);
  const histories = createHistories();
  const store = createEvidenceStore(
    catalog,
    {
      historyPoints: config.historyPoints,
      resolutionMs: config.historyResolutionSeconds * 1000,
      seriesLimit: config.seriesLimit,
    },
    histories,
    (series, atMs) => {
      relations.tell(state.graph, series, atMs);
      if (series.origin === 'logs' || series.kind === 'logs') state.hasLogs = true;
    },
  );
  const diagnoses = metrics.counter('kybern_diagnoses_total', 'Diagnoses made.');
  const opened = metrics.gauge('kybern_incidents_open', 'Incidents that go on.');
  const seriesLeftOut = metrics.gauge(
    'kybern_rca_series_left_out',
    'Series left out of the evidence, over rca.seriesLimit.',
  );
  const seriesKept = metrics.gauge('kybern_rca_series', 'Series kept as evidence.');

  const currentComponents = () => {
    if (components.version !== state.graph.version) components = componentsOf(state.graph);
    return components;
  };
  const firingByEntity = () => anomaliesByEntity([...state.anomalies.values()].filter((one) => one.state === 'firing'));

  const windowOf = (incident: OpenIncident): IncidentWindow => ({
    symptomMs: incident.symptomMs,
    fromMs: incident.symptomMs - atLeast(config.lookbackSeconds, leastIntervals.lookback, incident.stepMs),
    changesFromMs: incident.symptomMs - config.changeLookbackSeconds * 1000,
    except: state.incidents
      .filter((other) => other !== incident && other.resolvedAtMs !== undefined)
      .map((other) => ({ fromMs: other.startedAtMs, toMs: other.resolvedAtMs!, members: other.members })),
    nowMs: state.nowMs,
  });

  // What cleared within the incident's window still tells of it: a later look must not know less.
  const seenIn = (window: IncidentWindow) =>
    anomaliesByEntity(
      [...state.anomalies.values()].filter(
        ({ clearedAt }) => clearedAt === undefined || toEpochMs(clearedAt) > window.fromMs,
      ),
    );

  const diagnoseNow = (incident: OpenIncident) => {
    diagnoses.add(1);
    const roll = currentComponents();
    const window = windowOf(incident);
    return diagnose({
      components: roll,
      sources: { store, facts: state.facts, limits: state.limits, anomalies: seenIn(window), keyOf: roll.keyOf },
      alerts: alertsWithin(state.alerts, window, roll.keyOf),
      calls: state.calls,
      window,
      symptom: incident.symptom,
      symptoms: [...new Set([...incident.symptoms.values()].map((symptom) => roll.keyOf(symptom.entity)))].sort(),
      symptomLine: symptomLine(incident, state.anomalies, store, roll),
      hasClusterState: state.graph.pods.size > 0,
      hasLogs: state.hasLogs,
      maxHops: config.maxHops,
      unknownLogit: config.unknownLogit,
      abstainBelow: config.abstainBelow,
    });
  };

  /** Series that have been silent for an hour, and since before all that goes on, are no evidence any more. */
  const forgetEvidence = () => {
    const fromMs = state.incidents.reduce(
      (earliest, incident) => Math.min(earliest, windowOf(incident).fromMs),
      state.nowMs,
    );
    const firing = new Set([...state.anomalies.values()].map(({ series }) => series));
    store.forget(fromMs - evidenceIdleMs, (fingerprint) => firing.has(fingerprint));
  };

  const upkeep = () => {
    const { nowMs } = state;
    if (nowMs - state.upkeepAtMs < upkeepEveryMs) return;
    state.upkeepAtMs = nowMs;
    ageGraph(state.graph, nowMs, config.edgeTtlSeconds * 1000, config.podLingerSeconds * 1000);
    forgetFacts(state.facts, nowMs - 2 * config.changeLookbackSeconds * 1000);
    forgetAlerts(state.alerts, nowMs - 2 * config.groupSeconds * 1000, nowMs - config.alertHoldSeconds * 1000);
    for (const [id, anomaly] of state.anomalies) {
      if (anomaly.clearedAt !== undefined && nowMs - toEpochMs(anomaly.clearedAt) > 2 * config.groupSeconds * 1000)
        state.anomalies.delete(id);
    }
    const kept = state.incidents.filter((one) => nowMs - (one.resolvedAtMs ?? nowMs) <= 3 * config.groupSeconds * 1000);
    state.incidents.splice(0, state.incidents.length, ...kept);
    const { nodes } = state.graph;
    for (const pod of state.limits.keys()) if (!nodes.has(pod)) state.limits.delete(pod);
    for (const key of state.facts.restarts.keys()) {
      if (!nodes.has(key.slice(0, key.lastIndexOf('/')))) state.facts.restarts.delete(key);
    }
    for (const [key, call] of state.calls)
      if (!nodes.has(call.caller) || !nodes.has(call.callee)) forgetCall(state.calls, key);
    forgetEvidence();
    relations.trim(nodes.size);
    seriesKept.set(store.size);
    seriesLeftOut.set(store.dropped);
  };

  return {
    observe({ samples, calls, cluster, anomalies }) {
      for (const batch of samples) store.observe(batch);
      for (const call of calls) {
        observeCall(state.graph, call);
        observeCallHistory(state.calls, call, histories);
      }
      for (const batch of cluster) {
        observeCluster(state.facts, batch);
        observeAlerts(state.alerts, batch);
        if (batch.snapshot === undefined) continue;
        observeSnapshot(state.graph, batch.snapshot);
        observeLimits(state.limits, batch.snapshot);
      }
      for (const anomaly of anomalies) {
        const known = state.anomalies.get(anomaly.id);
        if (known === undefined || known.revision < anomaly.revision) state.anomalies.set(anomaly.id, anomaly);
      }
    },
    advance(watermarkMs) {
      if (watermarkMs > state.nowMs) state.nowMs = watermarkMs;
      upkeep();
      const byEntity = firingByEntity();
      const roll = currentComponents();
      const factsOf = (component: string): Fact[] => {
        return [...state.facts.byId.values()].filter((fact) => roll.keyOf(fact.entity) === component);
      };
      const revisions = keepIncidents(state.incidents, {
        nowMs: state.nowMs,
        config,
        components: roll,
        symptoms: symptomsOf(
          {
            anomalies: state.anomalies.values(),
            facts: state.facts.byId.values(),
            historyOf: (fingerprint) => store.byFingerprint(fingerprint)?.history,
          },
          config,
          state.nowMs,
        ),
        anomalies: byEntity,
        factsOf,
        alertsNear: (members, fromMs) =>
          [
            ...incidentAlerts(
              members,
              alertsWithin(state.alerts, { fromMs, nowMs: state.nowMs }, roll.keyOf),
              roll,
            ).values(),
          ].flat(),
        deviates: (component) =>
          (roll.byKey.get(component)?.members ?? [component]).some((member) =>
            byEntity.get(member)?.some((anomaly) => anomaly.severity >= deviatingSeverity),
          ) || factsOf(component).some((fact) => symptomFacts.has(fact.kind) && fact.endedAtMs === undefined),
        diagnose: diagnoseNow,
      });
      opened.set(state.incidents.filter((incident) => incident.state === 'open').length);
      return revisions;
    },
    attach(action) {
      const incident = state.incidents.find(({ id }) => id === action.incidentId);
      if (incident === undefined) return;
      incident.actions.add(action.id);
      if (action.appliedAt !== undefined) {
        incident.actedMs = Math.max(incident.actedMs ?? 0, toEpochMs(action.appliedAt));
      }
    },
    topology() {
      const open = state.incidents.filter((incident) => incident.state === 'open');
      const first = open.flatMap((incident) =>
        incident.diagnosis.abstained ? [] : incident.diagnosis.causes.slice(0, 1),
      );
      return topologyOf(state.graph, {
        anomalies: firingByEntity(),
        causes: new Set(first.map((cause) => entityKey(cause.entity))),
        symptoms: new Set(open.map((incident) => incident.symptom)),
        lastSeenMs: state.nowMs,
      });
    },
    save: () => Buffer.concat([...encodeCheckpoint(state, store.save())]),
    pieces: () => encodeCheckpoint(state, store.save()),
    load(bytes) {
      relations.reset();
      try {
        const checkpoint = decodeCheckpoint(bytes, histories);
        if (checkpoint === undefined) return false;
        state = checkpoint.state;
        store.load(checkpoint.evidence);
      } catch {
        state = emptyState();
        store.load([]);
        return false;
      }
      components = componentsOf(state.graph);
      return true;
    },
  };
}

function emptyState(): RcaState {
  return {
    graph: createGraph(),
    facts: createFacts(),
    alerts: new Map(),
    limits: new Map(),
    calls: new Map(),
    anomalies: new Map(),
    incidents: [],
    nowMs: 0,
    upkeepAtMs: Number.NEGATIVE_INFINITY,
    hasLogs: false,
  };
}
