import type { EntityKind, Page, StoredLogRecord, StoredSpan, StoreReader } from '../../model/index.ts';
import { decodeCursor, encodeCursor } from '../cursor.ts';
import type { Connection } from './connection.ts';

interface LogRow {
  readonly micros: string;
  readonly severity: number;
  readonly body: string;
  readonly trace: string;
  readonly stream_id: string;
  readonly hash: string;
  readonly ordinal: number;
  readonly entity_kind: EntityKind;
  readonly entity_namespace: string;
  readonly entity_name: string;
}

interface SpanRow {
  readonly trace: string;
  readonly span: string;
  readonly parent: string;
  readonly name: string;
  readonly service: string;
  readonly micros: string;
  readonly duration_ms: number;
  readonly status: number;
  readonly kind: number;
}

/** Log records and spans, and how many of each there are. */
export function createRecordReader(connection: Connection): Pick<StoreReader, 'logs' | 'trace' | 'counts'> {
  const { database } = connection;

  const logs: StoreReader['logs'] = async (query) => {
    const params: Record<string, string | number> = { limit: query.limit + 1 };
    const prewhere = ['1'];
    const where = ['1'];
    if (query.fromMs !== undefined) {
      prewhere.push('time >= fromUnixTimestamp64Micro({fromMicros:Int64})');
      params.fromMicros = Math.ceil(query.fromMs * 1000);
    }
    if (query.toMs !== undefined) {
      prewhere.push('time <= fromUnixTimestamp64Micro({toMicros:Int64})');
      params.toMicros = Math.floor(query.toMs * 1000);
    }
    if (query.text !== undefined && query.text !== '') {
      where.push('positionCaseInsensitiveUTF8(body, {text:String}) > 0');
      params.text = query.text;
    }
    if (query.entity !== undefined) {
      prewhere.push(`stream IN (SELECT fingerprint FROM ${database}.series FINAL
        WHERE entity_kind = {kind:String} AND entity_namespace = {namespace:String} AND entity_name = {name:String})`);
      params.kind = query.entity.kind;
      params.namespace = query.entity.namespace;
      params.name = query.entity.name;
    }
    if (query.cursor !== undefined) {
      const [micros, stream, hash, ordinal] = decodeCursor(query.cursor, ['', '', '', 0]);
      where.push(`(toUnixTimestamp64Micro(time), stream, body_hash, ordinal) <
        ({micros:Int64}, {stream:UInt64}, {hash:UInt64}, {ordinal:UInt32})`);
      Object.assign(params, { micros: digits(micros), stream: digits(stream), hash: digits(hash), ordinal });
    }
    const rows = await connection.rows<LogRow>(
      `SELECT l.micros AS micros, l.severity AS severity, l.body AS body, l.trace AS trace, l.stream_id AS stream_id,
         l.hash AS hash, l.ordinal AS ordinal, e.entity_kind AS entity_kind, e.entity_namespace AS entity_namespace,
         e.entity_name AS entity_name
       FROM (
         SELECT toString(toUnixTimestamp64Micro(time)) AS micros, severity, body, lower(hex(trace_id)) AS trace, stream,
           toString(stream) AS stream_id, toString(body_hash) AS hash, ordinal, time, body_hash
         FROM ${database}.logs FINAL PREWHERE ${prewhere.join(' AND ')} WHERE ${where.join(' AND ')}
         ORDER BY time DESC, stream DESC, body_hash DESC, ordinal DESC LIMIT {limit:UInt32}
       ) AS l
       LEFT JOIN (
         SELECT fingerprint, entity_kind, entity_namespace, entity_name FROM ${database}.series FINAL WHERE kind = 'logs'
       ) AS e ON l.stream = e.fingerprint
       ORDER BY l.time DESC, l.stream DESC, l.body_hash DESC, l.ordinal DESC`,
      params,
    );
    return logPage(rows, query.limit);
  };

  async function trace(traceId: string): Promise<readonly StoredSpan[]> {
    if (!/^[0-9a-f]{32}$/i.test(traceId)) return [];
    const rows = await connection.rows<SpanRow>(
      `SELECT lower(hex(s.trace_id)) AS trace, lower(hex(s.span_id)) AS span, lower(hex(s.parent_id)) AS parent,
         e.metric AS name, e.service AS service, toString(toUnixTimestamp64Micro(s.time)) AS micros,
         s.duration_ms AS duration_ms, s.status AS status, s.kind AS kind
       FROM (SELECT * FROM ${database}.spans FINAL PREWHERE trace_id = unhex({trace:String})) AS s
       LEFT JOIN (
         SELECT fingerprint, metric,
           coalesce(nullIf(labels['service.name'], ''), nullIf(labels['service'], ''), entity_name) AS service
         FROM ${database}.series FINAL WHERE kind = 'spans'
       ) AS e ON s.stream = e.fingerprint
       ORDER BY s.time, s.span_id`,
      { trace: traceId.toLowerCase() },
    );
    return rows.map(spanOf);
  }

  const counts: StoreReader['counts'] = async () => {
    const count = (table: string) => `(SELECT toString(count()) FROM ${database}.${table} FINAL) AS ${table}`;
    const [row] = await connection.rows<Record<'samples' | 'spans' | 'logs' | 'series', string>>(
      `SELECT ${['samples', 'spans', 'logs', 'series'].map(count).join(', ')}`,
    );
    return {
      samples: Number(row.samples),
      spans: Number(row.spans),
      logs: Number(row.logs),
      series: Number(row.series),
    };
  };

  return { logs, trace, counts };
}

function logPage(rows: readonly LogRow[], limit: number): Page<StoredLogRecord> {
  const items = rows.slice(0, limit).map((row) => ({
    timeMs: Number(row.micros) / 1000,
    severity: row.severity,
    body: row.body,
    entity: { kind: row.entity_kind, namespace: row.entity_namespace, name: row.entity_name },
    traceId: withoutZeros(row.trace),
  }));
  if (rows.length <= limit) return { items };
  const last = rows[limit - 1];
  return { items, next: encodeCursor([last.micros, last.stream_id, last.hash, last.ordinal]) };
}

function spanOf(row: SpanRow): StoredSpan {
  return {
    traceId: row.trace,
    spanId: row.span,
    parentId: withoutZeros(row.parent),
    name: row.name,
    service: row.service,
    startMs: Number(row.micros) / 1000,
    durationMs: row.duration_ms,
    status: row.status,
    kind: row.kind,
  };
}

/** An id of zeros is none. */
function withoutZeros(id: string): string {
  return /^0*$/.test(id) ? '' : id;
}

/** A cursor's number, which is bound as text because 64 bits don't fit a JavaScript number. */
function digits(value: string): string {
  return /^-?\d{1,20}$/.test(value) ? value : '0';
}
