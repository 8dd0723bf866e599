import {
  type Clock,
  type Detectors,
  type HistoryReader,
  KybernError,
  type LogBatch,
  type PastRecords,
  type RecordsQuery,
  type SeriesCatalog,
  type SpanBatch,
} from '../../model/index.ts';
import { askUntil, type HistoryLimits } from './history-slices.ts';
import { knownSeries } from './known-series.ts';

export interface RecordsBackfillDeps {
  readonly store: Pick<HistoryReader, 'pastRecords'>;
  readonly catalog: Pick<SeriesCatalog, 'find' | 'intern' | 'get'>;
  readonly clock: Clock;
  readonly away: (error: KybernError) => void;
}

/** Log lines and spans, by kind, that were taught. */
export interface RecordsTaught {
  logs: number;
  spans: number;
  /** Of a selection of older ones: lines that tell of errors, and calls. */
  older: number;
}

export interface RecordsLesson {
  readonly pupil: Required<Pick<Detectors, 'learnRecords'>>;
  readonly untilMs: number;
  /** How far lines that tell of errors are gone back. */
  readonly days: number;
  readonly limits: HistoryLimits;
}

/** Of each kind, the newest, and so many bytes of them: they are in memory for a moment. */
const mostRecords = 200_000;
const mostBytes = 64 << 20;
const largestRecord = 2048;
const mostSelected = 48_000;
const firstSliceMs = 600_000;
const hourMs = 3_600_000;
const dayMs = 86_400_000;
const rowsPerBatch = 4096;

/**
 * The latest log lines and spans, whole; and of the days before them the kinds of error lines, of the day before who calls
 * whom: so that neither a line, nor how often it comes, nor a call is new after the start that was known before it.
 */
export async function teachRecords(deps: RecordsBackfillDeps, lesson: RecordsLesson): Promise<RecordsTaught> {
  const { catalog, clock } = deps;
  const { pupil, untilMs, limits } = lesson;
  const taught: RecordsTaught = { logs: 0, spans: 0, older: 0 };

  async function read(query: RecordsQuery): Promise<PastRecords | undefined> {
    try {
      return await askUntil(async () => deps.store.pastRecords?.(query), deps, limits);
    } catch (error) {
      // So much cannot be read: what is newer has been.
      if (error instanceof KybernError && error.code === 'KYBERN_QUERY_LIMIT') return undefined;
      throw error;
    }
  }

  /** The newest of a day, oldest first, and since when they are whole. */
  async function newestOf(kind: RecordsQuery['kind']): Promise<{ records: PastRecords[]; fromMs: number }> {
    const records: PastRecords[] = [];
    let [toMs, lengthMs] = [untilMs, firstSliceMs];
    let [count, bytes] = [0, 0];
    while (toMs > untilMs - dayMs) {
      const recordBytes = count === 0 ? largestRecord : Math.max(1, bytes / count);
      const most = Math.floor(Math.min(mostRecords - count, (mostBytes - bytes) / recordBytes));
      if (most <= 0) break;
      const fromMs = Math.max(untilMs - dayMs, toMs - lengthMs);
      const found = await read({ kind, fromMs, toMs, most });
      if (found === undefined) break;
      records.unshift(found);
      count += found.batch.count;
      bytes += bytesOf(found.batch);
      const isCut = found.batch.count === most;
      toMs = isCut ? timesOf(found.batch)[0]! : fromMs;
      if (!isCut) lengthMs *= 2;
    }
    return { records, fromMs: toMs };
  }

  /** Some calls of each service to each other, an hour after the other: a database joins no more than that. */
  async function callsBefore(endMs: number): Promise<PastRecords[]> {
    const calls: PastRecords[] = [];
    for (let toMs = endMs; toMs > untilMs - dayMs; toMs -= hourMs) {
      const found = await read({ kind: 'spans', fromMs: toMs - hourMs, toMs, most: mostSelected / 24, selected: true });
      if (found === undefined) break;
      calls.unshift(found);
    }
    return calls;
  }

  async function teach({ streams, batch }: PastRecords, isWhole: boolean): Promise<number> {
    const { ids } = knownSeries(catalog, streams);
    const numbers = streams.map(({ fingerprint }) => ids.get(fingerprint) ?? unknown);
    const series = Uint32Array.from(batch.series, (place) => numbers[place]!);
    let learnt = 0;
    for (let row = 0; row < batch.count && !limits.signal.aborted && clock.now() < limits.endMs; ) {
      const end = endOfStretch(series, row, batch.count);
      if (series[row] !== unknown) {
        await pupil.learnRecords(stretchOf({ ...batch, series }, row, end), isWhole);
        learnt += end - row;
      }
      row = end;
      // Senders and readers have their turn.
      await new Promise((resolve) => setImmediate(resolve));
    }
    return learnt;
  }

  const logs = await newestOf('logs');
  const errors = await read({
    kind: 'logs',
    fromMs: untilMs - lesson.days * dayMs,
    toMs: logs.fromMs,
    most: mostSelected,
    selected: true,
  });
  if (errors !== undefined) taught.older += await teach(errors, false);
  for (const records of logs.records) taught.logs += await teach(records, true);
  logs.records.length = 0;

  const spans = await newestOf('spans');
  for (const records of await callsBefore(spans.fromMs)) taught.older += await teach(records, true);
  for (const records of spans.records) taught.spans += await teach(records, true);
  return taught;
}

/** Of a stream that the catalogue has no room for. */
const unknown = 0xffff_ffff;

/** Rows of streams that are known, or of those that are not, at most so many. */
function endOfStretch(series: Uint32Array, from: number, count: number): number {
  const most = Math.min(count, from + rowsPerBatch);
  const isKnown = series[from] !== unknown;
  let end = from + 1;
  while (end < most && (series[end] !== unknown) === isKnown) end += 1;
  return end;
}

type RecordBatch = LogBatch | SpanBatch;

function timesOf(batch: RecordBatch): Float64Array {
  return batch.kind === 'logs' ? batch.timesMs : batch.startsMs;
}

function bytesOf(batch: RecordBatch): number {
  return batch.kind === 'logs' ? batch.bodies.bytes.length : batch.count * spanRecord;
}

/** Of a span, in its columns. */
const spanRecord = 54;
const [traceBytes, spanBytes] = [16, 8];

/** Rows [from, to), sharing the columns. */
function stretchOf(batch: RecordBatch, from: number, to: number): RecordBatch {
  const cut = {
    count: to - from,
    series: batch.series.subarray(from, to),
    traceIds: batch.traceIds.subarray(from * traceBytes, to * traceBytes),
    spanIds: batch.spanIds.subarray(from * spanBytes, to * spanBytes),
  };
  if (batch.kind === 'logs')
    return {
      ...batch,
      ...cut,
      timesMs: batch.timesMs.subarray(from, to),
      severities: batch.severities.subarray(from, to),
      bodies: { offsets: batch.bodies.offsets.subarray(from, to + 1), bytes: batch.bodies.bytes },
    };
  return {
    ...batch,
    ...cut,
    startsMs: batch.startsMs.subarray(from, to),
    durationsMs: batch.durationsMs.subarray(from, to),
    parentIds: batch.parentIds.subarray(from * spanBytes, to * spanBytes),
    statuses: batch.statuses.subarray(from, to),
    kinds: batch.kinds.subarray(from, to),
  };
}
