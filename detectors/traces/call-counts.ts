import type { CallObservation } from '../../model/index.ts';
import type { StateReader } from '../checkpoint/state-reader.ts';
import type { StateWriter } from '../checkpoint/state-writer.ts';
import type { Services } from './services.ts';
import type { SpanRing } from './span-ring.ts';
import type { SpanWindow } from './span-window.ts';

/** Calls by caller and callee in one window, and calls whose caller is still being waited for. */
export interface CallCounts {
  add(caller: number, callee: number, durationMs: number, error: boolean): void;
  /** The caller says that it called a service that tells of its calls itself. */
  addTry(caller: number, callee: number): void;
  /** Keeps an entry span whose parent was not seen yet. */
  defer(window: SpanWindow, row: number, services: Services): void;
  /** Looks once more for the callers waited for and counts those found; calls back with the places of the others. */
  retry(ring: SpanRing, onOrphan: (place: number) => void): void;
  /** The calls counted so far, by targets; without any where a caller says so and nothing arrived. */
  counted(): readonly CountedCalls[];
  /** The calls counted, in the order of their first one, and starts anew. */
  take(services: Services, endMs: number, seconds: number): CallObservation[];
  save(writer: StateWriter): void;
  load(reader: StateReader): void;
}

export interface CountedCalls {
  readonly caller: number;
  readonly callee: number;
  readonly calls: number;
  /** Calls of which the caller says that it made them. */
  readonly tries: number;
}

interface Count extends CountedCalls {
  calls: number;
  tries: number;
  errors: number;
  durationSumMs: number;
}

interface Waiting {
  readonly spanHigh: number;
  readonly spanLow: number;
  readonly parentHigh: number;
  readonly parentLow: number;
  readonly callee: number;
  readonly durationMs: number;
  readonly error: boolean;
}

/** More than this many are not waited for: something sends parts of traces only. */
const waitingLimit = 20_000;
const pairStride = 0x1000000;

export function createCallCounts(): CallCounts {
  const counts = new Map<number, Count>();
  let waiting: Waiting[] = [];

  function countOf(caller: number, callee: number): Count {
    const key = caller * pairStride + callee;
    let count = counts.get(key);
    if (count === undefined) {
      count = { caller, callee, calls: 0, tries: 0, errors: 0, durationSumMs: 0 };
      counts.set(key, count);
    }
    return count;
  }

  function add(caller: number, callee: number, durationMs: number, error: boolean): void {
    const count = countOf(caller, callee);
    count.calls += 1;
    count.durationSumMs += durationMs;
    if (error) count.errors += 1;
  }

  return {
    add,
    addTry: (caller, callee) => {
      countOf(caller, callee).tries += 1;
    },
    defer: (window, row, services) => {
      if (waiting.length >= waitingLimit) return;
      const { columns } = window;
      waiting.push({
        spanHigh: columns.spanHigh[row]!,
        spanLow: columns.spanLow[row]!,
        parentHigh: columns.parentHigh[row]!,
        parentLow: columns.parentLow[row]!,
        callee: services.stream(columns.stream[row]!).service,
        durationMs: columns.durationMs[row]!,
        error: columns.error[row] === 1,
      });
    },
    retry: (ring, onOrphan) => {
      const tried = waiting;
      waiting = [];
      for (const call of tried) {
        const caller = ring.serviceOf(call.parentHigh, call.parentLow);
        if (caller >= 0 && caller !== call.callee) add(caller, call.callee, call.durationMs, call.error);
        if (caller >= 0) continue;
        const place = ring.find(call.spanHigh, call.spanLow);
        if (place >= 0) onOrphan(place);
      }
    },
    counted: () => [...counts.values()],
    take: (services, endMs, seconds) => {
      const arrived = [...counts.values()].filter((count) => count.calls > 0);
      const taken = arrived.map((count) => ({
        caller: services.targets[count.caller]!.entity,
        callee: services.targets[count.callee]!.entity,
        windowEndMs: endMs,
        windowSeconds: seconds,
        calls: count.calls,
        errors: count.errors,
        durationSumMs: count.durationSumMs,
      }));
      counts.clear();
      return taken;
    },
    save: (writer) => writer.json({ counts: [...counts], waiting }),
    load: (reader) => {
      const saved = reader.json<{ counts: [number, Count][]; waiting: Waiting[] }>();
      counts.clear();
      for (const [key, count] of saved.counts) counts.set(key, count);
      waiting = saved.waiting;
    },
  };
}
