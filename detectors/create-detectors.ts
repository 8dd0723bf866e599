import {
  type Anomaly,
  type Checkpointed,
  type Clock,
  type DetectionResult,
  type Detectors,
  entityKey,
  KybernError,
  type Metrics,
  type SampleBatch,
  type SavedState,
  type SeriesCatalog,
  type SeriesDefinition,
  type SeriesState,
  type Slo,
  type SloStatus,
} from '../model/index.ts';
import { createCalendar } from './calendar/index.ts';
import { createStateReader } from './checkpoint/state-reader.ts';
import { createStateWriter } from './checkpoint/state-writer.ts';
import type { DetectorsConfig } from './config.ts';
import { createEntityDetector } from './entity/index.ts';
import { createHistogramDetector } from './histograms/index.ts';
import { createLogDetector } from './logs/log-detector.ts';
import {
  type ClassModel,
  createMetricDetector,
  createOperatorRules,
  createSignalProfiles,
  type Spill,
  type StepModel,
  seriesStateOf,
} from './metrics/index.ts';
import { createNodeDetector } from './nodes/index.ts';
import { createMaintenanceWindows } from './policy/index.ts';
import { createSloMonitor } from './slo/slo-monitor.ts';
import { createTraceDetector } from './traces/trace-detector.ts';

export interface DetectorsDeps {
  readonly catalog: SeriesCatalog;
  readonly model: StepModel;
  /** Networks of their own for the series of some metrics: `models.classes` of the configuration. */
  readonly classModels?: readonly ClassModel[];
  /** Measures how long batches take, where given. Never used for decisions: those go by event time. */
  readonly clock?: Clock;
  readonly metrics: Metrics;
  readonly config: DetectorsConfig;
  readonly slos: readonly Slo[];
  /** Where idle series are put aside; they stay in memory where it is missing. */
  readonly spill?: Spill;
  /** Other entities' signals go to other detectors: pods of one workload are apart. */
  readonly isOneOfMany?: boolean;
}

/** Detectors in this thread: their state can be had and given back at once. */
export type LocalDetectors = Omit<Detectors, 'seriesState' | 'load'> &
  Pick<Checkpointed, 'save'> & {
    load(saved: SavedState): boolean;
    seriesState(fingerprint: string): SeriesState | undefined;
  };

const nothing = new Uint8Array(0);
const stateMark = 'kybern-detectors';
const stateVersion = 19;
const batchSecondsBuckets = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3];

/**
 * The detectors as one stage: metric scoring, log templates, traces, SLOs and nodes. `observe` and `advance` must not overlap:
 * await one before the next. Everything follows from the batches and watermarks given, in order.
 */
export function createDetectors(deps: DetectorsDeps): LocalDetectors {
  let parts = createParts(deps);
  /** Nothing was taken in yet. */
  let isNew = true;
  const seconds = deps.metrics.histogram(
    'kybern_detectors_batch_seconds',
    'Time to take one batch or watermark in.',
    batchSecondsBuckets,
  );

  async function timed(work: () => Promise<DetectionResult>): Promise<DetectionResult> {
    const { clock } = deps;
    isNew = false;
    if (clock === undefined) return work();
    const startMs = clock.now();
    const result = await work();
    seconds.observe((clock.now() - startMs) / 1000);
    return result;
  }

  function* pieces(): Iterable<Uint8Array | Promise<Uint8Array>> {
    const writer = createStateWriter();
    writer.text(stateMark);
    writer.number(stateVersion);
    for (const step of parts.metrics.saveSteps) {
      step(writer);
      yield* writer.take();
    }
    yield parts.metrics.sync().then(() => nothing);
    yield* parts.metrics.networkPieces();
    for (const part of [parts.logs, parts.traces, parts.histograms, parts.slo, parts.nodes]) {
      part.save(writer);
      yield* writer.take();
    }
    for (const _ of parts.entities.saveSteps(writer)) yield* writer.take();
  }

  return {
    isApart: true,
    observe: (batch) =>
      timed(async () => {
        if (batch.kind === 'samples') {
          parts.traces.observeSamples(batch);
          parts.histograms.observe(batch);
          await parts.metrics.observe(batch);
          parts.nodes.observeSamples(batch);
          parts.entities.observe(batch);
        } else if (batch.kind === 'ends') {
          parts.metrics.end(batch);
          parts.histograms.end(batch);
        } else if (batch.kind === 'cluster') {
          parts.nodes.observeCluster(batch);
          if (batch.snapshot !== undefined) parts.logs.observeCluster(batch.snapshot);
        } else if (batch.kind === 'logs') parts.logs.observe(batch);
        else if (batch.kind === 'spans') parts.traces.observeSpans(batch);
        return collect(parts, [...parts.metrics.takeAnomalies(), ...parts.entities.takeAnomalies()], [], [], []);
      }),
    advance: (watermarkMs) =>
      timed(async () => {
        const anomalies: Anomaly[] = [];
        const traces = parts.traces.advance(watermarkMs, anomalies);
        const logs = parts.logs.advance(watermarkMs, anomalies);
        const histograms = parts.histograms.advance(watermarkMs);
        const derived = [traces.derived, logs, histograms].filter((batch) => batch !== undefined);
        for (const batch of derived) {
          await parts.metrics.observe(batch);
          parts.entities.observe(batch);
        }
        await parts.metrics.settle();
        const ended = parts.histograms.takeEnds();
        if (ended !== undefined) parts.metrics.end(ended);
        parts.metrics.advance(watermarkMs);
        await parts.metrics.rest(watermarkMs);
        anomalies.push(...parts.metrics.takeAnomalies());
        const slos = parts.slo.judge(traces.windows, anomalies);
        parts.slo.advance(watermarkMs, anomalies);
        parts.nodes.advance(watermarkMs, anomalies);
        parts.entities.advance(watermarkMs);
        anomalies.push(...parts.entities.takeAnomalies());
        return collect(parts, anomalies, derived, traces.calls, slos);
      }),
    async learnHistory(batch) {
      isNew = false;
      await parts.metrics.observe(batch);
      parts.entities.observe(batch);
      parts.nodes.learnHistory(batch);
      parts.metrics.dropFindings();
      parts.entities.takeAnomalies();
    },
    async learnRecords(batch, isWhole) {
      isNew = false;
      if (batch.kind === 'spans') parts.traces.learnHistory(batch);
      else parts.logs.learnHistory(batch, isWhole);
    },
    async endHistory(untilMs) {
      await parts.metrics.settle();
      parts.metrics.endHistory(untilMs);
      parts.entities.endHistory(untilMs);
      parts.nodes.endHistory();
      parts.logs.endHistory();
      parts.traces.endHistory();
    },
    learn(decision) {
      isNew = false;
      parts.metrics.learn(decision);
    },
    async useNetwork(modelClass, sha256) {
      await parts.metrics.settle();
      if (!parts.metrics.useNetwork(modelClass, sha256))
        throw new KybernError('KYBERN_NOT_FOUND', `There is no class of series ${modelClass}.`);
    },
    seriesState(fingerprint) {
      const series = deps.catalog.find(fingerprint);
      const samples = series === undefined ? 0 : parts.metrics.samplesOf(series.id);
      return samples === 0 ? undefined : { samples, ...seriesStateOf(samples, deps.config.metrics) };
    },
    status: () => ({ ...parts.metrics.status(), resident: parts.metrics.resident() }),
    kept: () => parts.metrics.kept(),
    settle: () => parts.metrics.settle(),
    save() {
      const writer = createStateWriter();
      writer.text(stateMark);
      writer.number(stateVersion);
      for (const step of parts.metrics.saveSteps) step(writer);
      parts.metrics.saveNetworks(writer);
      for (const part of [parts.logs, parts.traces, parts.histograms, parts.slo, parts.nodes]) part.save(writer);
      for (const _ of parts.entities.saveSteps(writer));
      return writer.finish();
    },
    pieces,
    load: (saved) => {
      const reader = createStateReader(saved);
      // New parts rather than further ones: of functions with one closure V8 makes faster code, by a third for each sample.
      const loaded = isNew ? parts : createParts(deps);
      try {
        if (reader.text() !== stateMark || reader.number() !== stateVersion) return false;
        isNew = false;
        for (const part of [
          loaded.metrics,
          loaded.logs,
          loaded.traces,
          loaded.histograms,
          loaded.slo,
          loaded.nodes,
          loaded.entities,
        ])
          part.load(reader);
      } catch (error) {
        if (loaded === parts) parts = createParts(deps);
        if (error instanceof RangeError || error instanceof SyntaxError) return false;
        throw error;
      }
      parts = loaded;
      return true;
    },
  };
}

type Parts = ReturnType<typeof createParts>;

function createParts({ catalog, model, classModels = [], metrics, config, slos, spill, isOneOfMany }: DetectorsDeps) {
  const calendar = createCalendar(config.calendar);
  const logs = createLogDetector({
    catalog,
    metrics,
    config: config.logs,
    calendar,
    followsPods: isOneOfMany !== true,
  });
  const remark = (series: SeriesDefinition): string => {
    const example = series.origin === 'logs' ? logs.errorExample(entityKey(series.entity)) : '';
    return example === '' ? '' : `, such as: ${example}`;
  };
  const windows = createMaintenanceWindows(config.policy.maintenance, calendar);
  const rules = createOperatorRules({ threshold: config.metrics.threshold, windows, calendar });
  const profileOf = createSignalProfiles(config.metrics);
  const scored = createMetricDetector({
    catalog,
    model,
    classModels,
    metrics,
    config: config.metrics,
    rules,
    calendar,
    remark,
    spill,
  });
  return {
    logs,
    metrics: scored,
    entities: createEntityDetector({
      catalog,
      metrics,
      config: config.entities,
      isScored: (series) => profileOf(series)?.isState === false,
      isUntaught: (series, timeMs) => rules.isRowUntaught(series, catalog.get, timeMs),
    }),
    nodes: createNodeDetector({ catalog, forecasts: scored, metrics, config: config.nodes }),
    histograms: createHistogramDetector(catalog, metrics, config.histograms),
    traces: createTraceDetector(catalog, metrics, config.traces),
    slo: createSloMonitor(catalog, config.slo, slos),
  };
}

function collect(
  parts: Parts,
  anomalies: readonly Anomaly[],
  derived: readonly SampleBatch[],
  calls: DetectionResult['calls'],
  slos: readonly SloStatus[],
): DetectionResult {
  return { anomalies, derived, bands: parts.metrics.takeBands(), calls, slos };
}
