import type { Anomaly, SeriesCatalog, SeriesDefinition } from '../../model/index.ts';
import { ensureRows } from '../checkpoint/columns.ts';
import type { MetricsConfig } from '../config.ts';
import type { Episodes } from './episodes.ts';
import { startTail } from './fusion.ts';
import type { HourlyWork } from './hourly-work.ts';
import type { NetworkLane, NetworkLanes } from './network-lanes.ts';
import type { OperatorRules } from './operator-rules.ts';
import { startDays } from './rank.ts';
import { kindCode, kindIncrease } from './sample-value.ts';
import type { SeasonProfiles } from './season-profile.ts';
import { type SeriesColumns, seriesColumnTypes } from './series-columns.ts';
import type { SignalProfile } from './signal-profile.ts';
import type { SignalProfiles } from './signal-rules.ts';
import { settledMs } from './silences.ts';
import type { SlotTable } from './slot-table.ts';
import { createStatusFamilies } from './status-families.ts';
import type { TrendView } from './trend-view.ts';

/** How scored series begin and end, and what is known of each by slot beside its columns. */
export interface SeriesLives {
  readonly profiles: readonly SignalProfile[];
  readonly lanes: readonly NetworkLane[];
  /** Gives a series that was not met before `timeMs` a slot, or a negative number where it is not scored. */
  begin(series: number, timeMs: number): number;
  /** Gives a series a slot whose columns are to be filled by the caller; a negative number where it is not scored. */
  enter(series: number): number;
  /** The slot, all that it refers to, goes to others. */
  leave(slot: number): void;
  /** What the slot held is over and goes: whatever fired is cleared, for that reason. */
  end(slot: number, timeMs: number, why: string, out: Anomaly[]): void;
  /** The series has now been seen for as long as it takes to be scored. */
  grownUp(): void;
  /** Series that are too young to be scored. */
  learning: number;
  /** Profiles and lanes after the columns were loaded: a series that is no longer scored has no profile. */
  resume(): void;
}

export interface SeriesLivesDeps {
  readonly catalog: Pick<SeriesCatalog, 'get'>;
  readonly config: MetricsConfig;
  readonly columns: SeriesColumns;
  readonly table: SlotTable;
  readonly profileOf: SignalProfiles;
  readonly rules: Pick<OperatorRules, 'shareOf'>;
  readonly lanes: Pick<NetworkLanes, 'of'>;
  readonly seasons: Pick<SeasonProfiles, 'free'>;
  readonly hourly: Pick<HourlyWork, 'release'>;
  readonly trends: Pick<TrendView, 'allocate' | 'free'>;
  readonly episodes: Pick<Episodes, 'close'>;
}

/**
 * Series that were not heard of for longer, in their intervals, say nothing of what is new by now; nor do those that are so far
 * ahead, such as others whose past was learnt before.
 */
const heardIntervals = 5;

const columnNames = Object.keys(seriesColumnTypes) as (keyof typeof seriesColumnTypes)[];

export function createSeriesLives(deps: SeriesLivesDeps): SeriesLives {
  const { catalog, columns, table, trends } = deps;
  const profiles: SignalProfile[] = [];
  const lanes: NetworkLane[] = [];
  const families = createStatusFamilies();

  function know(slot: number, series: number): void {
    const definition = catalog.get(series);
    families.add(slot, definition);
    profiles[slot] = deps.profileOf(definition)!;
    lanes[slot] = deps.lanes.of(definition.name);
  }

  function open(slot: number, series: number, timeMs: number): void {
    const profile = profiles[slot]!;
    const definition = catalog.get(series);
    for (const name of columnNames) columns[name][slot] = 0;
    columns.series[slot] = series;
    columns.share[slot] = deps.rules.shareOf(definition);
    columns.kind[slot] = profile.immediate ? kindIncrease : kindCode(definition.kind);
    columns.lastMs[slot] = Number.NaN;
    columns.forecast[slot] = Number.NaN;
    columns.lastSeason[slot] = Number.NaN;
    columns.bandSecond[slot] = Number.NaN;
    columns.accepted[slot] = Number.NaN;
    startTail(columns, slot);
    if (profile.trends) columns.trend[slot] = trends.allocate() + 1;
    lives.learning += 1;
    if (profile.signal === 'errors') beginAtNothing(slot, definition, timeMs);
  }

  /**
   * Most clients have no counter of what ended so before the first that did. Where the others of its family have long been known,
   * it has counted nothing all the while, and is judged as one that said so. Its own life begins now: its silence is no news soon.
   */
  function beginAtNothing(slot: number, definition: SeriesDefinition, timeMs: number): void {
    let samples = 0;
    let intervalMs = 0;
    for (const other of families.of(definition)) {
      const isHeard = Math.abs(timeMs - columns.lastMs[other]!) <= heardIntervals * columns.intervalMs[other]!;
      if (!isHeard || columns.lifeMs[other]! < settledMs) continue;
      samples = Math.max(samples, columns.count[other]!);
      intervalMs = Math.max(intervalMs, columns.intervalMs[other]!);
    }
    if (samples < deps.config.warmupSamples) return;
    columns.count[slot] = samples;
    columns.intervalMs[slot] = intervalMs;
    columns.scoredMs[slot] = timeMs;
    startDays(columns, slot);
    lives.learning -= 1;
  }

  function enter(series: number): number {
    const slot = table.take(series);
    if (slot < 0) return slot;
    ensureRows(seriesColumnTypes, columns, slot + 1);
    know(slot, series);
    return slot;
  }

  const lives: SeriesLives = {
    profiles,
    lanes,
    learning: 0,
    begin(series, timeMs) {
      const slot = enter(series);
      if (slot >= 0) open(slot, series, timeMs);
      return slot;
    },
    enter,
    end(slot, timeMs, why, out) {
      deps.episodes.close(slot, timeMs, why, out);
      lives.leave(slot);
    },
    leave(slot) {
      if (columns.count[slot]! < deps.config.warmupSamples) lives.learning -= 1;
      if (columns.season[slot]! > 0) deps.seasons.free(columns.season[slot]! - 1);
      deps.hourly.release(slot);
      if (columns.trend[slot]! > 0) trends.free(columns.trend[slot]! - 1);
      lanes[slot]!.places.release(slot);
      families.remove(slot, catalog.get(columns.series[slot]!));
      table.release(slot, columns.series[slot]!);
    },
    grownUp() {
      lives.learning -= 1;
    },
    resume() {
      families.clear();
      table.forEachSlot((slot) => know(slot, columns.series[slot]!));
    },
  };
  return lives;
}
