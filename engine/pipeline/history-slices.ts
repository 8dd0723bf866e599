import {
  type Clock,
  type HistoryColumns,
  type HistoryQuery,
  type HistoryReader,
  KybernError,
} from '../../model/index.ts';

export interface HistoryLimits {
  /** When it is to be over. */
  readonly endMs: number;
  readonly signal: AbortSignal;
}

export interface HistorySlicesDeps {
  readonly store: Pick<HistoryReader, 'history'>;
  readonly clock: Clock;
  /** The store is away, and is asked again. */
  readonly away: (error: KybernError) => void;
}

const rowsAtOnce = 300_000;
const firstSliceMs = 3_600_000;
const shortestSliceMs = 60_000;
const longestSliceMs = 7 * 86_400_000;
const askAgainMs = 2000;

/**
 * The samples of a stretch of time, so much of it at a time as gives about so many rows, less where the store says that it is
 * too much. The next are read while the last are in use. Ends early where time is over.
 */
export async function* historySlices(
  deps: HistorySlicesDeps,
  query: HistoryQuery,
  limits: HistoryLimits,
): AsyncGenerator<HistoryColumns> {
  let lengthMs = firstSliceMs;
  let fromMs = query.fromMs;

  function read() {
    if (fromMs >= query.toMs) return undefined;
    const slice = { ...query, fromMs, toMs: Math.min(query.toMs, fromMs + lengthMs) };
    const columns = askUntil(() => deps.store.history(slice), deps, limits);
    // Whoever waits for it is told.
    columns.catch(() => {});
    return { slice, columns };
  }

  for (let next = read(); next !== undefined; ) {
    const { slice } = next;
    const columns = await orTooMuch(next.columns, slice);
    if (columns === undefined) return;
    if (columns === 'too much') {
      lengthMs = Math.max(shortestSliceMs, lengthMs / 4);
      next = read();
      continue;
    }
    const factor = clamp(rowsAtOnce / Math.max(1, columns.count), 0.25, 4);
    lengthMs = clamp(lengthMs * factor, shortestSliceMs, longestSliceMs);
    fromMs = slice.toMs;
    next = read();
    yield columns;
  }
}

async function orTooMuch(columns: Promise<HistoryColumns | undefined>, { fromMs, toMs }: HistoryQuery) {
  try {
    return await columns;
  } catch (error) {
    if (isOverLimit(error) && toMs - fromMs > shortestSliceMs) return 'too much' as const;
    throw error;
  }
}

/** Asks a store that is away again and again; undefined where there was no answer in time. Rejects with KYBERN_QUERY_LIMIT. */
export async function askUntil<T>(
  ask: () => Promise<T>,
  { clock, away }: Pick<HistorySlicesDeps, 'clock' | 'away'>,
  { endMs, signal }: HistoryLimits,
): Promise<T | undefined> {
  while (!signal.aborted && clock.now() < endMs) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof KybernError) || isOverLimit(error)) throw error;
      away(error);
      await clock.sleep(askAgainMs, signal);
    }
  }
  return undefined;
}

function isOverLimit(error: unknown): boolean {
  return error instanceof KybernError && error.code === 'KYBERN_QUERY_LIMIT';
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}
