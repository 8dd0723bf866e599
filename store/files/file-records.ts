import {
  contentHash,
  type EntityRef,
  firstLabel,
  type LogBatch,
  type SpanBatch,
  type StoredLogRecord,
  type StoredSpan,
  type StoreReader,
  sameEntity,
  textAt,
} from '../../model/index.ts';
import { decodeCursor, encodeCursor } from '../cursor.ts';
import { dayMs } from './file-points.ts';
import type { NumberedSeries } from './file-series.ts';
import type { Parts } from './parts.ts';
import { type Records, sortedRecords } from './record-layout.ts';

type Numbered = ReadonlyMap<number, NumberedSeries>;

/** Keys sort as times do: microseconds from long before 1970 on, in digits of one width. */
const epochMicros = 10n ** 19n;

/** Log records by time; the same text of one stream at one time is told apart by its order. */
export async function writeLogs(
  parts: Parts<Records<StoredLogRecord>>,
  batches: readonly LogBatch[],
  byId: Numbered,
): Promise<void> {
  const records = batches.flatMap((batch) => {
    const seen = new Map<string, number>();
    return Array.from({ length: batch.count }, (_, row) => {
      const { fingerprint, entity } = definitionOf(batch.series[row], byId);
      const body = textAt(batch.bodies, row);
      const timeMs = Math.round(batch.timesMs[row] * 1000) / 1000;
      const identity = `${timeKey(timeMs)}${contentHash(fingerprint, body)}`;
      const ordinal = seen.get(identity) ?? 0;
      seen.set(identity, ordinal + 1);
      const traceId = idAt(batch.traceIds, row, 16);
      const value = { timeMs, severity: batch.severities[row], body, entity, traceId };
      return { key: `${identity}${String(ordinal).padStart(6, '0')}`, timeMs, value };
    });
  });
  await writeByDay(parts, records);
}

/** Spans by trace. */
export async function writeSpans(
  parts: Parts<Records<StoredSpan>>,
  batches: readonly SpanBatch[],
  byId: Numbered,
): Promise<void> {
  const records = batches.flatMap((batch) =>
    Array.from({ length: batch.count }, (_, row) => {
      const { name, labels, entity } = definitionOf(batch.series[row], byId);
      const traceId = hexAt(batch.traceIds, row, 16);
      const spanId = hexAt(batch.spanIds, row, 8);
      const startMs = Math.round(batch.startsMs[row] * 1000) / 1000;
      const value: StoredSpan = {
        traceId,
        spanId,
        parentId: idAt(batch.parentIds, row, 8),
        name,
        service: firstLabel(labels, 'service.name', 'service') ?? entity.name,
        startMs,
        durationMs: batch.durationsMs[row],
        status: batch.statuses[row],
        kind: batch.kinds[row],
      };
      return { key: `${traceId}${spanId}`, timeMs: startMs, value };
    }),
  );
  await writeByDay(parts, records);
}

async function writeByDay<V>(
  parts: Parts<Records<V>>,
  records: readonly { key: string; timeMs: number; value: V }[],
): Promise<void> {
  for (const [day, own] of Map.groupBy(records, ({ timeMs }) => Math.floor(timeMs / dayMs)))
    await parts.write(day, sortedRecords(own));
}

/** A page of log records, newest first: groups are read from the newest on until the page is full. */
export async function readLogs(
  parts: Parts<Records<StoredLogRecord>>,
  query: Parameters<StoreReader['logs']>[0],
): ReturnType<StoreReader['logs']> {
  const { fromMs, toMs, entity, limit } = query;
  const text = query.text?.toLowerCase() ?? '';
  const [before] = query.cursor === undefined ? [undefined] : decodeCursor(query.cursor, ['']);
  const found = await parts.find(
    (span) =>
      (fromMs === undefined || span.toMs >= fromMs) &&
      (toMs === undefined || span.fromMs <= toMs) &&
      (before === undefined || span.low < before),
  );
  const newestFirst = [...found].sort((a, b) => (a.span.high < b.span.high ? 1 : -1));
  const kept = new Map<string, StoredLogRecord>();
  for (const { span, load } of newestFirst) {
    const least = keptInOrder(kept)[limit];
    if (least !== undefined && least > span.high) break;
    const { keys, values } = await load();
    for (const [row, value] of values.entries()) {
      const isIn = (fromMs === undefined || value.timeMs >= fromMs) && (toMs === undefined || value.timeMs <= toMs);
      if (isIn && (before === undefined || keys[row] < before) && isWanted(value, entity, text))
        kept.set(keys[row], value);
    }
  }
  const keys = keptInOrder(kept).slice(0, limit);
  const items = keys.map((key) => kept.get(key) as StoredLogRecord);
  return kept.size <= limit ? { items } : { items, next: encodeCursor([keys[limit - 1]]) };
}

function keptInOrder(kept: ReadonlyMap<string, unknown>): readonly string[] {
  return [...kept.keys()].sort().reverse();
}

function isWanted(record: StoredLogRecord, entity: EntityRef | undefined, text: string): boolean {
  if (entity !== undefined && !sameEntity(record.entity, entity)) return false;
  return text === '' || record.body.toLowerCase().includes(text);
}

export async function readTrace(parts: Parts<Records<StoredSpan>>, traceId: string): Promise<readonly StoredSpan[]> {
  const wanted = traceId.toLowerCase();
  const spans = new Map<string, StoredSpan>();
  for await (const { values } of parts.read(({ low, high }) => low.slice(0, 32) <= wanted && wanted <= high)) {
    for (const span of values) if (span.traceId === wanted) spans.set(span.spanId, span);
  }
  return [...spans.values()].sort((a, b) => a.startMs - b.startMs || (a.spanId < b.spanId ? -1 : 1));
}

function timeKey(timeMs: number): string {
  return (BigInt(Math.round(timeMs * 1000)) + epochMicros).toString().padStart(20, '0');
}

function definitionOf(id: number, byId: Numbered) {
  const found = byId.get(id);
  if (found === undefined) throw new RangeError(`Series ${id} is in a block without its definition.`);
  return found.definition;
}

function hexAt(column: Uint8Array, row: number, width: number): string {
  return Buffer.from(column.buffer, column.byteOffset + row * width, width).toString('hex');
}

/** An id in hex, '' where it is all zeros. */
function idAt(column: Uint8Array, row: number, width: number): string {
  const id = hexAt(column, row, width);
  return /^0*$/.test(id) ? '' : id;
}
