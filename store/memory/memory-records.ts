import {
  firstLabel,
  type LogBatch,
  type SeriesDefinition,
  type SpanBatch,
  type StoredLogRecord,
  type StoredSpan,
  type StoreReader,
  sameEntity,
  textAt,
} from '../../model/index.ts';
import { decodeCursor, encodeCursor } from '../cursor.ts';
import { createBoundedMap } from './bounded-map.ts';

type Definitions = ReadonlyMap<number, SeriesDefinition>;

export interface MemoryRecords extends Pick<StoreReader, 'logs' | 'trace'> {
  putLogs(batch: LogBatch, byId: Definitions): void;
  putSpans(batch: SpanBatch, byId: Definitions): void;
  counts(): { readonly logs: number; readonly spans: number };
}

interface KeptLog extends StoredLogRecord {
  readonly key: string;
}

/** The newest log records and spans. */
export function createMemoryRecords(limit: number): MemoryRecords {
  const logs = createBoundedMap<KeptLog>(limit);
  const spans = createBoundedMap<StoredSpan>(limit);

  function putLogs(batch: LogBatch, byId: Definitions): void {
    const seen = new Map<string, number>();
    for (let row = 0; row < batch.count; row++) {
      const { fingerprint, entity } = definitionOf(batch.series[row], byId);
      const body = textAt(batch.bodies, row);
      const timeMs = Math.round(batch.timesMs[row] * 1000) / 1000;
      const text = `${fingerprint} ${timeMs} ${body}`;
      const ordinal = seen.get(text) ?? 0;
      seen.set(text, ordinal + 1);
      const traceId = idAt(batch.traceIds, row, 16);
      const key = `${text} ${ordinal}`;
      logs.set(key, { key, timeMs, severity: batch.severities[row], body, entity, traceId });
    }
  }

  function putSpans(batch: SpanBatch, byId: Definitions): void {
    for (let row = 0; row < batch.count; row++) {
      const { name, labels, entity } = definitionOf(batch.series[row], byId);
      const traceId = Buffer.from(batch.traceIds.buffer, batch.traceIds.byteOffset + row * 16, 16).toString('hex');
      const spanId = Buffer.from(batch.spanIds.buffer, batch.spanIds.byteOffset + row * 8, 8).toString('hex');
      spans.set(`${traceId} ${spanId}`, {
        traceId,
        spanId,
        parentId: idAt(batch.parentIds, row, 8),
        name,
        service: firstLabel(labels, 'service.name', 'service') ?? entity.name,
        startMs: Math.round(batch.startsMs[row] * 1000) / 1000,
        durationMs: batch.durationsMs[row],
        status: batch.statuses[row],
        kind: batch.kinds[row],
      });
    }
  }

  const read: StoreReader['logs'] = async ({ fromMs, toMs, entity, text, cursor, limit: size }) => {
    const wanted = text?.toLowerCase() ?? '';
    const after = cursor === undefined ? undefined : decodeCursor(cursor, [0, '']);
    const behind = (log: KeptLog, [timeMs, key]: readonly [number, string]) =>
      log.timeMs < timeMs || (log.timeMs === timeMs && log.key < key);
    const found = [...logs.values()]
      .filter((log) => (fromMs === undefined || log.timeMs >= fromMs) && (toMs === undefined || log.timeMs <= toMs))
      .filter((log) => entity === undefined || sameEntity(log.entity, entity))
      .filter((log) => wanted === '' || log.body.toLowerCase().includes(wanted))
      .filter((log) => after === undefined || behind(log, after))
      .sort((a, b) => b.timeMs - a.timeMs || (a.key < b.key ? 1 : -1));
    const items = found.slice(0, size).map(({ key: _, ...log }) => log);
    const last = found[size - 1];
    return found.length <= size ? { items } : { items, next: encodeCursor([last.timeMs, last.key]) };
  };

  async function trace(traceId: string): Promise<readonly StoredSpan[]> {
    const wanted = traceId.toLowerCase();
    return [...spans.values()]
      .filter((span) => span.traceId === wanted)
      .sort((a, b) => a.startMs - b.startMs || (a.spanId < b.spanId ? -1 : 1));
  }

  return { putLogs, putSpans, logs: read, trace, counts: () => ({ logs: logs.size, spans: spans.size }) };
}

function definitionOf(id: number, byId: Definitions): SeriesDefinition {
  const definition = byId.get(id);
  if (definition === undefined) throw new RangeError(`Series ${id} is in a block without its definition.`);
  return definition;
}

/** An id in hex, '' where it is all zeros. */
function idAt(column: Uint8Array, row: number, width: number): string {
  const id = Buffer.from(column.buffer, column.byteOffset + row * width, width).toString('hex');
  return /^0*$/.test(id) ? '' : id;
}
