import type { Anomaly, Metrics, SampleBatch, SeriesCatalog, SeriesDefinition } from '../../model/index.ts';
import { ensureRows, loadColumns, saveColumns } from '../checkpoint/columns.ts';
import type { StateReader } from '../checkpoint/state-reader.ts';
import type { StateWriter } from '../checkpoint/state-writer.ts';
import { createPoint, kindCode, noteTime, readValue } from '../metrics/index.ts';
import { createSeverityScale } from '../metrics/severity-scale.ts';
import type { EntitiesConfig } from './config.ts';
import { createEntityMembers, unseen } from './entity-members.ts';
import { type EntityRecord, initialWidth } from './entity-record.ts';
import { createEntityRows } from './entity-rows.ts';
import { createJointEpisodes } from './joint-episodes.ts';
import { createJointModel } from './joint-model.ts';
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

/** Rows apart from which the last row says nothing about this one. */
const gapRows = 5;
const silentRows = 10;
const sweepMs = 60_000;

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
  const members = createEntityMembers({
    catalog,
    config,
    places,
    states,
    isScored,
    lastMs: (series) => readings.lastMs[series]!,
    joined: startReading,
    outlived: (record) => episodes.close(record, anomalies),
  });
  const { records } = members;
  let nextSweepMs = Number.NEGATIVE_INFINITY;
  /** End of the latest pause in which nothing was received for as long as entities are remembered. */
  let resumedMs = Number.NEGATIVE_INFINITY;
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

  function startReading(series: number): void {
    ensureRows(readingTypes, readings, series + 1);
    readings.kind[series] = kindCode(catalog.get(series).kind);
    readings.lastMs[series] = Number.NaN;
    readings.intervalMs[series] = 0;
    readings.motion[series] = 1;
  }

  function advance(watermarkMs: number): void {
    if (!config.enabled) return;
    for (const record of records.values()) waitingRows.flush(record, watermarkMs);
    if (watermarkMs < nextSweepMs) return;
    const forgetMs = config.forgetSeconds * 1000;
    if (nextSweepMs > 0 && watermarkMs - nextSweepMs > forgetMs - sweepMs) resumedMs = watermarkMs;
    nextSweepMs = watermarkMs + sweepMs;
    for (const record of records.values()) {
      const silentMs = watermarkMs - record.lastMs;
      if (silentMs > silentRows * intervalOf(record)) episodes.close(record, anomalies);
      if (watermarkMs - Math.max(record.lastMs, resumedMs) > forgetMs) members.forget(record);
    }
    members.advance(watermarkMs);
  }

  return {
    observe(batch) {
      if (!config.enabled) return;
      for (let row = 0; row < batch.count; row += 1) {
        const series = batch.series[row]!;
        if (series >= members.metricOf.length || members.metricOf[series] === unseen) {
          members.meet(series, batch.timesMs[row]!);
        }
        const metric = members.metricOf[series]!;
        if (metric < 0) continue;
        const record = members.recordOf[series]!;
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
      saveColumns(readingTypes, readings, readings.kind.length, writer);
      severities.save(writer);
      yield* members.saveSteps(writer);
      yield;
    },
    load(reader) {
      nextSweepMs = reader.number();
      loadColumns(readingTypes, readings, reader);
      severities.load(reader);
      members.load(reader);
    },
  };
}
