import { createDurationSketch, type DurationSketch } from './duration-sketch.ts';

/** Requests of one closing window by target: counts, errors, durations, own time. Buffers are kept for the next one. */
export interface WindowTally {
  clear(): void;
  add(target: number, durationMs: number, selfMs: number, error: boolean): void;
  /** Adds all that was counted for one target to another: an operation's requests are its service's. */
  merge(from: number, into: number): void;
  requests(target: number): number;
  errors(target: number): number;
  selfMs(target: number): number;
  /** The durations, until the window is cleared. */
  durations(target: number): DurationSketch;
  /** Gives back the memory of a target that is asked for nothing lately. */
  forget(target: number): void;
}

interface Cell {
  readonly durations: DurationSketch;
  errors: number;
  selfMs: number;
}

const none = createDurationSketch();

export function createWindowTally(): WindowTally {
  const cells: (Cell | undefined)[] = [];

  function cell(target: number): Cell {
    while (cells.length <= target) cells.push(undefined);
    const known = cells[target];
    if (known !== undefined) return known;
    const made = { durations: createDurationSketch(), errors: 0, selfMs: 0 };
    cells[target] = made;
    return made;
  }

  return {
    clear: () => {
      for (const each of cells) {
        if (each === undefined) continue;
        each.durations.clear();
        each.errors = 0;
        each.selfMs = 0;
      }
    },
    add: (target, durationMs, selfMs, error) => {
      const into = cell(target);
      into.durations.add(durationMs);
      into.selfMs += selfMs;
      if (error) into.errors += 1;
    },
    merge: (from, into) => {
      const source = cells[from];
      if (source === undefined || source.durations.count === 0) return;
      const target = cell(into);
      target.durations.merge(source.durations);
      target.selfMs += source.selfMs;
      target.errors += source.errors;
    },
    requests: (target) => cells[target]?.durations.count ?? 0,
    errors: (target) => cells[target]?.errors ?? 0,
    selfMs: (target) => cells[target]?.selfMs ?? 0,
    durations: (target) => cells[target]?.durations ?? none,
    forget: (target) => {
      cells[target] = undefined;
    },
  };
}
