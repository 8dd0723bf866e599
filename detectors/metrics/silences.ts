import { type Anomaly, type EndBatch, labelValue, type SeriesCatalog } from '../../model/index.ts';
import type { StateReader } from '../checkpoint/state-reader.ts';
import type { StateWriter } from '../checkpoint/state-writer.ts';
import type { MetricsConfig } from '../config.ts';
import { comesAndGoes } from './comes-and-goes.ts';
import { createCommonSilences, type SavedSilences } from './common-silences.ts';
import type { Episodes } from './episodes.ts';
import { createHeardAlike } from './heard-alike.ts';
import type { SeriesColumns } from './series-columns.ts';
import type { SignalProfile } from './signal-profile.ts';
import type { SlotTable } from './slot-table.ts';

/** What follows from a series not being heard of: it has ended, or vanished, or is forgotten. */
export interface Silences {
  /** A sample came of a series whose `silent` is not 0; its time has been noted. */
  heard(slot: number, out: Anomaly[]): void;
  /** Senders said that these series have ended. */
  end(batch: EndBatch, out: Anomaly[]): void;
  /** Whether all that follows from its silence has been told, or nothing ever will be. */
  isSettled(slot: number): boolean;
  /** Event time has come this far: looked at once a minute. `forget` is called for what was silent for too long. */
  advance(watermarkMs: number, forget: (slot: number) => void, out: Anomaly[]): void;
  save(writer: StateWriter): void;
  load(reader: StateReader): void;
}

interface Saved {
  /** Event times, as texts, for they may be before all time: of the next look, how far it had come, the latest pause. */
  readonly times: readonly [nextSweepMs: string, reachedMs: string, pausedMs: string, resumedMs: string];
  readonly common: SavedSilences;
}

export interface SilencesDeps {
  readonly columns: SeriesColumns;
  readonly table: Pick<SlotTable, 'slotOf' | 'forEachSlot'>;
  readonly profiles: readonly SignalProfile[];
  readonly episodes: Episodes;
  readonly catalog: Pick<SeriesCatalog, 'get'>;
  readonly config: MetricsConfig;
}

/** A series that has lived this long is expected to go on, unless it is of what comes and goes. */
export const settledMs = 86_400_000;
const sweepMs = 60_000;
/** States of `silent`, beside 0. What has ended says so, or others have taken its place. */
const vanished = 1;
const ended = 2;
const hidden = 3;

export function createSilences(deps: SilencesDeps): Silences {
  const { columns, table, profiles, episodes, catalog, config } = deps;
  const common = createCommonSilences(deps);
  const alike = createHeardAlike({
    ...deps,
    isHeard: (slot) => columns.silent[slot] === 0 && !isOverdue(slot),
  });
  let nextSweepMs = Number.NEGATIVE_INFINITY;
  let sweptMs = Number.NEGATIVE_INFINITY;
  let reachedMs = Number.NEGATIVE_INFINITY;
  /** The latest pause: event time went from here to there at once, so that nothing at all was received in between. */
  let pausedMs = Number.NEGATIVE_INFINITY;
  let resumedMs = Number.NEGATIVE_INFINITY;

  /** Whether anybody would be told of its silence: it is asked for, or its life lets one expect more. */
  function mayVanish(slot: number): boolean {
    const { missing, silenceMs } = profiles[slot]!;
    if (missing === 'ignore' || silenceMs === 0) return false;
    if (missing === 'alarm') return true;
    if (columns.lifeMs[slot]! < settledMs) return false;
    const definition = catalog.get(columns.series[slot]!);
    return definition.origin === 'received' && !comesAndGoes(definition);
  }

  /**
   * Silent for longer than this. A pause longer than that in which nothing was received of anybody is no silence of one that
   * was heard of until then: it has so long again to come back. Of many slots, and so made to be inlined.
   */
  function isSilentFor(slot: number, patienceMs: number): boolean {
    const lastMs = columns.lastMs[slot]!;
    if (sweptMs - lastMs <= patienceMs) return false;
    const isExcused = resumedMs - pausedMs > patienceMs && pausedMs - lastMs <= patienceMs;
    return !isExcused || sweptMs - resumedMs > patienceMs;
  }

  /** Silent for longer than its policy allows, if it were told at all. */
  function isOverdue(slot: number): boolean {
    const { missing, silenceMs } = profiles[slot]!;
    const intervals = missing === 'alarm' ? 3 : 10;
    return isSilentFor(slot, Math.max(silenceMs, intervals * columns.intervalMs[slot]!));
  }

  /** Of a service without requests windows are told for a while only: what was told of its rate is as true after it. */
  function isUnasked(slot: number): boolean {
    if (!episodes.isFiring(slot) || columns.lastValue[slot] !== 0) return false;
    const { name, labels } = catalog.get(columns.series[slot]!);
    return name === 'trace.request.rate' && labelValue(labels, 'operation') === undefined;
  }

  function isNewlyGone(slot: number): boolean {
    const silent = columns.silent[slot];
    if (silent === 0) return isOverdue(slot) && mayVanish(slot);
    return silent === hidden && common.isLeft(slot, sweptMs) && !isSilentFor(slot, config.forgetSeconds * 1000);
  }

  function othersThatMightVanish(): number {
    let others = 0;
    table.forEachSlot((slot) => {
      if (columns.silent[slot] === 0 && mayVanish(slot)) others += 1;
    });
    return others;
  }

  function tell(gone: readonly number[], out: Anomaly[]): void {
    for (const slot of gone) {
      columns.silent[slot] = hidden;
      // Of what was last seen in a window that teaches nothing no value is kept.
      if (Number.isNaN(columns.lastValue[slot]!)) columns.lastValue[slot] = columns.level[slot]!;
    }
    // What was asked for is told, however many are silent.
    const asked = gone.filter((slot) => profiles[slot]!.missing === 'alarm');
    const others = goneForAll(gone.filter((slot) => profiles[slot]!.missing !== 'alarm'));
    for (const slot of [...asked, ...common.sift(others, sweptMs, othersThatMightVanish, out)]) {
      columns.silent[slot] = vanished;
      episodes.vanish(slot, profiles[slot]!, sweptMs, out);
    }
  }

  /**
   * An instance of a service is like a pod: with each deployment it makes room for another, which says the same under a name of its
   * own. While one of them is heard none has vanished; once none is, one of them tells it.
   */
  function goneForAll(slots: readonly number[]): readonly number[] {
    const replaced = alike.besideHeard(slots);
    const left = slots.filter((slot) => !replaced.has(slot));
    const others = alike.butLast(left);
    for (const slot of [...replaced, ...others]) columns.silent[slot] = ended;
    return left.filter((slot) => !others.has(slot));
  }

  /** What was told of the last instance ends with the first of the next ones. */
  function endReplaced(lost: readonly number[], out: Anomaly[]): void {
    for (const slot of alike.besideHeard(lost)) {
      if (columns.silent[slot] === hidden) common.account(slot, sweptMs, out);
      columns.silent[slot] = ended;
      episodes.close(slot, sweptMs, 'another instance has taken its place', out);
    }
  }

  function isLost(slot: number): boolean {
    const silent = columns.silent[slot];
    return (silent === vanished || silent === hidden) && profiles[slot]!.missing !== 'alarm';
  }

  function notePause(watermarkMs: number): void {
    if (watermarkMs - reachedMs > sweepMs && reachedMs > 0) {
      pausedMs = reachedMs;
      resumedMs = watermarkMs;
    }
    reachedMs = Math.max(reachedMs, watermarkMs);
  }

  return {
    heard(slot, out) {
      const was = columns.silent[slot];
      columns.silent[slot] = 0;
      const timeMs = columns.lastMs[slot]!;
      if (was === hidden) common.account(slot, timeMs, out);
      if (was !== vanished) return;
      columns.cleanSinceMs[slot] = timeMs;
      episodes.close(slot, timeMs, 'it is back', out);
    },
    end(batch, out) {
      for (let row = 0; row < batch.count; row += 1) {
        const slot = table.slotOf(batch.series[row]!);
        const timeMs = batch.timesMs[row]!;
        if (slot < 0 || timeMs < columns.lastMs[slot]! || profiles[slot]!.missing === 'alarm') continue;
        if (columns.silent[slot] === ended) continue;
        if (columns.silent[slot] === hidden) common.account(slot, timeMs, out);
        columns.silent[slot] = ended;
        episodes.close(slot, timeMs, 'its sender ended the series', out);
      }
    },
    isSettled: (slot) => columns.silent[slot] !== 0 || !mayVanish(slot),
    advance(watermarkMs, forget, out) {
      notePause(watermarkMs);
      for (const slot of episodes.slots()) {
        const patience = Math.max(config.staleSeconds * 1000, 10 * columns.intervalMs[slot]!);
        const lastMs = columns.lastMs[slot]!;
        if (columns.silent[slot] !== 0 || watermarkMs - lastMs <= patience) continue;
        if (isUnasked(slot)) columns.silent[slot] = vanished;
        else episodes.close(slot, lastMs, 'the series ended', out);
      }
      if (watermarkMs < nextSweepMs) return;
      nextSweepMs = watermarkMs + sweepMs;
      sweptMs = watermarkMs;
      const gone: number[] = [];
      const lost: number[] = [];
      table.forEachSlot((slot) => {
        if (isNewlyGone(slot)) gone.push(slot);
        else if (isLost(slot)) lost.push(slot);
      });
      if (gone.length > 0) tell(gone, out);
      if (lost.length > 0) endReplaced(lost, out);
      table.forEachSlot((slot) => {
        if (isSilentFor(slot, config.forgetSeconds * 1000)) forget(slot);
      });
    },
    save(writer) {
      writer.json({ times: [nextSweepMs, reachedMs, pausedMs, resumedMs].map(String), common: common.save() });
    },
    load(reader) {
      const saved = reader.json<Saved>();
      const [nextSweep, reached, paused, resumed] = saved.times;
      nextSweepMs = Number(nextSweep);
      reachedMs = Number(reached);
      pausedMs = Number(paused);
      resumedMs = Number(resumed);
      common.load(saved.common);
    },
  };
}
