import {
  entityKey,
  type SampleBatch,
  type SeriesCatalog,
  type SeriesDefinition,
  type SignalKind,
  signalKindOf,
} from '../../model/index.ts';
import { appendPoint, createHistory, type SeriesHistory } from './series-history.ts';

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
  save(): SavedEvidence;
  load(saved: SavedEvidence): void;
}

export type SavedEvidence = readonly { readonly fingerprint: string; readonly history: SeriesHistory }[];

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
  onSeries: (series: SeriesDefinition, atMs: number) => void,
): EvidenceStore {
  // Index is the catalogue id. null: looked at and left out.
  let byId: (EvidenceSeries | null | undefined)[] = [];
  let byEntity = new Map<string, EvidenceSeries[]>();
  let byFingerprint = new Map<string, EvidenceSeries>();
  let dropped = 0;

  const add = (definition: SeriesDefinition, history: SeriesHistory): EvidenceSeries | null => {
    const how = readingOf(definition);
    if (how === undefined) return null;
    if (byFingerprint.size >= limits.seriesLimit) {
      dropped += 1;
      return null;
    }
    const entity = entityKey(definition.entity);
    const { id, fingerprint, name, unit } = definition;
    const series: EvidenceSeries = { id, fingerprint, name, unit, entity, history, ...how };
    byFingerprint.set(fingerprint, series);
    const siblings = byEntity.get(entity);
    if (siblings === undefined) byEntity.set(entity, [series]);
    else siblings.push(series);
    return series;
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
          series = add(definition, createHistory());
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
      return dropped;
    },
    save: () => [...byFingerprint.values()].map(({ fingerprint, history }) => ({ fingerprint, history })),
    load(saved) {
      byId = [];
      byEntity = new Map();
      byFingerprint = new Map();
      for (const { fingerprint, history } of saved) {
        const definition = catalog.find(fingerprint);
        if (definition !== undefined) byId[definition.id] = add(definition, history);
      }
    },
  };
}

/** The graph need not hear of every sample: often enough that its edges don't age. */
const announceEveryMs = 10_000;

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
