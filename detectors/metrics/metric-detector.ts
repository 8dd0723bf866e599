import type {
  Anomaly,
  BandBatch,
  EndBatch,
  KybernError,
  Metrics,
  OperatorDecision,
  SampleBatch,
  SeriesCatalog,
  SeriesDefinition,
} from '../../model/index.ts';
import { type Calendar, utcCalendar } from '../calendar/index.ts';
import type { StateReader } from '../checkpoint/state-reader.ts';
import type { StateWriter } from '../checkpoint/state-writer.ts';
import type { MetricsConfig } from '../config.ts';
import type { SpillFiles } from '../spill/index.ts';
import { createAside } from './aside.ts';
import { createBandCollector } from './band-columns.ts';
import { createBatchScoring, type VerdictObserver } from './batch-scoring.ts';
import { createEpisodes } from './episodes.ts';
import { createHourlyWork } from './hourly-work.ts';
import { createMetricState } from './metric-state.ts';
import { type ClassModel, createNetworkLanes, type NetworkLane, type StepModel } from './network-lanes.ts';
import { createOperatorRules, type OperatorRules } from './operator-rules.ts';
import { createScorer } from './scorer.ts';
import { createSeasons } from './seasons.ts';
import { createSeriesColumns } from './series-columns.ts';
import { createSeriesLives } from './series-lives.ts';
import { createSeverityScale } from './severity-scale.ts';
import { createSignalProfiles } from './signal-rules.ts';
import { createSilences } from './silences.ts';
import { createSlotTable } from './slot-table.ts';
import { createTrendView } from './trend-view.ts';
import { createUntaughtState } from './untaught-state.ts';
import { createWallClock } from './wall-clock.ts';

export interface MetricDetectorDeps {
  readonly catalog: SeriesCatalog;
  readonly model: StepModel;
  /** Networks of their own for the series of some metrics. */
  readonly classModels?: readonly ClassModel[];
  readonly metrics: Metrics;
  readonly config: MetricsConfig;
  /** What operators said; nothing unless told. */
  readonly rules?: OperatorRules;
  /** Of the time of day; UTC unless told. */
  readonly calendar?: Calendar;
  readonly remark: (series: SeriesDefinition) => string;
  /** Where idle series are put aside; they stay in memory where it is missing. */
  readonly spill?: Spill | undefined;
  /** Sees the verdict on every sample that is scored, to measure how good verdicts are. */
  readonly onVerdict?: VerdictObserver;
}

export interface Spill {
  readonly files: SpillFiles;
  /** Told of what could not be read or written there. */
  readonly failed: (error: KybernError) => void;
  /** Room there; `spillBytes` where it is missing. */
  readonly mostBytes?: number;
}

export interface MetricDetector {
  /** Scores a batch; what it made waits in `takeAnomalies` and `takeBands`. Calls must not overlap. */
  observe(batch: SampleBatch): Promise<void>;
  /** Resolves once the network has nothing under way: to be awaited before time advances, and before anything is saved. */
  settle(): Promise<void>;
  /**
   * Series whose senders said that they have ended: what fires on them clears at once, and their silence is none, unless an
   * operator wants to be told of it. What they learnt is kept for when they come back.
   */
  end(batch: EndBatch): void;
  /** Event time has come this far: series that went silent are over. */
  advance(watermarkMs: number): void;
  /** Behind `advance`: what has been idle for long leaves memory. Nothing may be under way. */
  rest(watermarkMs: number): Promise<void>;
  takeAnomalies(): Anomaly[];
  takeBands(): readonly BandBatch[];
  /** What was observed since the last take is the past: nothing of it is told. */
  dropFindings(): void;
  /** The past ends here: what fired in it is over, what went silent in it is known to be. Nothing may be under way. */
  endHistory(untilMs: number): void;
  /** Series that are scored, in memory and put aside, and those still too young. */
  status(): { readonly series: number; readonly learning: number };
  /** Those in memory. */
  resident(): number;
  /** The latest scored value of a series: a gauge's, or a rate; NaN where it is not scored. */
  valueOf(series: number): number;
  /** Operators said something: it counts from the next sample on. */
  learn(decision: OperatorDecision): void;
  /** Samples taken in of a series; 0 where it is not scored. */
  samplesOf(series: number): number;
  /** What the network expects of the next one; NaN while it says nothing. */
  forecastOf(series: number): number;
  /** Each writes a part of the state; in this order, with nothing observed in between. */
  readonly saveSteps: readonly ((writer: StateWriter) => void)[];
  /** Resolves once all that the state refers to outlives a loss of power. Rejects with KYBERN_DATA_DIR. */
  sync(): Promise<void>;
  /** The state that was saved last is durable. */
  kept(): Promise<void>;
  /** Writes what comes behind the steps: the state of the networks. */
  saveNetworks(writer: StateWriter): void;
  /** The same as pieces, made without keeping this thread. */
  networkPieces(): Iterable<Promise<Uint8Array>>;
  /**
   * Series of this class are forecast by another network from now on: its view starts anew and is silent until it is warm,
   * all else they learnt stays. Nothing may be under way. False where there is no such class.
   */
  useNetwork(modelClass: string, sha256: string): boolean;
  load(reader: StateReader): void;
}

export function createMetricDetector(deps: MetricDetectorDeps): MetricDetector {
  const { catalog, config } = deps;
  const calendar = deps.calendar ?? utcCalendar;
  const rules = deps.rules ?? createOperatorRules({ threshold: config.threshold });
  const columns = createSeriesColumns();
  const profileOf = createSignalProfiles(config);
  const table = createSlotTable(catalog, (definition) => profileOf(definition) !== undefined);
  const seasons = createSeasons(calendar);
  const trends = createTrendView();
  const severities = createSeverityScale();
  const readWallClock = createWallClock(calendar);
  const hourly = createHourlyWork(columns, readWallClock, config.threshold);
  const scorer = createScorer(columns, seasons, trends, config, readWallClock);
  const lanes = createNetworkLanes({ ...deps, columns });
  const bands = createBandCollector();
  const episodes = createEpisodes({
    columns,
    severities,
    config,
    definition: (slot) => catalog.get(columns.series[slot]!),
    remark: deps.remark,
  });
  const parts = { catalog, config, columns, table, profileOf, rules, lanes, seasons, hourly, trends, episodes };
  const lives = createSeriesLives(parts);
  const silences = createSilences({ columns, table, profiles: lives.profiles, episodes, catalog, config });
  const aside = createAside({ ...parts, ...deps.spill, lives, silences, metrics: deps.metrics });
  const untaught = createUntaughtState(columns);
  const { onVerdict } = deps;
  const scoring = createBatchScoring({
    ...parts,
    lives,
    untaught,
    scorer,
    severities,
    silences,
    bands,
    aside,
    onVerdict,
  });
  const state = createMetricState({
    ...{ columns, table, lives, lanes, silences, aside, startAnew },
    parts: [seasons, hourly, trends, severities, episodes, rules],
  });
  const samples = deps.metrics.counter('kybern_detectors_samples_total', 'Samples seen, by what became of them.', [
    'result',
  ]);
  const fired = deps.metrics.counter('kybern_detectors_anomalies_total', 'Revisions of anomalies told.', ['state']);
  let anomalies: Anomaly[] = [];

  /** The network's view of the series of these lanes knows nothing any more. */
  function startAnew(isMeant: (lane: NetworkLane) => boolean): void {
    aside.networkChanged(isMeant);
    table.forEachSlot((slot) => {
      if (!isMeant(lives.lanes[slot]!)) return;
      columns.forecast[slot] = Number.NaN;
      columns.forecastScale[slot] = 0;
      columns.forecastCount[slot] = 0;
    });
  }

  /** One that can be put aside is, once what fired on it is over. */
  function endSilent(slot: number, watermarkMs: number): void {
    if (aside.isOpen()) episodes.close(slot, watermarkMs, 'the series ended', anomalies);
    else lives.end(slot, watermarkMs, 'the series ended', anomalies);
  }

  function advance(watermarkMs: number): void {
    silences.advance(watermarkMs, (slot) => endSilent(slot, watermarkMs), anomalies);
  }

  function dropFindings(): void {
    anomalies = [];
    for (const band of bands.take()) band.release?.();
  }

  return {
    async observe(batch) {
      const { unscored, late } = await scoring.take(batch, anomalies);
      if (unscored > 0) samples.add(unscored, { result: 'unscored' });
      if (late > 0) samples.add(late, { result: 'late' });
      samples.add(batch.count - unscored - late, { result: 'scored' });
    },
    settle: lanes.settle,
    end: (batch) => silences.end(batch, anomalies),
    advance,
    rest: (watermarkMs) => aside.rest(watermarkMs, anomalies),
    sync: aside.sync,
    kept: aside.kept,
    takeAnomalies: () => {
      const taken = anomalies;
      anomalies = [];
      for (const anomaly of taken) fired.add(1, { state: anomaly.state });
      return taken;
    },
    takeBands: bands.take,
    dropFindings,
    endHistory(untilMs) {
      advance(untilMs);
      for (const slot of episodes.slots()) {
        episodes.close(slot, untilMs, 'it is past', anomalies);
        // What still deviates is another anomaly, one that is told.
        episodes.close(slot, Number.POSITIVE_INFINITY, '', anomalies);
      }
      dropFindings();
    },
    status: () => ({ series: table.used + aside.size, learning: lives.learning }),
    resident: () => table.used,
    learn: (decision) => {
      rules.learn(decision);
      if (decision.type !== 'feedback') return;
      const definition = catalog.find(decision.value.series);
      const slot = definition === undefined ? -1 : table.slotOf(definition.id);
      if (slot >= 0) columns.share[slot] = rules.shareOf(definition!);
    },
    samplesOf: (series) => columns.count[table.slotOf(series)] ?? aside.samplesOf(series),
    valueOf: (series) => {
      const slot = table.slotOf(series);
      return slot < 0 ? Number.NaN : columns.lastValue[slot]! + hourly.lastOf(slot);
    },
    forecastOf: (series) => columns.forecast[table.slotOf(series)] ?? Number.NaN,
    saveSteps: state.saveSteps,
    saveNetworks: lanes.saveNetworks,
    networkPieces: lanes.networkPieces,
    useNetwork(modelClass, sha256) {
      const lane = lanes.byName(modelClass);
      if (lane === undefined) return false;
      if (!lanes.isSettled()) throw new Error('the network has something under way: settle before it is changed');
      lane.model.use(sha256);
      startAnew((other) => other === lane);
      return true;
    },
    load: state.load,
  };
}
