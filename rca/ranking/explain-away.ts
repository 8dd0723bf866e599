import type { SignalKind } from '../../model/index.ts';
import type { CallHistories, CallHistory } from '../evidence/calls.ts';
import { changeScore, severityOfZ } from '../evidence/change-score.ts';
import type { ComponentEvidence, IncidentWindow } from '../evidence/component-evidence.ts';
import { isChange } from '../evidence/facts.ts';
import { linear, type SeriesHistory } from '../evidence/series-history.ts';
import type { Components } from '../graph/components.ts';
import { type LookUp, otherNamesOf } from './other-name.ts';

/** How far a component's own symptoms are accounted for by what it depends on: 0 not at all, 1 wholly. */
export interface Explained {
  readonly latency: number;
  readonly errors: number;
  /** A rise of traffic that its callers make by themselves: they ask it more often without being asked more often. */
  readonly traffic: number;
  /** New or more error lines that follow from those of what it calls. */
  readonly logs: number;
  /** A node under it is down. */
  readonly nodeDown: boolean;
}

interface EdgeChange {
  readonly excessMs: number;
  readonly excessErrors: number;
  readonly latency: number;
  readonly errors: number;
  readonly rate: number;
}

/** Calls between components, as they changed in this window. */
export type EdgeChanges = ReadonlyMap<string, EdgeChange>;

/** What a component's symptoms are held against. */
export interface Surroundings {
  /** Everything that can have caused the symptom. */
  readonly evidence: ReadonlyMap<string, ComponentEvidence>;
  readonly lookUp: LookUp;
  readonly components: Components;
  readonly edges: EdgeChanges;
  readonly slackMs: number;
}

/** Compares each call edge's recent windows with the ones before. Edges with too little history are left out. */
export function edgeChanges(calls: CallHistories, components: Components, window: IncidentWindow): EdgeChanges {
  const changes = new Map<string, EdgeChange>();
  for (const call of calls.values()) {
    const change = changeOf(call, window);
    if (change === undefined) continue;
    const key = `${components.keyOf(call.caller)}>${components.keyOf(call.callee)}`;
    const before = changes.get(key);
    if (before === undefined || change.excessMs * change.rate > before.excessMs * before.rate) changes.set(key, change);
  }
  return changes;
}

function changeOf(call: CallHistory, window: IncidentWindow): EdgeChange | undefined {
  const latency = scoreOf(call.meanMs, window, 'latency');
  const errors = scoreOf(call.errorRatio, window, 'errors');
  if (latency === undefined || errors === undefined) return undefined;
  const rate = linear(call.rate).values;
  return {
    excessMs: Math.max(0, latency.peak - latency.reference),
    excessErrors: Math.max(0, errors.peak - errors.reference),
    latency: severityOfZ(latency.z),
    errors: severityOfZ(errors.z),
    rate: rate.length === 0 ? 1 : rate[rate.length - 1],
  };
}

function scoreOf(history: SeriesHistory, window: IncidentWindow, signal: SignalKind) {
  const points = linear(history);
  if (points.times.length === 0) return undefined;
  const half = points.times[0] + (window.symptomMs - points.times[0]) / 2;
  return changeScore(points, Math.max(window.fromMs, Math.min(window.symptomMs, half)), signal, {
    except: window.except,
  });
}

/**
 * A bare address: what the service behind it makes up for. With self-time measured: what of the latency's growth it does
 * not share. With timed calls on both sides: the callees' excess time (or errors) per call of the component, as a share
 * of its own excess, so that what is left is self-time. Without: the strongest dependency's severity against its own, halved where
 * the dependency began later (soft explain-away; hard propagation costs accuracy).
 */
export function explainedBy(of: ComponentEvidence, around: Surroundings): Explained {
  const { component } = of;
  const { evidence } = around;
  const nodeDown = component.causes.some((cause) =>
    evidence.get(cause)?.facts.some((fact) => fact.kind === 'node-not-ready'),
  );
  return {
    latency: nodeDown ? 1 : explainedShare(of, around, 'latency'),
    errors: nodeDown ? 1 : explainedShare(of, around, 'errors'),
    traffic: madeByCallers(of, around.lookUp),
    logs: passedOnByCallees(of, around),
    nodeDown,
  };
}

/** Retries, cache misses, a changed path: what a caller does to its callee is its own trouble, but for a rest of doubt. */
const callersShare = 0.7;

function madeByCallers(of: ComponentEvidence, lookUp: LookUp): number {
  const own = of.changes.get('traffic');
  const callers = of.component.callers.map(lookUp).filter(isKnown);
  const known = callers.filter((caller) => caller.known.has('traffic'));
  if (own === undefined || own.score.direction < 0 || known.length === 0) return 0;
  const risen = known.map((caller) => caller.changes.get('traffic')?.score).filter(isKnown);
  const most = Math.max(0, ...risen.filter((score) => score.direction > 0).map((score) => score.severity));
  return callersShare * (1 - Math.min(1, most / own.score.severity));
}

/** A caller writes of what its callee answers; that it writes for a reason of its own is not ruled out. */
const calleesShare = 0.7;

function passedOnByCallees(of: ComponentEvidence, { evidence, slackMs }: Surroundings): number {
  const own = of.changes.get('log-rate')?.score;
  if (own === undefined) return 0;
  let most = 0;
  for (const callee of of.component.callees) {
    const other = evidence.get(callee)?.changes.get('log-rate')?.score;
    if (other === undefined) continue;
    const late = other.onsetMs > own.onsetMs + slackMs;
    most = Math.max(most, Math.min(1, other.severity / own.severity) * (late ? 0.5 : 1));
  }
  return calleesShare * most;
}

function explainedShare(of: ComponentEvidence, around: Surroundings, signal: 'latency' | 'errors'): number {
  const names = otherNamesOf(of, around.lookUp, around.components, around.slackMs, signal);
  return Math.max(inheritedShare(of, around, signal), ...names.values());
}

function inheritedShare(of: ComponentEvidence, around: Surroundings, signal: 'latency' | 'errors'): number {
  const { component } = of;
  const { evidence, edges, slackMs } = around;
  const own = of.changes.get(signal);
  if (signal === 'latency' && of.selfTime !== undefined && own !== undefined) {
    const inherited = 1 - Math.min(1, of.selfTime.severity / own.score.severity);
    // Time that is neither the component's own nor any dependency's is explained by nothing that is known.
    const explainer = component.causes.some((cause) => {
      const other = evidence.get(cause);
      return (
        other !== undefined &&
        (symptomSeverity(other, signal) > 0 || (edges.get(`${component.key}>${cause}`)?.latency ?? 0) > 0)
      );
    });
    return explainer ? inherited : inherited / 2;
  }
  const excess = (edge: EdgeChange) => (signal === 'latency' ? edge.excessMs : edge.excessErrors);
  const incoming = component.callers.map((caller) => edges.get(`${caller}>${component.key}`)).filter(isKnown);
  const rateIn = incoming.reduce((sum, edge) => sum + edge.rate, 0);
  const ownExcess = incoming.reduce((sum, edge) => sum + excess(edge) * edge.rate, 0) / rateIn;
  const outgoing = component.callees.map((callee) => edges.get(`${component.key}>${callee}`)).filter(isKnown);
  if (rateIn > 0 && ownExcess > 0) {
    const inherited = outgoing.reduce((sum, edge) => sum + (excess(edge) * edge.rate) / rateIn, 0);
    return Math.min(1, inherited / ownExcess);
  }
  let most = 0;
  for (const cause of component.causes) {
    const other = evidence.get(cause);
    if (other === undefined) continue;
    const edge = edges.get(`${component.key}>${cause}`);
    const severity = edge === undefined ? symptomSeverity(other, signal) : edge[signal];
    const late = own !== undefined && onsetOf(other) > own.score.onsetMs + slackMs;
    const share = severity / Math.max(0.05, own?.score.severity ?? 1);
    most = Math.max(most, Math.min(1, share) * (late ? 0.5 : 1));
  }
  return most;
}

const isKnown = <T>(value: T | undefined): value is T => value !== undefined;

/** How bad a dependency looks to its callers: facts count in full, errors can show as latency and the other way round. */
function symptomSeverity(of: ComponentEvidence, signal: 'latency' | 'errors'): number {
  if (of.facts.some((fact) => !isChange(fact))) return 1;
  const same = of.changes.get(signal)?.score.severity ?? 0;
  const other = of.changes.get(signal === 'latency' ? 'errors' : 'latency')?.score.severity ?? 0;
  const available = of.changes.get('readiness')?.score.severity ?? 0;
  const strained = of.component.entity.kind === 'node' ? (of.changes.get('cpu')?.score.severity ?? 0) : 0;
  return Math.max(same, other * 0.5, available, strained);
}

/** When a component first deviated, by what deviates at least half as much as its worst; infinity where nothing does. */
export function onsetOf(of: ComponentEvidence): number {
  const scores = [...of.changes.values()].map((change) => change.score);
  const worst = Math.max(0, ...scores.map((score) => score.severity));
  let onset = Number.POSITIVE_INFINITY;
  for (const score of scores) if (score.severity >= worst / 2) onset = Math.min(onset, score.onsetMs);
  for (const fact of of.facts) if (!isChange(fact)) onset = Math.min(onset, fact.atMs);
  if (of.ramp !== undefined && of.ramp.strength > 0.3) onset = Math.min(onset, of.ramp.fromMs);
  return onset;
}
