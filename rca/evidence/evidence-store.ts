import {
  type BadDirection,
  badDirectionOf,
  entityKey,
  type SampleBatch,
  type SeriesCatalog,
  type SeriesDefinition,
  type SignalKind,
  signalOfSeries,
} from '../../model/index.ts';
import { cadenceOf } from './cadence.ts';
import type { HistoryRows } from './histories.ts';
import {
  appendToRow,
  historyAt,
  loadHistory,
  type SavedHistory,
  type SeriesHistory,
  saveHistory,
} from './series-history.ts';

/** A series that counts as evidence, with its recent points. Made when it is asked for: what is kept lies in columns. */
export interface EvidenceSeries {
  readonly id: number;
  readonly fingerprint: string;
  readonly name: string;
  readonly unit: string;
  readonly signal: SignalKind;
  readonly entity: string;
  readonly reading: 'value' | 'rate' | 'increment';
  /** Which way is bad. */
  readonly direction: BadDirection;
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
): Pick<EvidenceSeries, 'signal' | 'reading' | 'direction'> | undefined {
  if (series.kind === 'logs' || series.kind === 'spans') return undefined;
  const signal = signalOfSeries(series);
  // A CPU limit is a setting; no kind of signal stands for it.
  if (signal === 'cpu' && /limits?$/.test(series.name)) return undefined;
  const direction = badDirectionOf(series, signal);
  if (series.kind === 'gauge') return { signal, reading: 'value', direction };
  if (signal === 'restarts') return { signal, reading: 'value', direction };
  const reading = series.kind === 'delta' ? 'increment' : 'rate';
  if (signal !== 'latency') return { signal, reading, direction };
  return /[._]count$/.test(series.name) ? { signal: 'traffic', reading, direction: 'both' } : undefined;
}

const unseen = 0;
const leftOut = -1;

export function createEvidenceStore(
  catalog: SeriesCatalog,
  limits: EvidenceLimits,
  histories: HistoryRows,
  onSeries: (series: SeriesDefinition, atMs: number) => void,
): EvidenceStore {
  /** By catalogue id: the history's row plus one, or why there is none. */
  let rowOf = new Int32Array(1024);
  /** By row: the series, how it is read, and the next one of its entity, the first following the last. */
  let seriesOf = new Uint32Array(1024);
  let howOf = new Uint8Array(1024);
  let nextOf = new Uint32Array(1024);
  let lastOfEntity = new Map<string, number>();
  let size = 0;
  /** The few ways in which series are read. */
  const hows: Pick<EvidenceSeries, 'signal' | 'reading' | 'direction'>[] = [];
  /** Ids of those that there is no room for. */
  let noRoom: number[] = [];

  function reserve(id: number): void {
    if (id < rowOf.length) return;
    const grown = new Int32Array(Math.max(id + 1, rowOf.length + (rowOf.length >> 1)));
    grown.set(rowOf);
    rowOf = grown;
  }

  function reserveRow(row: number): void {
    if (row < seriesOf.length) return;
    const rows = row + (row >> 1);
    const [series, how, next] = [new Uint32Array(rows), new Uint8Array(rows), new Uint32Array(rows)];
    series.set(seriesOf);
    how.set(howOf);
    next.set(nextOf);
    [seriesOf, howOf, nextOf] = [series, how, next];
  }

  /** Its row plus one, or that it is left out. */
  function add(definition: SeriesDefinition, newRow: () => number): number {
    const how = readingOf(definition);
    if (how === undefined) return leftOut;
    if (size >= limits.seriesLimit) {
      noRoom.push(definition.id);
      return leftOut;
    }
    const row = newRow();
    reserveRow(row);
    seriesOf[row] = definition.id;
    const known = hows.findIndex(
      ({ signal, reading, direction }) =>
        signal === how.signal && reading === how.reading && direction === how.direction,
    );
    howOf[row] = known < 0 ? hows.push(how) - 1 : known;
    const entity = entityKey(definition.entity);
    const last = lastOfEntity.get(entity);
    nextOf[row] = last === undefined ? row : nextOf[last]!;
    if (last !== undefined) nextOf[last] = row;
    lastOfEntity.set(entity, row);
    size += 1;
    return row + 1;
  }

  function drop(row: number): void {
    const id = seriesOf[row]!;
    const entity = entityKey(catalog.get(id).entity);
    let before = row;
    while (nextOf[before] !== row) before = nextOf[before]!;
    nextOf[before] = nextOf[row]!;
    if (before === row) lastOfEntity.delete(entity);
    else if (lastOfEntity.get(entity) === row) lastOfEntity.set(entity, before);
    histories.give(row);
    rowOf[id] = unseen;
    size -= 1;
  }

  function seriesAt(row: number): EvidenceSeries {
    const definition = catalog.get(seriesOf[row]!);
    const { id, fingerprint, name, unit } = definition;
    const entity = entityKey(definition.entity);
    return { id, fingerprint, name, unit, entity, history: historyAt(histories, row), ...hows[howOf[row]!]! };
  }

  /** Those of an entity one after the other, in the order in which they were met. */
  function* rows(): Iterable<number> {
    for (const last of lastOfEntity.values()) {
      let row = last;
      do {
        row = nextOf[row]!;
        yield row;
      } while (row !== last);
    }
  }

  return {
    observe(batch) {
      const { count, series: ids, timesMs, values } = batch;
      for (let at = 0; at < count; at += 1) {
        const id = ids[at]!;
        const timeMs = timesMs[at]!;
        reserve(id);
        let held = rowOf[id]!;
        if (held === unseen) {
          const definition = catalog.get(id);
          held = add(definition, histories.take);
          rowOf[id] = held;
          if (held === leftOut) onSeries(definition, timeMs);
        }
        if (held === leftOut) continue;
        const row = held - 1;
        if (timeMs - histories.announcedMs[row]! >= announceEveryMs) {
          histories.announcedMs[row] = timeMs;
          onSeries(catalog.get(id), timeMs);
        }
        take(histories, row, hows[howOf[row]!]!.reading, timeMs, values[at]!, limits);
      }
    },
    of(entity) {
      const last = lastOfEntity.get(entity);
      if (last === undefined) return [];
      const all: EvidenceSeries[] = [];
      let row = last;
      do {
        row = nextOf[row]!;
        all.push(seriesAt(row));
      } while (row !== last);
      return all;
    },
    byFingerprint(fingerprint) {
      const id = catalog.find(fingerprint)?.id;
      const held = id === undefined || id >= rowOf.length ? unseen : rowOf[id]!;
      return held > 0 ? seriesAt(held - 1) : undefined;
    },
    get size() {
      return size;
    },
    get dropped() {
      return noRoom.length;
    },
    forget(beforeMs, isWanted) {
      const { rawTimeMs } = histories;
      const isGone = (row: number) =>
        rawTimeMs[row]! < beforeMs &&
        !isWanted(catalog.get(seriesOf[row]!).fingerprint) &&
        rawTimeMs[row]! < beforeMs - leastIntervals * cadenceOf(historyAt(histories, row));
      // Most often there is none: no list of all.
      const gone: number[] = [];
      for (const row of rows()) if (isGone(row)) gone.push(row);
      if (gone.length === 0) return;
      for (const row of gone) drop(row);
      for (const id of noRoom) rowOf[id] = unseen;
      noRoom = [];
    },
    *save() {
      for (const row of rows()) {
        const { fingerprint } = catalog.get(seriesOf[row]!);
        yield { fingerprint, history: saveHistory(historyAt(histories, row)) };
      }
    },
    load(saved) {
      for (const row of [...rows()]) histories.give(row);
      noRoom = [];
      rowOf = new Int32Array(1024);
      lastOfEntity = new Map();
      size = 0;
      for (const { fingerprint, history } of saved) {
        const definition = catalog.find(fingerprint);
        if (definition === undefined) continue;
        reserve(definition.id);
        rowOf[definition.id] = add(definition, () => loadHistory(history, histories).row);
      }
    },
  };
}

/** The graph need not hear of every sample: often enough that its edges don't age. */
const announceEveryMs = 10_000;
/** A series that comes once in so long is not silent in between. */
const leastIntervals = 6;

function take(
  histories: HistoryRows,
  row: number,
  reading: EvidenceSeries['reading'],
  timeMs: number,
  value: number,
  limits: EvidenceLimits,
): void {
  const elapsedMs = timeMs - histories.rawTimeMs[row]!;
  if (!(elapsedMs > 0)) return;
  const before = histories.rawValue[row]!;
  histories.rawTimeMs[row] = timeMs;
  histories.rawValue[row] = value;
  let point = value;
  if (reading !== 'value') {
    if (Number.isNaN(before)) return;
    const increase = reading === 'increment' || value < before ? value : value - before;
    point = (increase * 1000) / elapsedMs;
  }
  appendToRow(histories, row, timeMs, point, limits.historyPoints, limits.resolutionMs);
}
