import { type Anomaly, entityKey, toEpochMs } from '../../model/index.ts';
import type { RcaConfig } from '../config.ts';
import { atLeast, cadenceOf, leastIntervals } from '../evidence/cadence.ts';
import { type Fact, symptomFacts } from '../evidence/facts.ts';
import { type PresentRun, presentRun } from '../evidence/present-run.ts';
import { lastTime, type SeriesHistory } from '../evidence/series-history.ts';
import { isOfDependencies } from '../evidence/viewpoint.ts';

/** What is wrong somewhere and a person would want to hear of. */
export interface Symptom {
  /** Id of the anomaly or fact. */
  readonly id: string;
  readonly source: 'anomaly' | 'fact';
  readonly entity: string;
  readonly onsetMs: number;
  /** Event time since when it has been clear; undefined while it holds. */
  readonly clearMs?: number;
  readonly severity: number;
  readonly slo: boolean;
  readonly signal: string;
  /** Usual distance of its series' points; 0 where it has none. */
  readonly stepMs: number;
}

export interface SymptomSources {
  readonly anomalies: Iterable<Anomaly>;
  readonly facts: Iterable<Fact>;
  /** Recent points of a series, if it is known. */
  historyOf(fingerprint: string): SeriesHistory | undefined;
}

/**
 * The symptoms there are: broken SLOs; severe, lasting latency and error anomalies of what serves requests, and error
 * lines never seen before; state events for the worse; failures foretold. A resource or traffic anomaly alone is none: it harms nobody yet.
 */
export function symptomsOf(sources: SymptomSources, config: RcaConfig, nowMs: number): Symptom[] {
  const symptoms: Symptom[] = [];
  for (const anomaly of sources.anomalies) {
    const slo = anomaly.detector === 'slo';
    const felt = isFelt(anomaly);
    if (anomaly.ahead !== undefined) {
      symptoms.push(foretold(anomaly));
      continue;
    }
    if (!slo && !(felt && anomaly.severity >= config.openSeverity)) continue;
    if (anomaly.entity.kind === 'series' || anomaly.entity.kind === 'cluster') continue;
    const history = sources.historyOf(anomaly.series);
    const stepMs = history === undefined ? 0 : cadenceOf(history);
    const { onsetMs, clearMs } = runOf(anomaly, history, stepMs, config, nowMs);
    if (!slo && (anomaly.clearedAt === undefined ? nowMs : clearMs!) - onsetMs < config.persistSeconds * 1000) continue;
    symptoms.push({
      id: anomaly.id,
      source: 'anomaly',
      entity: entityKey(anomaly.entity),
      onsetMs,
      severity: anomaly.severity,
      slo,
      signal: anomaly.signal,
      stepMs,
      ...(clearMs === undefined ? {} : { clearMs }),
    });
  }
  for (const fact of sources.facts) {
    if (!symptomFacts.has(fact.kind)) continue;
    const heldMs = fact.lastMs + config.eventHoldSeconds * 1000;
    // An end that a snapshot showed counts at once; a bare event is held for a while.
    const clearMs = fact.endedAtMs ?? (heldMs <= nowMs ? heldMs : undefined);
    symptoms.push({
      id: fact.id,
      source: 'fact',
      entity: fact.entity,
      onsetMs: fact.atMs,
      severity: 1,
      slo: false,
      signal: fact.kind,
      stepMs: 0,
      ...(clearMs === undefined ? {} : { clearMs }),
    });
  }
  return symptoms.sort((a, b) => a.onsetMs - b.onsetMs || (a.id < b.id ? -1 : 1));
}

export const foretoldSignal = 'failure-ahead';

/** A failure ahead harms nobody yet, and people want to hear of it: from the moment it was told, however long it grew. */
function foretold(anomaly: Anomaly): Symptom {
  return {
    id: anomaly.id,
    source: 'anomaly',
    entity: entityKey(anomaly.entity),
    onsetMs: toEpochMs(anomaly.detectedAt),
    severity: anomaly.severity,
    slo: false,
    signal: foretoldSignal,
    stepMs: 0,
    ...(anomaly.clearedAt === undefined ? {} : { clearMs: toEpochMs(anomaly.clearedAt) }),
  };
}

/** Latency and errors of what serves requests, as it sees them itself; error lines of a kind never seen before. */
function isFelt({ signal, metric, detector }: Anomaly): boolean {
  if (detector === 'log-template') return true;
  return (signal === 'latency' || signal === 'errors') && !isOfDependencies(metric, signal);
}

/** Since when the anomaly holds, or when it cleared: told by its detector, seen in its series, or by that one's silence. */
function runOf(
  anomaly: Anomaly,
  history: SeriesHistory | undefined,
  stepMs: number,
  config: RcaConfig,
  nowMs: number,
): PresentRun {
  const onsetMs = toEpochMs(anomaly.onset);
  if (anomaly.state === 'cleared') return { onsetMs, clearMs: toEpochMs(anomaly.clearedAt ?? anomaly.detectedAt) };
  if (history === undefined || history.length === 0) return { onsetMs };
  const staleMs = atLeast(config.staleSeconds, leastIntervals.stale, stepMs);
  const heardMs = Math.max(lastTime(history), toEpochMs(anomaly.detectedAt));
  // An SLO's own windows say when it is met again; its bound is no band around what is expected.
  const run = anomaly.detector === 'slo' ? { onsetMs } : presentRun(anomaly, history, stepMs, staleMs);
  if (run.clearMs !== undefined || nowMs - heardMs <= staleMs) return run;
  return { onsetMs: run.onsetMs, clearMs: heardMs };
}
