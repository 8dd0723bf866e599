import type { Anomaly, SampleBatch, SeriesCatalog } from '../../model/index.ts';
import type { MetricsConfig } from '../config.ts';
import type { Aside } from './aside.ts';
import type { BandCollector } from './band-columns.ts';
import { createBurstFading } from './bursts.ts';
import type { Episodes } from './episodes.ts';
import type { HourlyWork } from './hourly-work.ts';
import { forgetIntervals } from './model-slots.ts';
import type { NetworkLane, NetworkLanes } from './network-lanes.ts';
import type { OperatorRules } from './operator-rules.ts';
import { createRoundPlanner } from './round-plan.ts';
import { noteTime, readValue } from './sample-value.ts';
import type { Scorer } from './scorer.ts';
import type { SeasonProfiles } from './season-profile.ts';
import type { SeriesColumns } from './series-columns.ts';
import type { SeriesLives } from './series-lives.ts';
import type { SeverityScale } from './severity-scale.ts';
import type { Silences } from './silences.ts';
import type { SlotTable } from './slot-table.ts';
import { createTouchAhead, touchedRows } from './touch-ahead.ts';
import type { UntaughtState } from './untaught-state.ts';
import type { Verdict } from './verdict.ts';

/** `series` is the catalogue's id; the verdict is overwritten by the next. */
export type VerdictObserver = (series: number, timeMs: number, verdict: Readonly<Verdict>) => void;

export interface BatchScoringDeps {
  readonly catalog: Pick<SeriesCatalog, 'get'>;
  readonly config: MetricsConfig;
  readonly columns: SeriesColumns;
  readonly table: SlotTable;
  readonly lives: SeriesLives;
  readonly lanes: NetworkLanes;
  readonly rules: OperatorRules;
  readonly untaught: UntaughtState;
  readonly scorer: Scorer;
  readonly seasons: Pick<SeasonProfiles, 'allocate'>;
  readonly hourly: HourlyWork;
  readonly severities: Pick<SeverityScale, 'observeVerdict'>;
  readonly silences: Pick<Silences, 'heard'>;
  readonly bands: Pick<BandCollector, 'add'>;
  readonly episodes: Pick<Episodes, 'judge'>;
  readonly aside: Pick<Aside, 'wake'>;
  readonly onVerdict?: VerdictObserver | undefined;
}

/** What became of the rows of a batch. An object that is used again. */
export interface BatchTally {
  unscored: number;
  late: number;
}

/** Takes batches row by row, round by round, from a column to verdicts. */
export interface BatchScoring {
  /** Anomalies that begin, grow or clear are pushed to `out`. Calls must not overlap. */
  take(batch: SampleBatch, out: Anomaly[]): Promise<BatchTally>;
}

/** A gap of so many intervals makes the last forecast void. */
const gapIntervals = 5;
/** Beyond this, differences and squares would no longer be finite; nothing that is measured is so large. */
const largestScored = 1e150;
/** Added to the count of forecasts while the next one is of a network that was empty before. */
const emptyBefore = 2 ** 31;
/** A season slot is given once a series has lived this long. */
const seasonAfterMs = 900_000;

/**
 * What every sample goes through stands here, so three things are done for speed. Methods are taken out of objects once: one
 * with an accessor is a hash map to V8, in which each call looks its method up. Numbers are kept in columns and fields: as
 * arguments and results of what is not inlined they become objects, and once several rare calls take the same one, it
 * becomes an object before it is known whether any of them is made. And loops over a batch stand in functions of their own,
 * since V8 keeps throwing away what it optimised of loops in async ones.
 */
export function createBatchScoring(deps: BatchScoringDeps): BatchScoring {
  const { catalog, config, columns, lives, lanes, rules, untaught, scorer, seasons, hourly } = deps;
  const { slotOf, unseen, rowAside } = deps.table;
  const { score, sample, verdict } = scorer;
  const { judge } = deps.episodes;
  const { observeVerdict } = deps.severities;
  const { add: addBand } = deps.bands;
  const { onVerdict } = deps;
  const { profiles, lanes: laneOf } = lives;
  const planner = createRoundPlanner();
  const { touch } = createTouchAhead(columns);
  const { fade } = createBurstFading(columns);
  const tally: BatchTally = { unscored: 0, late: 0 };
  let slots = new Int32Array(256);
  let anyUntaught = false;
  let anyAside = false;

  /** Puts time and value of a row into the sample, and takes the reading in. */
  function read(slot: number, times: Float64Array, values: Float64Array, row: number): void {
    sample.timeMs = times[row]!;
    sample.raw = values[row]!;
    sample.gapMs = sample.timeMs - columns.lastMs[slot]!;
    readValue(columns, slot, sample);
    sample.value = sample.reading;
    sample.work = 0;
    noteTime(columns, slot, sample);
  }

  /** So long after the last sample, the network knows nothing of the series, and from there to here is no step of it. */
  function forget(slot: number, lane: NetworkLane): void {
    columns.lastValue[slot] = Number.NaN;
    if (columns.model[slot] === 0) return;
    lane.places.reset(columns.model[slot]! - 1);
    if (columns.forecastCount[slot]! < emptyBefore) columns.forecastCount[slot]! += emptyBefore;
  }

  /** Scores one row. */
  function takeRow(slot: number, times: Float64Array, values: Float64Array, row: number, out: Anomaly[]): void {
    const interval = columns.intervalMs[slot]!;
    read(slot, times, values, row);
    const { gapMs } = sample;
    const lane = laneOf[slot]!;
    if (interval > 0 && gapMs > gapIntervals * interval) {
      columns.forecast[slot] = Number.NaN;
      if (gapMs > forgetIntervals * interval) forget(slot, lane);
    } else if (columns.forecastCount[slot]! >= emptyBefore) {
      // A network that has seen one value foretells next to nothing.
      columns.forecast[slot] = Number.NaN;
      columns.forecastCount[slot]! -= emptyBefore;
    }
    if (!(Math.abs(sample.value) < largestScored)) return;
    if (columns.silent[slot] !== 0) deps.silences.heard(slot, out);
    const own = lane.places.of(slot);
    if (columns.burst[slot]! > 0) fade(slot, sample);
    if (columns.season[slot] === 0 && own >= 0 && columns.count[slot]! * interval > seasonAfterMs) {
      columns.season[slot] = seasons.allocate() + 1;
    }

    const profile = profiles[slot]!;
    const teaches = !anyUntaught || !rules.isUntaught(catalog.get(columns.series[slot]!));
    if (!teaches) untaught.remember(slot);
    sample.teaches = teaches;
    if (!teaches) hourly.pass(slot);
    // Asked only where there is something.
    else if (columns.hour[slot] !== 0) hourly.takeOff(slot, sample);
    score(slot, profile);
    if (teaches && (columns.hour[slot] !== 0 || verdict.deviates)) hourly.learn(slot, profile, sample, verdict);
    if (columns.count[slot] === config.warmupSamples) lives.grownUp();
    if (verdict.scored) {
      const second = Math.floor(sample.timeMs / 1000);
      if (second !== columns.bandSecond[slot]!) {
        columns.bandSecond[slot] = second;
        addBand(columns.series[slot]!, sample, verdict);
      }
      judge(slot, profile, verdict, out);
      onVerdict?.(columns.series[slot]!, sample.timeMs, verdict);
      if (teaches && columns.episode[slot] === 0 && columns.sideRun[slot]! === 0) observeVerdict(verdict);
    }
    if (!teaches) untaught.restore(slot);
    else if (own >= 0) lane.steps.add(slot, own);
  }

  /** Finds each row's slot; tells how many have none. */
  function findSlots({ count, series, timesMs }: SampleBatch): number {
    let without = 0;
    for (let row = 0; row < count; row += 1) {
      const id = series[row]!;
      let slot = slotOf(id);
      if (slot === unseen) slot = lives.begin(id, timesMs[row]!);
      slots[row] = slot;
      if (slot >= 0) continue;
      without += 1;
      if (rowAside(slot) >= 0) anyAside = true;
    }
    return without;
  }

  function isUnderWay(count: number): boolean {
    for (let row = 0; row < count; row += 1) {
      const slot = slots[row]!;
      if (slot >= 0 && laneOf[slot]!.steps.has(slot)) return true;
    }
    return false;
  }

  /** Scores the rows of a round; tells how many came too late. */
  function takeRound(batch: SampleBatch, rows: Uint32Array, from: number, to: number, out: Anomaly[]): number {
    const { timesMs, values } = batch;
    const { lastMs } = columns;
    let late = 0;
    let touched = from;
    // A batch may hold hours of a series, and so more than one maintenance window.
    if (from < to) rules.advance(timesMs[rows[from]!]!);
    anyUntaught = rules.anyUntaught;
    for (let at = from; at < to; at += 1) {
      if (at === touched) {
        touched = Math.min(to, at + touchedRows);
        touch(slots, rows, at, touched);
      }
      const row = rows[at]!;
      const slot = slots[row]!;
      if (timesMs[row]! <= lastMs[slot]!) late += 1;
      else takeRow(slot, timesMs, values, row, out);
    }
    return late;
  }

  return {
    async take(batch, out) {
      const { count } = batch;
      if (slots.length < count) slots = new Int32Array(count * 2);
      lanes.reserve(count);
      anyAside = false;
      tally.unscored = findSlots(batch);
      if (anyAside) {
        await deps.aside.wake(batch);
        tally.unscored = findSlots(batch);
      }
      tally.late = 0;
      if (!lanes.isSettled() && isUnderWay(count)) await lanes.settle();
      const plan = planner.plan(slots, count, deps.table.size);
      for (let round = 0; round < plan.rounds; round += 1) {
        if (round > 0) await lanes.settle();
        tally.late += takeRound(batch, plan.rows, plan.starts[round]!, plan.starts[round + 1]!, out);
        await lanes.launch();
      }
      return tally;
    },
  };
}
