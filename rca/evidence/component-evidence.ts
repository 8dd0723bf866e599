import { type Anomaly, entityKey, type SignalKind, toEpochMs } from '../../model/index.ts';
import type { Component } from '../graph/components.ts';
import { cadenceOf, leastIntervals } from './cadence.ts';
import { type ChangeScore, changeScore, type TimeSpan } from './change-score.ts';
import { correlation } from './correlation.ts';
import type { EvidenceSeries, EvidenceStore } from './evidence-store.ts';
import { type Fact, type Facts, isChange } from './facts.ts';
import { createLevels, type Levels, noteLevel } from './levels.ts';
import { type MemoryRamp, memoryRamp } from './memory-ramp.ts';
import type { ResourceLimits } from './resource-limits.ts';
import { lastTime, linear, type Points } from './series-history.ts';
import { isOfDependencies } from './viewpoint.ts';

export interface EarlierIncident extends TimeSpan {
  /** Keys of the components that took part: what happened to them then is told. */
  readonly members: ReadonlySet<string>;
}

/** The time an incident is looked at: reference before, evidence after `fromMs`. */
export interface IncidentWindow {
  /** Onset of the first symptom. */
  readonly symptomMs: number;
  /** Earliest time at which a cause may have begun to show. */
  readonly fromMs: number;
  readonly changesFromMs: number;
  /** Earlier incidents: not to be taken for health. */
  readonly except: readonly EarlierIncident[];
  readonly nowMs: number;
}

/** One series' part in the evidence. */
export interface SignalChange {
  readonly series: EvidenceSeries;
  readonly score: ChangeScore;
  /** With the symptom, over the window; NaN where it cannot be told. */
  readonly correlation: number;
  readonly anomaly?: Anomaly;
}

export interface Ramp extends MemoryRamp {
  readonly series: EvidenceSeries;
  /** Largest share of the limit that was reached; NaN where no limit is known. */
  readonly limitShare: number;
}

/** All that is known of one component in one window. Absent kinds are not evidence of health: see `known`. */
export interface ComponentEvidence {
  readonly component: Component;
  /** Strongest change of each signal kind. */
  readonly changes: ReadonlyMap<SignalKind, SignalChange>;
  /** Signal kinds with enough reference to tell. */
  readonly known: ReadonlySet<SignalKind>;
  readonly facts: readonly Fact[];
  readonly anomalies: readonly Anomaly[];
  readonly ramp?: Ramp;
  readonly cpuShare: number;
  /** Change of the time it takes by itself, from traces; absent where self-time is not measured. */
  readonly selfTime?: ChangeScore;
  readonly silentSinceMs?: number;
  /** By metric name: how far latency, errors and readiness moved for the worse, and how much traffic is usual. */
  readonly levels: Levels;
  readonly seriesCount: number;
  /** Fewest reference points among its series, as a share of a full reference. */
  readonly trust: number;
}

/** The symptom over time, and the distance between its points. */
export interface SymptomLine {
  readonly name: string;
  readonly points: Points;
  readonly stepMs: number;
}

export interface EvidenceSources {
  readonly store: EvidenceStore;
  readonly facts: Facts;
  /** The component that an entity belongs to, whatever it was called by who told a fact. */
  keyOf(entity: string): string;
  readonly limits: ResourceLimits;
  /** Anomalies that fire, or fired in the window, by entity key. */
  readonly anomalies: ReadonlyMap<string, readonly Anomaly[]>;
}

/** A detector knows rhythm and history that the reference here does not hold: what it saw counts half by itself. */
const detectorShare = 0.5;

function seenByDetector(anomaly: Anomaly, store: EvidenceStore, newsMs: number): SignalChange | undefined {
  const series = store.byFingerprint(anomaly.series);
  if (series === undefined || isSelfTime(series) || anomaly.detector === 'slo') return undefined;
  if (isOfDependencies(series.name, series.signal)) return undefined;
  const onsetMs = toEpochMs(anomaly.onset);
  if (onsetMs <= newsMs) return undefined;
  const score = {
    // Nobody but the detector can know that a kind of line is new.
    severity: anomaly.severity * (anomaly.detector === 'log-template' ? 1 : detectorShare),
    z: anomaly.score,
    reference: anomaly.expected,
    peak: anomaly.observed,
    direction: anomaly.observed >= anomaly.expected ? 1 : -1,
    onsetMs,
    trust: 1,
  } as const;
  return { series, score, correlation: Number.NaN, anomaly };
}

/** Correlation wants to see some of the time before, whatever the distance of points. */
const calmPoints = 8;
const correlateFrom = (symptom: SymptomLine, window: IncidentWindow) =>
  Math.min(window.fromMs, window.symptomMs - calmPoints * symptom.stepMs);

const isSelfTime = (series: EvidenceSeries) => series.signal === 'latency' && /(^|[._])self[._]/.test(series.name);

/** Told as a share of the limit already. */
const isShare = (series: EvidenceSeries) => /limit[._]utili[sz]ation$/.test(series.name);

/** A component that reported regularly is silent once it missed this many of its steps, and this long. */
const silenceSteps = 5;
const leastSilenceMs = 10_000;

/** Gathers the evidence on one component. Pure; the cost is one sort of each series' reference. */
export function evidenceOn(
  component: Component,
  sources: EvidenceSources,
  window: IncidentWindow,
  symptom: SymptomLine | undefined,
): ComponentEvidence {
  // What an earlier incident told of this component does not count a second time.
  const newsMs = Math.max(
    Number.NEGATIVE_INFINITY,
    ...window.except.filter((other) => other.members.has(component.key)).map((other) => other.toMs),
  );
  const changes = new Map<SignalKind, SignalChange>();
  const known = new Set<SignalKind>();
  const anomalies: Anomaly[] = [];
  const facts: Fact[] = [];
  let ramp: Ramp | undefined;
  let selfTime: ChangeScore | undefined;
  let cpuShare = Number.NaN;
  const levels = createLevels();
  let seriesCount = 0;
  let trust = 1;
  let newestMs = Number.NEGATIVE_INFINITY;
  let stepMs = 0;
  for (const member of component.members) {
    anomalies.push(...(sources.anomalies.get(member) ?? []));
    const memoryLimit = memoryLimitOf(member, sources);
    for (const series of sources.store.of(member)) {
      seriesCount += 1;
      newestMs = Math.max(newestMs, lastTime(series.history));
      const cadenceMs = cadenceOf(series.history);
      const fromMs = Math.min(window.fromMs, window.symptomMs - leastIntervals.lookback * cadenceMs);
      if (series.history.length < 2 || lastTime(series.history) < fromMs - 60_000) continue;
      const points = linear(series.history);
      stepMs = Math.max(stepMs, (points.times[points.times.length - 1] - points.times[0]) / (points.times.length - 1));
      if (isOfDependencies(series.name, series.signal)) continue;
      if (series.signal === 'memory' && series.direction === 'up') {
        const found = rampOf(
          series,
          points,
          Math.max(newsMs, window.fromMs - (window.nowMs - window.fromMs)),
          memoryLimit,
        );
        if (found !== undefined && (ramp === undefined || found.strength > ramp.strength)) ramp = found;
      }
      if (series.signal === 'cpu' && series.direction === 'up')
        cpuShare = largest(
          cpuShare,
          peakShare(points, window, isShare(series) ? 1 : sources.limits.get(member)?.cpuCores),
        );
      const score = changeScore(points, splitOf(points, fromMs, window.symptomMs), series.signal, {
        isRate: series.reading !== 'value',
        except: window.except,
        direction: series.direction,
      });
      if (score === undefined) continue;
      if (isSelfTime(series)) {
        // Operations have self-times too: the one that grew most speaks for the component.
        if (selfTime === undefined || score.severity > selfTime.severity) selfTime = score;
        continue;
      }
      noteLevel(levels, series, score);
      known.add(series.signal);
      trust = Math.min(trust, score.trust);
      const best = changes.get(series.signal);
      if (score.severity <= 0 || (best !== undefined && best.score.severity >= score.severity)) continue;
      const anomaly = anomalies.find((other) => other.series === series.fingerprint);
      const together =
        symptom === undefined
          ? Number.NaN
          : correlation(symptom.points, points, correlateFrom(symptom, window), symptom.stepMs);
      changes.set(series.signal, {
        series,
        score,
        correlation: together,
        ...(anomaly === undefined ? {} : { anomaly }),
      });
    }
  }
  for (const anomaly of anomalies) {
    const change = seenByDetector(anomaly, sources.store, newsMs);
    const best = change === undefined ? undefined : changes.get(change.series.signal);
    if (change === undefined || (best !== undefined && best.score.severity >= change.score.severity)) continue;
    known.add(change.series.signal);
    changes.set(change.series.signal, change);
  }
  for (const fact of sources.facts.byId.values()) {
    if (sources.keyOf(fact.entity) === component.key && fact.lastMs > newsMs && inWindow(fact, window))
      facts.push(fact);
  }
  const silent = seriesCount > 0 && window.nowMs - newestMs > Math.max(leastSilenceMs, silenceSteps * stepMs);
  return {
    component,
    changes,
    known,
    facts: facts.sort((a, b) => a.atMs - b.atMs),
    anomalies,
    cpuShare,
    levels,
    seriesCount,
    trust,
    ...(ramp === undefined ? {} : { ramp }),
    ...(selfTime === undefined ? {} : { selfTime }),
    ...(silent && newestMs >= window.fromMs - stepMs ? { silentSinceMs: newestMs } : {}),
  };
}

function inWindow(fact: Fact, window: IncidentWindow): boolean {
  const from = isChange(fact) ? window.changesFromMs : window.fromMs;
  return fact.lastMs >= from && (fact.endedAtMs === undefined || fact.endedAtMs >= from);
}

/** The reference ends at the window's begin, or half-way through what there is before the symptom, whichever is later. */
function splitOf(points: Points, fromMs: number, symptomMs: number): number {
  const first = points.times[0];
  return Math.max(fromMs, Math.min(symptomMs, first + (symptomMs - first) / 2));
}

function memoryLimitOf(member: string, sources: EvidenceSources): number | undefined {
  const listed = sources.limits.get(member)?.memoryBytes;
  if (listed !== undefined) return listed;
  const told = sources.store.of(member).find((series) => series.signal === 'memory-limit' && series.history.length > 0);
  if (told === undefined) return undefined;
  const { values } = linear(told.history);
  return values[values.length - 1];
}

function rampOf(series: EvidenceSeries, points: Points, fromMs: number, limit?: number): Ramp | undefined {
  const found = memoryRamp(points, fromMs);
  if (found === undefined || found.strength <= 0) return undefined;
  const limitShare = isShare(series) ? found.toValue : limit === undefined ? Number.NaN : found.toValue / limit;
  return { ...found, series, limitShare };
}

function peakShare(points: Points, window: IncidentWindow, limit: number | undefined): number {
  if (limit === undefined) return Number.NaN;
  let peak = 0;
  for (let i = 0; i < points.times.length; i += 1) {
    if (points.times[i] > window.fromMs) peak = Math.max(peak, points.values[i]);
  }
  return peak / limit;
}

const largest = (a: number, b: number) => (Number.isNaN(a) ? b : Number.isNaN(b) ? a : Math.max(a, b));

/** Anomalies by the entity they are about. */
export function anomaliesByEntity(anomalies: Iterable<Anomaly>): ReadonlyMap<string, readonly Anomaly[]> {
  const byEntity = new Map<string, Anomaly[]>();
  for (const anomaly of anomalies) {
    const key = entityKey(anomaly.entity);
    const list = byEntity.get(key);
    if (list === undefined) byEntity.set(key, [anomaly]);
    else list.push(anomaly);
  }
  return byEntity;
}
