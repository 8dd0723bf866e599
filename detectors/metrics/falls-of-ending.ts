import type { SeriesDefinition, SignalKind } from '../../model/index.ts';
import type { StateReader } from '../checkpoint/state-reader.ts';
import type { StateWriter } from '../checkpoint/state-writer.ts';
import { graceMs, isOfOneProcess } from './comes-and-goes.ts';
import type { SeriesColumns } from './series-columns.ts';
import type { SignalProfile } from './signal-profile.ts';
import type { Verdict } from './verdict.ts';

/** A deviation that waits to be told. */
export interface Fall extends Pick<Verdict, 'view' | 'expected' | 'lower' | 'upper' | 'score' | 'rank'> {
  readonly observed: number;
  readonly onsetMs: number;
  readonly peak: number;
}

/**
 * Falls of pods and of instances, which may be ending, as in each deployment: each is told once that has outlived its grace
 * period. That one had nothing to do for a moment is no news even then.
 */
export interface FallsOfEnding {
  /** Whether a deviation is such a fall; it is kept, if it is to be told later. */
  holds(slot: number, profile: Pick<SignalProfile, 'signal'>, observed: number, verdict: Verdict): boolean;
  /** What is due to be told; it is not kept any longer. */
  takeDue(slot: number, timeMs: number): Fall | undefined;
  forget(slot: number): void;
  /** How many are kept: hardly ever any. */
  readonly size: number;
  slots(): Iterable<number>;
  save(writer: StateWriter): void;
  load(reader: StateReader): void;
}

/** Of samples that are far apart hardly one falls into that time; of others it is soon seen whether it goes on. */
const longestIntervalMs = 4 * graceMs;
const shortestIntervalMs = 5000;
const idleAtTheEnd: ReadonlySet<SignalKind> = new Set(['traffic', 'network', 'readiness']);

export function createFallsOfEnding(
  columns: SeriesColumns,
  definition: (slot: number) => Pick<SeriesDefinition, 'labels' | 'entity'>,
): FallsOfEnding {
  const kept = new Map<number, Fall>();

  function mayBeItsEnd(slot: number, observed: number, expected: number): boolean {
    const intervalMs = columns.intervalMs[slot]!;
    if (observed >= expected || columns.scoredMs[slot]! - columns.onsetMs[slot]! >= graceMs) return false;
    if (intervalMs < shortestIntervalMs || intervalMs > longestIntervalMs) return false;
    return isOfOneProcess(definition(slot));
  }

  return {
    holds(slot, { signal }, observed, { view, expected, lower, upper, score, rank }) {
      if (!mayBeItsEnd(slot, observed, expected)) return false;
      if (idleAtTheEnd.has(signal)) return true;
      const [onsetMs, peak] = [columns.onsetMs[slot]!, columns.peak[slot]!];
      kept.set(slot, { observed, view, expected, lower, upper, score, rank, onsetMs, peak });
      return true;
    },
    takeDue(slot, timeMs) {
      const fall = kept.get(slot);
      if (fall === undefined || timeMs - fall.onsetMs < graceMs) return;
      kept.delete(slot);
      return fall;
    },
    forget: (slot) => void kept.delete(slot),
    get size() {
      return kept.size;
    },
    slots: () => kept.keys(),
    save: (writer) => writer.json([...kept]),
    load: (reader) => {
      kept.clear();
      for (const [slot, fall] of reader.json<[number, Fall][]>()) kept.set(slot, fall);
    },
  };
}
