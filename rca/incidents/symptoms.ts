import { type Anomaly, entityKey, toEpochMs } from '../../model/index.ts';
import type { RcaConfig } from '../config.ts';
import { type Fact, symptomFacts } from '../evidence/facts.ts';

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
}

export interface SymptomSources {
  readonly anomalies: Iterable<Anomaly>;
  readonly facts: Iterable<Fact>;
  /** Time of a series' newest sample, -Infinity if it is not known. */
  lastSeenMs(fingerprint: string): number;
}

/**
 * The symptoms there are: broken SLOs; severe, lasting latency and error anomalies of what serves requests; state events
 * for the worse. A resource or traffic anomaly alone is none: it harms nobody yet.
 */
export function symptomsOf(sources: SymptomSources, config: RcaConfig, nowMs: number): Symptom[] {
  const symptoms: Symptom[] = [];
  for (const anomaly of sources.anomalies) {
    const onsetMs = toEpochMs(anomaly.onset);
    const slo = anomaly.detector === 'slo';
    const endMs = anomaly.clearedAt === undefined ? nowMs : toEpochMs(anomaly.clearedAt);
    const felt = anomaly.signal === 'latency' || anomaly.signal === 'errors';
    const severe = felt && anomaly.severity >= config.openSeverity && endMs - onsetMs >= config.persistSeconds * 1000;
    if (!slo && !severe) continue;
    if (anomaly.entity.kind === 'series' || anomaly.entity.kind === 'cluster') continue;
    const clearMs = clearOf(anomaly, sources.lastSeenMs(anomaly.series), config, nowMs);
    symptoms.push({
      id: anomaly.id,
      source: 'anomaly',
      entity: entityKey(anomaly.entity),
      onsetMs,
      severity: anomaly.severity,
      slo,
      signal: anomaly.signal,
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
      ...(clearMs === undefined ? {} : { clearMs }),
    });
  }
  return symptoms.sort((a, b) => a.onsetMs - b.onsetMs || (a.id < b.id ? -1 : 1));
}

function clearOf(anomaly: Anomaly, lastSeenMs: number, config: RcaConfig, nowMs: number): number | undefined {
  if (anomaly.state === 'cleared') return toEpochMs(anomaly.clearedAt ?? anomaly.detectedAt);
  const heard = Math.max(lastSeenMs, toEpochMs(anomaly.detectedAt));
  if (!Number.isFinite(lastSeenMs)) return undefined;
  return nowMs - heard > config.staleSeconds * 1000 ? heard : undefined;
}
