import {
  entityKey,
  type SampleBatch,
  type SeriesCatalog,
  type SeriesDefinition,
  type SignalKind,
  signalKindOf,
} from '../../model/index.ts';
import { cadenceOf } from './cadence.ts';
import type { PointPool } from './point-pool.ts';
import {
  appendPoint,
  createHistory,
  loadHistory,
  releaseHistory,
  type SavedHistory,
  type SeriesHistory,
  saveHistory,
} from './series-history.ts';

/** A series that counts as evidence, with its recent points. */
export interface EvidenceSeries {
  readonly id: number;
  readonly fingerprint: string;
  readonly name: string;
  readonly unit: string;
  readonly signal: SignalKind;
  readonly entity: string;
  readonly reading: 'value' | 'rate' | 'increment';
  readonly history: SeriesHistory;
}

export interface EvidenceStore {
  /** Takes samples in log order; calls back with each series met for the first time, and with its time. */
  observe(batch: SampleBatch): void;
  of(entity: string): readonly EvidenceSeries[];
  byFingerprint(fingerprint: string): EvidenceSeries | undefined;
  readonly size: number;
  readonly dropped: number;
  /**
   * Forgets series that were last heard of before a time, and six of their intervals before it, unless they are wanted: of a
   * pod that is gone nothing is evidence any more. What was left out is met again where that made room.
   */
  forget(beforeMs: number, isWanted: (fingerprint: string) => boolean): void;
  save(): Iterable<SavedSeries>;
  load(saved: Iterable<SavedSeries>): void;
}

export interface SavedSeries {
  readonly fingerprint: string;
  readonly history: SavedHistory;
}

export interface EvidenceLimits {
  readonly historyPoints: number;
  readonly resolutionMs: number;
  readonly seriesLimit: number;
}

/**
 * How the points of a series become evidence: gauges as they are, counters as rates. Of a duration counter only the
 * count means something by itself (traffic); sums and buckets rise with traffic and would read as latency, so they are
 * left out, as are series whose kind has no bad direction unless they say a limit.
 */
export function readingOf(
  series: SeriesDefinition,
): { readonly signal: SignalKind; readonly reading: EvidenceSeries['reading'] } | undefined {
  if (series.kind === 'logs' || series.kind === 'spans') return undefined;
  const signal = signalKindOf(series.name);
  // A CPU limit is a setting; no kind of signal stands for it.
  if (signal === 'cpu' && /limits?$/.test(series.name)) return undefined;
  if (series.kind === 'gauge') return { signal, reading: 'value' };
  if (signal === 'restarts') return { signal, reading: 'value' };
  const reading = series.kind === 'delta' ? 'increment' : 'rate';
  if (signal !== 'latency') return { signal, reading };
  return /[._]count$/.test(series.name) ? { signal: 'traffic', reading } : undefined;
}

export function createEvidenceStore(
  catalog: SeriesCatalog,
  limits: EvidenceLimits,
  pool: PointPool,
  onSeries: (series: SeriesDefinition, atMs: number) => void,
): EvidenceStore {
  // Index is the catalogue id. null: looked at and left out.
  let byId: (EvidenceSeries | null | undefined)[] = [];
  let byEntity = new Map<string, EvidenceSeries[]>();
  let byFingerprint = new Map<string, EvidenceSeries>();
  /** Ids of those that there is no room for. */
  let leftOut: number[] = [];

  const add = (definition: SeriesDefinition, historyOf: () => SeriesHistory): EvidenceSeries | null => {
    const how = readingOf(definition);
    if (how === undefined) return null;
    const { id, fingerprint, name, unit } = definition;
    if (byFingerprint.size >= limits.seriesLimit) {
      leftOut.push(id);
      return null;
    }
    const key = entityKey(definition.entity);
    const siblings = byEntity.get(key);
    // One text for all series of an entity.
    const entity = siblings?.[0]?.entity ?? key;
    const series: EvidenceSeries = { id, fingerprint, name, unit, entity, history: historyOf(), ...how };
    byFingerprint.set(fingerprint, series);
    if (siblings === undefined) byEntity.set(entity, [series]);
    else siblings.push(series);
    return series;
  };

  const drop = (series: EvidenceSeries): void => {
    releaseHistory(series.history);
    byFingerprint.delete(series.fingerprint);
    byId[series.id] = undefined;
    const others = byEntity.get(series.entity)!.filter((other) => other !== series);
    if (others.length > 0) byEntity.set(series.entity, others);
    else byEntity.delete(series.entity);
  };

  return {
    observe(batch) {
      const { count, series: ids, timesMs, values } = batch;
      for (let row = 0; row < count; row += 1) {
        const id = ids[row];
        const at = timesMs[row];
        let series = byId[id];
        if (series === undefined) {
          const definition = catalog.get(id);
          series = add(definition, () => createHistory(pool));
          byId[id] = series;
          if (series === null) onSeries(definition, at);
        }
        if (series === null) continue;
        if (at - series.history.announcedMs >= announceEveryMs) {
          series.history.announcedMs = at;
          onSeries(catalog.get(id), at);
        }
        take(series, at, values[row], limits);
      }
    },
    of: (entity) => byEntity.get(entity) ?? [],
    byFingerprint: (fingerprint) => byFingerprint.get(fingerprint),
    get size() {
      return byFingerprint.size;
    },
    get dropped() {
      return leftOut.length;
    },
    forget(beforeMs, isWanted) {
      const before = byFingerprint.size;
      for (const series of byFingerprint.values()) {
        const { history, fingerprint } = series;
        if (!(history.rawTimeMs < beforeMs) || isWanted(fingerprint)) continue;
        if (history.rawTimeMs < beforeMs - leastIntervals * cadenceOf(history)) drop(series);
      }
      if (byFingerprint.size === before) return;
      for (const id of leftOut) byId[id] = undefined;
      leftOut = [];
    },
    *save() {
      for (const { fingerprint, history } of byFingerprint.values())
        yield { fingerprint, history: saveHistory(history) };
    },
    load(saved) {
      for (const { history } of byFingerprint.values()) releaseHistory(history);
      leftOut = [];
      byId = [];
      byEntity = new Map();
      byFingerprint = new Map();
      for (const { fingerprint, history } of saved) {
        const definition = catalog.find(fingerprint);
        if (definition !== undefined) byId[definition.id] = add(definition, () => loadHistory(history, pool));
      }
    },
  };
}

/** The graph need not hear of every sample: often enough that its edges don't age. */
const announceEveryMs = 10_000;
/** A series that comes once in so long is not silent in between. */
const leastIntervals = 6;

function take(series: EvidenceSeries, timeMs: number, value: number, limits: EvidenceLimits): void {
  const { history } = series;
  const elapsedMs = timeMs - history.rawTimeMs;
  if (!(elapsedMs > 0)) return;
  const before = history.rawValue;
  history.rawTimeMs = timeMs;
  history.rawValue = value;
  let point = value;
  if (series.reading !== 'value') {
    if (Number.isNaN(before)) return;
    const increase = series.reading === 'increment' || value < before ? value : value - before;
    point = (increase * 1000) / elapsedMs;
  }
  appendPoint(history, timeMs, point, limits.historyPoints, limits.resolutionMs);
}
