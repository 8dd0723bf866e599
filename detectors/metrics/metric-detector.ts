import type {
  Anomaly,
  BandBatch,
  EndBatch,
  Metrics,
  OperatorDecision,
  SampleBatch,
  SeriesCatalog,
  SeriesDefinition,
} from '../../model/index.ts';
import { type Calendar, utcCalendar } from '../calendar/index.ts';
import { ensureRows, loadColumns, saveColumns } from '../checkpoint/columns.ts';
import type { StateReader } from '../checkpoint/state-reader.ts';
import type { StateWriter } from '../checkpoint/state-writer.ts';
import type { MetricsConfig } from '../config.ts';
import { createBandCollector } from './band-columns.ts';
import { createEpisodes } from './episodes.ts';
import { startTail } from './fusion.ts';
import { createHourlyWork } from './hourly-work.ts';
import { type ClassModel, createNetworkLanes, type NetworkLane, type StepModel } from './network-lanes.ts';
import { createOperatorRules, type OperatorRules } from './operator-rules.ts';
import { createRoundPlanner } from './round-plan.ts';
import { kindCode, kindIncrease, noteTime, sampleValue } from './sample-value.ts';
import { createScorer } from './scorer.ts';
import { createSeasons } from './seasons.ts';
import { createSeriesColumns, seriesColumnTypes } from './series-columns.ts';
import { createSeverityScale } from './severity-scale.ts';
import type { SignalProfile } from './signal-profile.ts';
import { createSignalProfiles } from './signal-rules.ts';
import { createSilences } from './silences.ts';
import { createSlotTable } from './slot-table.ts';
import { createTrendView } from './trend-view.ts';
import { createUntaughtState } from './untaught-state.ts';
import type { Verdict } from './verdict.ts';

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
  /** Sees the verdict on every sample that is scored, to measure how good verdicts are. */
  readonly onVerdict?: VerdictObserver;
}

/** `series` is the catalogue's id; the verdict is overwritten by the next. */
export type VerdictObserver = (series: number, timeMs: number, verdict: Readonly<Verdict>) => void;

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
  takeAnomalies(): Anomaly[];
  takeBands(): BandBatch | undefined;
  status(): { readonly series: number; readonly learning: number };
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

/** A gap of so many intervals makes the last forecast void; one of so many more, the network's memory too. */
const gapIntervals = 5;
const forgetIntervals = 60;
/** Beyond this, differences and squares would no longer be finite; nothing that is measured is so large. */
const largestScored = 1e150;
const burstMemoryMs = 3 * 86_400_000;
/** A season slot is given once a series has lived this long. */
const seasonAfterMs = 900_000;

export function createMetricDetector(deps: MetricDetectorDeps): MetricDetector {
  const { catalog, config } = deps;
  const columns = createSeriesColumns();
  const profileOf = createSignalProfiles(config);
  const table = createSlotTable(catalog, (definition) => profileOf(definition) !== undefined);
  const profiles: SignalProfile[] = [];
  const calendar = deps.calendar ?? utcCalendar;
  const seasons = createSeasons(calendar);
  const trends = createTrendView();
  const severities = createSeverityScale();
  const hourly = createHourlyWork(columns, calendar, config.threshold);
  const scorer = createScorer(columns, seasons, trends, config, calendar);
  const rules = deps.rules ?? createOperatorRules({ threshold: config.threshold });
  const untaught = createUntaughtState(columns);
  const lanes = createNetworkLanes({ ...deps, columns });
  const laneOf: NetworkLane[] = [];
  const planner = createRoundPlanner();
  const bands = createBandCollector();
  const episodes = createEpisodes({
    columns,
    severities,
    config,
    definition: (slot) => catalog.get(columns.series[slot]!),
    remark: deps.remark,
  });
  const silences = createSilences({ columns, table, profiles, episodes, catalog, config });
  const samples = deps.metrics.counter('kybern_detectors_samples_total', 'Samples seen, by what became of them.', [
    'result',
  ]);
  const fired = deps.metrics.counter('kybern_detectors_anomalies_total', 'Revisions of anomalies told.', ['state']);

  let learning = 0;
  let anomalies: Anomaly[] = [];
  let batchSlots = new Int32Array(256);

  function open(slot: number, series: number): void {
    ensureRows(seriesColumnTypes, columns, slot + 1);
    const definition = catalog.get(series);
    const profile = profileOf(definition)!;
    profiles[slot] = profile;
    laneOf[slot] = lanes.of(definition.name);
    for (const name of Object.keys(seriesColumnTypes)) columns[name as keyof typeof seriesColumnTypes][slot] = 0;
    columns.series[slot] = series;
    columns.share[slot] = rules.shareOf(definition);
    columns.kind[slot] = profile.immediate ? kindIncrease : kindCode(definition.kind);
    columns.lastMs[slot] = Number.NaN;
    columns.forecast[slot] = Number.NaN;
    columns.lastSeason[slot] = Number.NaN;
    columns.bandSecond[slot] = Number.NaN;
    columns.accepted[slot] = Number.NaN;
    startTail(columns, slot);
    if (profile.trends) columns.trend[slot] = trends.allocate() + 1;
    learning += 1;
  }

  function reserve(count: number): void {
    if (batchSlots.length >= count) return;
    batchSlots = new Int32Array(count * 2);
  }

  /** The network's view of these series knows nothing any more. */
  function startAnew(isMeant: (slot: number) => boolean): void {
    table.forEachSlot((slot) => {
      if (!isMeant(slot)) return;
      columns.forecast[slot] = Number.NaN;
      columns.forecastScale[slot] = 0;
      columns.forecastCount[slot] = 0;
    });
  }

  function forget(slot: number, timeMs: number, why: string): void {
    episodes.close(slot, timeMs, why, anomalies);
    if (columns.count[slot]! < config.warmupSamples) learning -= 1;
    if (columns.season[slot]! > 0) seasons.free(columns.season[slot]! - 1);
    hourly.release(slot);
    if (columns.trend[slot]! > 0) trends.free(columns.trend[slot]! - 1);
    laneOf[slot]!.places.release(slot);
    table.release(slot, columns.series[slot]!);
  }

  /** Scores one row. */
  function take(slot: number, batch: SampleBatch, row: number): void {
    const timeMs = batch.timesMs[row]!;
    const raw = batch.values[row]!;
    const lastMs = columns.lastMs[slot]!;
    const interval = columns.intervalMs[slot]!;
    const value = sampleValue(columns, slot, timeMs, raw);
    noteTime(columns, slot, timeMs, raw);
    if (!(Math.abs(value) < largestScored)) return;
    if (columns.silent[slot] !== 0) silences.heard(slot, timeMs, anomalies);
    const gap = interval > 0 ? (timeMs - lastMs) / interval : 0;
    if (gap > gapIntervals) columns.forecast[slot] = Number.NaN;
    const lane = laneOf[slot]!;
    const own = lane.places.of(slot);
    if (own >= 0 && gap > forgetIntervals) lane.places.reset(own);
    if (columns.burst[slot]! > 0) columns.burst[slot]! *= Math.exp((lastMs - timeMs) / burstMemoryMs);
    if (columns.season[slot] === 0 && own >= 0 && columns.count[slot]! * interval > seasonAfterMs) {
      columns.season[slot] = seasons.allocate() + 1;
    }

    const profile = profiles[slot]!;
    const teaches = !rules.anyUntaught || !rules.isUntaught(catalog.get(columns.series[slot]!));
    if (!teaches) untaught.remember(slot);
    const { sample, verdict } = scorer;
    sample.timeMs = timeMs;
    // Asked only where there is something: numbers that are arguments may become objects.
    const work = columns.hour[slot] === 0 ? 0 : hourly.expect(slot, timeMs, value);
    sample.value = value - work;
    sample.slack = columns.hour[slot] === 0 ? 0 : hourly.slackOf(slot, work);
    scorer.score(slot, profile);
    if (columns.hour[slot] !== 0 || verdict.deviates) hourly.learn(slot, profile, timeMs, value, work, verdict);
    if (columns.count[slot] === config.warmupSamples) learning -= 1;
    if (verdict.scored) {
      const second = Math.floor(timeMs / 1000);
      if (second !== columns.bandSecond[slot]!) {
        columns.bandSecond[slot] = second;
        bands.add(columns.series[slot]!, sample, verdict);
      }
      episodes.judge(slot, profile, verdict, anomalies);
      deps.onVerdict?.(columns.series[slot]!, timeMs, verdict);
      if (teaches && columns.episode[slot] === 0 && columns.sideRun[slot]! === 0) severities.observeVerdict(verdict);
    }
    if (!teaches) untaught.restore(slot);
    if (own < 0 || !teaches) return;
    lane.steps.add(slot, own);
  }

  // The loops over a batch stand in functions of their own: V8 keeps throwing away what it optimised of loops in async ones.

  /** Finds each row's slot; tells how many have none. */
  function findSlots({ count, series }: SampleBatch): number {
    let skipped = 0;
    for (let row = 0; row < count; row += 1) {
      const id = series[row]!;
      let slot = table.slotOf(id);
      if (slot === table.unseen) {
        slot = table.take(id);
        if (slot >= 0) open(slot, id);
      }
      batchSlots[row] = slot;
      if (slot < 0) skipped += 1;
    }
    return skipped;
  }

  function isUnderWay(count: number): boolean {
    for (let row = 0; row < count; row += 1) {
      const slot = batchSlots[row]!;
      if (slot >= 0 && laneOf[slot]!.steps.has(slot)) return true;
    }
    return false;
  }

  /** Scores the rows of a round; tells how many came too late. */
  function takeRound(batch: SampleBatch, rows: Uint32Array, from: number, to: number): number {
    let late = 0;
    for (let at = from; at < to; at += 1) {
      const row = rows[at]!;
      const slot = batchSlots[row]!;
      if (batch.timesMs[row]! <= columns.lastMs[slot]!) late += 1;
      else take(slot, batch, row);
    }
    return late;
  }

  return {
    observe: async (batch) => {
      reserve(batch.count);
      lanes.reserve(batch.count);
      if (batch.count > 0) rules.advance(batch.timesMs[0]!);
      const skipped = findSlots(batch);
      if (isUnderWay(batch.count)) await lanes.settle();
      const plan = planner.plan(batchSlots, batch.count, table.size);
      let late = 0;
      for (let round = 0; round < plan.rounds; round += 1) {
        if (round > 0) await lanes.settle();
        late += takeRound(batch, plan.rows, plan.starts[round]!, plan.starts[round + 1]!);
        await lanes.launch();
      }
      if (skipped > 0) samples.add(skipped, { result: 'unscored' });
      if (late > 0) samples.add(late, { result: 'late' });
      samples.add(batch.count - skipped - late, { result: 'scored' });
    },
    settle: lanes.settle,
    end: (batch) => silences.end(batch, anomalies),
    advance: (watermarkMs) => {
      silences.advance(watermarkMs, (slot) => forget(slot, watermarkMs, 'the series ended'), anomalies);
    },
    takeAnomalies: () => {
      const taken = anomalies;
      anomalies = [];
      for (const anomaly of taken) fired.add(1, { state: anomaly.state });
      return taken;
    },
    takeBands: bands.take,
    status: () => ({ series: table.used, learning }),
    learn: (decision) => {
      rules.learn(decision);
      if (decision.type !== 'feedback') return;
      const definition = catalog.find(decision.value.series);
      const slot = definition === undefined ? -1 : table.slotOf(definition.id);
      if (slot >= 0) columns.share[slot] = rules.shareOf(definition!);
    },
    samplesOf: (series) => columns.count[table.slotOf(series)] ?? 0,
    valueOf: (series) => {
      const slot = table.slotOf(series);
      return slot < 0 ? Number.NaN : columns.lastValue[slot]! + hourly.lastOf(slot);
    },
    forecastOf: (series) => columns.forecast[table.slotOf(series)] ?? Number.NaN,
    saveSteps: [
      (writer) => {
        if (!lanes.isSettled) throw new Error('the network has something under way: settle before saving');
        table.save(writer);
      },
      (writer) => saveColumns(seriesColumnTypes, columns, table.size, writer),
      seasons.save,
      hourly.save,
      trends.save,
      severities.save,
      episodes.save,
      rules.save,
      (writer) => {
        writer.json({ learning, nextSweepMs: String(silences.nextSweepMs) });
      },
      lanes.save,
    ],
    saveNetworks: lanes.saveNetworks,
    networkPieces: lanes.networkPieces,
    useNetwork(modelClass, sha256) {
      const lane = lanes.byName(modelClass);
      if (lane === undefined) return false;
      if (!lanes.isSettled) throw new Error('the network has something under way: settle before it is changed');
      lane.model.use(sha256);
      startAnew((slot) => laneOf[slot] === lane);
      return true;
    },
    load: (reader) => {
      table.load(reader);
      loadColumns(seriesColumnTypes, columns, reader);
      table.forEachSlot((slot) => {
        const definition = catalog.get(columns.series[slot]!);
        profiles[slot] = profileOf(definition)!;
        laneOf[slot] = lanes.of(definition.name);
      });
      seasons.load(reader);
      hourly.load(reader);
      trends.load(reader);
      severities.load(reader);
      episodes.load(reader);
      rules.load(reader);
      const rest = reader.json<{ learning: number; nextSweepMs: string }>();
      learning = rest.learning;
      silences.nextSweepMs = Number(rest.nextSweepMs);
      const loaded = lanes.load(reader);
      if (loaded === 'other classes') {
        columns.model.fill(0);
        startAnew(() => true);
      } else if (loaded.length > 0) startAnew((slot) => loaded.includes(laneOf[slot]!));
      // Since it was saved a rule may have said that a series is not scored.
      table.forEachSlot((slot) => {
        if (profiles[slot] === undefined) forget(slot, columns.lastMs[slot]!, 'it is no longer scored');
      });
    },
  };
}
