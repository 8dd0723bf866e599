import {
  type Action,
  type Anomaly,
  type AuditRecord,
  type Feedback,
  type Incident,
  KybernError,
  type MaintenanceWindow,
  type Page,
  type PageQuery,
  type Proposal,
} from '../../model/index.ts';
import { decodeCursor, encodeCursor } from '../cursor.ts';
import type { DocumentReads } from '../document-reads.ts';
import type { Connection } from './connection.ts';

interface ListRow {
  readonly id: string;
  readonly place: string;
  readonly document: string;
}

/** What a list is sorted by. */
interface Order {
  readonly key: 'at' | 'sequence';
  readonly newestFirst: boolean;
}

const byTime: Order = { key: 'at', newestFirst: true };

/** Decisions by id and in lists: newest first, the audit log by sequence. FINAL leaves the highest revision of each id. */
export function createDocumentReader(connection: Connection): DocumentReads {
  const { database } = connection;

  async function one<T>(table: string, id: string): Promise<T | undefined> {
    const rows = await connection.rows<{ document: string }>(
      `SELECT document FROM ${database}.${table} FINAL PREWHERE id = {id:String}`,
      {
        id,
      },
    );
    return rows.length === 0 ? undefined : parse<T>(rows[0].document);
  }

  async function list<T>(
    table: string,
    query: PageQuery,
    filter: Readonly<Record<string, string | undefined>>,
    order = byTime,
  ): Promise<Page<T>> {
    const place = order.key === 'sequence' ? 'sequence' : 'toUnixTimestamp64Milli(at)';
    const params: Record<string, string | number> = { limit: query.limit + 1 };
    const where = ['1'];
    for (const [column, value] of Object.entries(filter)) {
      if (value === undefined) continue;
      where.push(`${column} = {${column}:String}`);
      params[column] = value;
    }
    if (query.fromMs !== undefined) {
      where.push('toUnixTimestamp64Milli(until) >= {fromMs:Int64}');
      params.fromMs = Math.ceil(query.fromMs);
    }
    if (query.toMs !== undefined) {
      where.push('toUnixTimestamp64Milli(at) <= {toMs:Int64}');
      params.toMs = Math.floor(query.toMs);
    }
    if (query.cursor !== undefined) {
      const [after, id] = decodeCursor(query.cursor, [0, '']);
      where.push(`(${place}, id) ${order.newestFirst ? '<' : '>'} ({after:Int64}, {afterId:String})`);
      params.after = after;
      params.afterId = id;
    }
    const direction = order.newestFirst ? 'DESC' : 'ASC';
    const rows = await connection.rows<ListRow>(
      `SELECT id, toString(${place}) AS place, document FROM ${database}.${table} FINAL
       WHERE ${where.join(' AND ')} ORDER BY ${order.key} ${direction}, id ${direction} LIMIT {limit:UInt32}`,
      params,
    );
    return page(rows, query.limit);
  }

  return {
    incidents: ({ state, ...query }) => list<Incident>('incidents', query, { state }),
    incident: (id) => one<Incident>('incidents', id),
    anomalies: ({ state, series, ...query }) => list<Anomaly>('anomalies', query, { state, about: series }),
    anomaly: (id) => one<Anomaly>('anomalies', id),
    actions: ({ state, ...query }) => list<Action>('actions', query, { state }),
    action: (id) => one<Action>('actions', id),
    proposals: ({ state, ...query }) => list<Proposal>('proposals', query, { state }),
    proposal: (id) => one<Proposal>('proposals', id),
    feedback: ({ state, series, ...query }) => list<Feedback>('feedback', query, { state, about: series }),
    feedbackById: (id) => one<Feedback>('feedback', id),
    maintenance: ({ state, ...query }) => list<MaintenanceWindow>('maintenance', query, { state }),
    maintenanceById: (id) => one<MaintenanceWindow>('maintenance', id),
    audit: ({ actionId, newestFirst = false, ...query }) =>
      list<AuditRecord>('audit', query, { about: actionId }, { key: 'sequence', newestFirst }),
  };
}

function page<T>(rows: readonly ListRow[], limit: number): Page<T> {
  const items = rows.slice(0, limit).map((row) => parse<T>(row.document));
  if (rows.length <= limit) return { items };
  const last = rows[limit - 1];
  return { items, next: encodeCursor([Number(last.place), last.id]) };
}

function parse<T>(document: string): T {
  try {
    return JSON.parse(document) as T;
  } catch (error) {
    throw new KybernError('KYBERN_STORE', 'a stored document is not JSON', { cause: error });
  }
}
