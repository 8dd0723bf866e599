import {
  type Anomaly,
  type EntityRef,
  entityKey,
  type Metrics,
  type SampleBatch,
  type SeriesCatalog,
  type SeriesDefinition,
} from '../../model/index.ts';
import { ensureRows, loadColumns, saveColumns } from '../checkpoint/columns.ts';
import type { StateReader } from '../checkpoint/state-reader.ts';
import type { StateWriter } from '../checkpoint/state-writer.ts';
import { createPoint, kindCode, noteTime, readValue } from '../metrics/index.ts';
import { createSeverityScale } from '../metrics/severity-scale.ts';
import type { EntitiesConfig } from './config.ts';
import {
  createEntityRecord,
  type EntityRecord,
  initialWidth,
  loadEntityRecord,
  saveEntityRecord,
} from './entity-record.ts';
import { createEntityRows } from './entity-rows.ts';
import { createJointEpisodes } from './joint-episodes.ts';
import { createJointModel } from './joint-model.ts';
import { forgetMetric, type JointState } from './joint-state.ts';
import { createJointStates } from './joint-states.ts';
import { intervalOf, keepInterval } from './place-layout.ts';
import { createPlacePool } from './place-pool.ts';
import { createReadings, isOfRow, readingTypes } from './readings.ts';

export interface EntityDetectorDeps {
  readonly catalog: SeriesCatalog;
  readonly metrics: Metrics;
  readonly config: EntitiesConfig;
  /** Whether a series says anything about how its entity fares. */
  readonly isScored: (definition: SeriesDefinition) => boolean;
  /** Whether an operator's window says that nothing is to be learnt of an entity now; never unless told. */
  readonly isUntaught?: (series: readonly number[], timeMs: number) => boolean;
}

/** Judges the metrics of each entity together. */
export interface EntityDetector {
  /** Takes samples in; what it made waits for `advance` or the next call: see `takeAnomalies`. */
  observe(batch: SampleBatch): void;
  /** Event time has come this far: rows that wait are closed, what went silent is over. */
  advance(watermarkMs: number): void;
  takeAnomalies(): Anomaly[];
  /** The past ends here: what fired in it is over, and not told. */
  endHistory(untilMs: number): void;
  /** Writes all of it, some at a time: nothing may be observed before the last. */
  saveSteps(writer: StateWriter): Iterable<void>;
  load(reader: StateReader): void;
}

/** Entities that one step of saving writes. */
const entitiesPerStep = 250;
const unseen = -1;
const unwatched = -2;
/** Of an entity that has too few metrics yet: most entities of many a sender, so next to nothing is done for them. */
const waiting = -3;
/** Of an entity that had no room for it. */
const crowded = -4;
/** Rows apart from which the last row says nothing about this one. */
const gapRows = 5;
const silentRows = 10;
const sweepMs = 60_000;
/** So often those are tried again for which there was no room. */
const crowdedMs = 600_000;

export function createEntityDetector({
  catalog,
  metrics,
  config,
  isScored,
  isUntaught,
}: EntityDetectorDeps): EntityDetector {
  const model = createJointModel(Math.max(initialWidth, config.maximumMetrics), config.minimumMetrics);
  const places = createPlacePool();
  const states = createJointStates(places);
  const severities = createSeverityScale();
  const episodes = createJointEpisodes({ catalog, config, severities, model });
  const readings = createReadings();
  const point = createPoint();
  const records = new Map<string, EntityRecord>();
  /** By catalogue id: the record and the metric's number in it, or a negative number. */
  let recordOf: (EntityRecord | undefined)[] = [];
  let metricOf = new Int16Array(1024).fill(unseen);
  /** Series of entities that have too few of them yet. */
  const few = new Map<string, readonly number[]>();
  let nextSweepMs = Number.NEGATIVE_INFINITY;
  /** End of the latest pause in which nothing was received for as long as entities are remembered. */
  let resumedMs = Number.NEGATIVE_INFINITY;
  let nextClearMs = Number.NEGATIVE_INFINITY;
  let nextRoomMs = Number.NEGATIVE_INFINITY;
  let anomalies: Anomaly[] = [];
  const rows = metrics.counter(
    'kybern_detectors_entity_rows_total',
    'Rows of entities whose metrics were judged together.',
  );

  const waitingRows = createEntityRows<EntityRecord>(closeRow);
  const rowMs = config.rowSeconds * 1000;
  const leastApartMs = 0.9 * rowMs;
  let judged = 0;

  function closeRow(record: EntityRecord, timeMs: number, values: Float64Array, apart: number): void {
    const state = states.open(record);
    if (apart > gapRows) state.linked = 0;
    if (isUntaught?.(record.series, timeMs) === true) {
      state.linked = 0;
      record.lastMs = timeMs;
      states.close(record, state);
      return;
    }
    const score = model.score(state, values);
    record.lastMs = timeMs;
    judged += 1;
    episodes.judge(record, state, timeMs, values, score, anomalies);
    states.close(record, state);
    if ((state.rows & 63) === 0) settleInterval(record);
  }

  /** The interval of the entity is the median of its metrics'. */
  function settleInterval(record: EntityRecord): void {
    const intervals = record.series
      .map((series) => readings.intervalMs[series]!)
      .filter((interval) => interval > 0)
      .sort((a, b) => a - b);
    if (intervals.length > 0) keepInterval(record, intervals[intervals.length >> 1]!);
  }

  function watch(series: number, timeMs: number): number {
    const definition = catalog.get(series);
    if (definition.entity.kind === 'series' || !isScored(definition)) return unwatched;
    const key = entityKey(definition.entity);
    const known = records.get(key);
    if (known !== undefined && !isOutlived(known, timeMs)) return join(known, series);
    if (known !== undefined) {
      episodes.close(known, anomalies);
      forget(key, known);
    }
    const first = few.get(key) ?? [];
    if (first.length + 1 < config.minimumMetrics) {
      few.set(key, [...first, series]);
      return waiting;
    }
    few.delete(key);
    const record = createEntityRecord(definition.entity, places);
    records.set(key, record);
    for (const each of first) metricOf[each] = join(record, each);
    return join(record, series);
  }

  /** Full of metrics of which half are gone, such as after its operations got other names: it is learnt anew. */
  function isOutlived({ series }: EntityRecord, timeMs: number): boolean {
    if (series.length < config.maximumMetrics) return false;
    const silentSinceMs = timeMs - config.forgetSeconds * 1000;
    const silent = series.filter((each) => readings.lastMs[each]! < silentSinceMs);
    return 2 * silent.length >= series.length;
  }

  /** A metric that has not moved, of several the one that was seen most: what came in just now has not moved yet either. */
  function stillMetric(record: EntityRecord, { changes, seen }: JointState): number {
    let found = -1;
    for (let metric = 0; metric < record.series.length; metric += 1) {
      if (changes[metric] === 0 && (found < 0 || seen[metric]! > seen[found]!)) found = metric;
    }
    return found;
  }

  function join(record: EntityRecord, series: number): number {
    let metric = record.series.length;
    if (metric === config.maximumMetrics) {
      const state = states.open(record);
      metric = stillMetric(record, state);
      if (metric < 0) return crowded;
      metricOf[record.series[metric]!] = unwatched;
      forgetMetric(state, metric);
      states.close(record, state);
    }
    // A list that grows keeps room for a dozen more, and there are tens of thousands.
    record.series = metric < record.series.length ? record.series.with(metric, series) : [...record.series, series];
    if (metric >= record.width) states.widen(record, Math.min(config.maximumMetrics, record.width * 2));
    recordOf[series] = record;
    ensureRows(readingTypes, readings, series + 1);
    readings.kind[series] = kindCode(catalog.get(series).kind);
    readings.lastMs[series] = Number.NaN;
    readings.intervalMs[series] = 0;
    readings.motion[series] = 1;
    return metric;
  }

  function reserve(series: number): void {
    if (series < metricOf.length) return;
    const grown = new Int16Array(Math.max(series + 1, metricOf.length * 2)).fill(unseen);
    grown.set(metricOf);
    metricOf = grown;
  }

  function forget(key: string, record: EntityRecord): void {
    for (const series of record.series) {
      metricOf[series] = unseen;
      recordOf[series] = undefined;
    }
    records.delete(key);
    places.give(record.place);
  }

  function advance(watermarkMs: number): void {
    if (!config.enabled) return;
    for (const record of records.values()) waitingRows.flush(record, watermarkMs);
    if (watermarkMs < nextSweepMs) return;
    const forgetMs = config.forgetSeconds * 1000;
    if (nextSweepMs > 0 && watermarkMs - nextSweepMs > forgetMs - sweepMs) resumedMs = watermarkMs;
    nextSweepMs = watermarkMs + sweepMs;
    for (const [key, record] of records) {
      const silentMs = watermarkMs - record.lastMs;
      if (silentMs > silentRows * intervalOf(record)) episodes.close(record, anomalies);
      if (watermarkMs - Math.max(record.lastMs, resumedMs) > forgetMs) forget(key, record);
    }
    if (watermarkMs >= nextRoomMs) {
      nextRoomMs = watermarkMs + crowdedMs;
      retryCrowded();
    }
    if (watermarkMs < nextClearMs) return;
    nextClearMs = watermarkMs + forgetMs;
    // Those that still say something are met again.
    for (const series of [...few.values()].flat()) metricOf[series] = unseen;
    few.clear();
  }

  function retryCrowded(): void {
    for (let series = 0; series < metricOf.length; series += 1) {
      if (metricOf[series] === crowded) metricOf[series] = unseen;
    }
  }

  return {
    observe(batch) {
      if (!config.enabled) return;
      for (let row = 0; row < batch.count; row += 1) {
        const series = batch.series[row]!;
        let metric = series < metricOf.length ? metricOf[series]! : unseen;
        if (metric === unseen) {
          reserve(series);
          metric = watch(series, batch.timesMs[row]!);
          metricOf[series] = metric;
        }
        if (metric < 0) continue;
        const record = recordOf[series]!;
        const timeMs = batch.timesMs[row]!;
        const lastMs = readings.lastMs[series]!;
        // By the clock, so that all metrics of an entity skip the same; never what comes a row or more after the last one.
        if (timeMs - lastMs < leastApartMs && Math.floor(timeMs / rowMs) <= Math.floor(lastMs / rowMs)) continue;
        point.timeMs = timeMs;
        point.raw = batch.values[row]!;
        readValue(readings, series, point);
        noteTime(readings, series, point);
        const interval = readings.intervalMs[series]!;
        if (!(Math.abs(point.reading) < 1e150) || interval === 0) continue;
        if (!isOfRow(readings, series, point)) continue;
        if (intervalOf(record) === 0) keepInterval(record, interval);
        waitingRows.put(record, metric, timeMs, point.reading);
      }
    },
    advance,
    takeAnomalies() {
      if (judged > 0) rows.add(judged);
      judged = 0;
      const taken = anomalies;
      anomalies = [];
      return taken;
    },
    endHistory(untilMs) {
      advance(untilMs);
      for (const record of records.values()) episodes.end(record);
      anomalies = [];
    },
    *saveSteps(writer) {
      writer.number(nextSweepMs);
      writer.number(nextClearMs);
      writer.json([...few]);
      writer.number(metricOf.length);
      saveColumns(readingTypes, readings, readings.kind.length, writer);
      severities.save(writer);
      writer.number(records.size);
      let saved = 0;
      for (const record of records.values()) {
        writer.json(record.series.map((series) => catalog.get(series).fingerprint));
        saveEntityRecord(record, writer);
        saved += 1;
        if (saved % entitiesPerStep === 0) yield;
      }
      yield;
    },
    load(reader) {
      nextSweepMs = reader.number();
      nextClearMs = reader.number();
      few.clear();
      for (const [key, series] of reader.json<[string, number[]][]>()) few.set(key, series);
      metricOf = new Int16Array(reader.number()).fill(unseen);
      for (const series of [...few.values()].flat()) metricOf[series] = waiting;
      recordOf = [];
      loadColumns(readingTypes, readings, reader);
      severities.load(reader);
      for (const record of records.values()) places.give(record.place);
      records.clear();
      for (let left = reader.number(); left > 0; left -= 1) {
        const fingerprints = reader.json<string[]>();
        const record = loadEntityRecord(reader, places);
        record.series.forEach((series, metric) => {
          if (series >= catalog.size || catalog.get(series).fingerprint !== fingerprints[metric]) {
            throw new RangeError(`series ${series} of the state is not in the catalogue`);
          }
          recordOf[series] = record;
          metricOf[series] = metric;
        });
        records.set(entityKey(record.entity as EntityRef), record);
      }
    },
  };
}
