import type {
  HistoryReader,
  HistorySeries,
  LogBatch,
  PastRecords,
  RecordsQuery,
  SpanBatch,
} from '../../model/index.ts';
import type { Connection, QueryParams } from './connection.ts';
import { type SeriesRow, seriesOf } from './history-reader.ts';
import { hexOf, integerOf } from './series-reader.ts';

interface LogColumns {
  readonly places: readonly number[];
  readonly times: readonly number[];
  readonly severities: readonly number[];
  readonly bodies: readonly string[];
  readonly traces: readonly string[];
  readonly spans: readonly string[];
}

interface SpanColumns {
  readonly places: readonly number[];
  readonly times: readonly number[];
  readonly durations: readonly number[];
  readonly traces: readonly string[];
  readonly spans: readonly string[];
  readonly parents: readonly string[];
  readonly statuses: readonly number[];
  readonly kinds: readonly number[];
}

/** Of a selection: lines of a stream that are equal but for their digits, calls of one stream by another. */
const alikeRead = 3;

/** Characters of a line: no more of it is looked at. */
const bodyRead = 2048;

/** Log lines and spans in bulk, as arrays beside each other. */
export function createPastRecordsReader(connection: Connection): Required<Pick<HistoryReader, 'pastRecords'>> {
  const { database } = connection;
  const within = `time >= fromUnixTimestamp64Micro({fromMicros:Int64}) AND time < fromUnixTimestamp64Micro({toMicros:Int64})`;
  const at = `toFloat64(toUnixTimestamp64Micro(time) - {fromMicros:Int64}) / 1000`;
  const place = `transform(stream, {ids:Array(UInt64)}, range(length({ids:Array(UInt64)})), 0)`;

  async function streamsOf(table: string, params: QueryParams): Promise<readonly HistorySeries[]> {
    const rows = await connection.rows<SeriesRow>(
      `SELECT ${hexOf('fingerprint')} AS id, metric, labels, unit, kind, origin, entity_kind, entity_namespace, entity_name
       FROM ${database}.series FINAL
       WHERE kind = {table:String} AND fingerprint IN (SELECT DISTINCT stream FROM ${database}.${table} WHERE ${within})
       ORDER BY fingerprint`,
      { ...params, table },
    );
    return rows.map(seriesOf);
  }

  const known = 'stream IN (SELECT arrayJoin({ids:Array(UInt64)}))';
  const looksBad = `(severity >= 17 OR (severity = 0 AND
    match(substring(body, 1, 96), '(?i)fatal|panic|critical|error|severe|exception')))`;

  async function logs(params: QueryParams, selected: boolean): Promise<LogBatch> {
    const alike = `LIMIT ${alikeRead} BY stream, replaceRegexpAll(body, '[0-9]+', '#')`;
    const [row] = await connection.rows<LogColumns>(
      `SELECT groupArray(place) AS places, groupArray(at) AS times, groupArray(severity) AS severities,
         groupArray(leftUTF8(body, ${bodyRead})) AS bodies, groupArray(lower(hex(trace_id))) AS traces, groupArray(lower(hex(span_id))) AS spans
       FROM (SELECT ${place} AS place, ${at} AS at, severity, body, trace_id, span_id FROM (
           SELECT stream, time, severity, body, trace_id, span_id, body_hash, ordinal FROM ${database}.logs FINAL
           WHERE ${within} AND ${known}${selected ? ` AND ${looksBad}` : ''}
           ORDER BY time DESC, stream DESC, body_hash DESC, ordinal DESC ${selected ? alike : ''} LIMIT {most:UInt32})
         ORDER BY time, stream, body_hash, ordinal)`,
      params,
    );
    const { count, ...columns } = placesAndTimes(row.places, row.times, params);
    const bodies = row.bodies.map((body) => Buffer.from(body));
    const offsets = new Uint32Array(count + 1);
    for (const [line, body] of bodies.entries()) offsets[line + 1] = offsets[line] + body.length;
    return {
      kind: 'logs',
      count,
      series: columns.places,
      timesMs: columns.timesMs,
      severities: Uint8Array.from(row.severities),
      bodies: { offsets, bytes: Buffer.concat(bodies) },
      traceIds: bytesOf(row.traces),
      spanIds: bytesOf(row.spans),
    };
  }

  const spanColumns = 'stream, time, duration_ms, trace_id, span_id, parent_id, status, kind';
  const allSpans = `SELECT ${spanColumns} FROM ${database}.spans FINAL WHERE ${within} AND ${known}`;

  /** Both spans of each call that was chosen. */
  const calls = (() => {
    const both = spanColumns.split(', ').map((name) => `(c.${name}, p.${name}) AS ${name}_of`);
    const chosen = `SELECT ${both.join(', ')} FROM (${allSpans}) AS c INNER JOIN (${allSpans}) AS p
      ON c.trace_id = p.trace_id AND c.parent_id = p.span_id WHERE c.stream != p.stream
      ORDER BY c.time DESC LIMIT ${alikeRead} BY c.stream, p.stream`;
    const either = spanColumns.split(', ').map((name) => `if(side = 1, ${name}_of.1, ${name}_of.2) AS ${name}`);
    return `SELECT DISTINCT ${either.join(', ')} FROM (${chosen}) ARRAY JOIN [1, 2] AS side`;
  })();

  async function spans(params: QueryParams, selected: boolean): Promise<SpanBatch> {
    const [row] = await connection.rows<SpanColumns>(
      `SELECT groupArray(place) AS places, groupArray(at) AS times, groupArray(duration_ms) AS durations,
         groupArray(lower(hex(trace_id))) AS traces, groupArray(lower(hex(span_id))) AS spans,
         groupArray(lower(hex(parent_id))) AS parents, groupArray(status) AS statuses, groupArray(kind) AS kinds
       FROM (SELECT ${place} AS place, ${at} AS at, duration_ms, trace_id, span_id, parent_id, status, kind FROM (
           SELECT * FROM (${selected ? calls : allSpans}) ORDER BY time DESC, span_id DESC LIMIT {most:UInt32})
         ORDER BY time, span_id)`,
      params,
    );
    const { count, places, timesMs } = placesAndTimes(row.places, row.times, params);
    return {
      kind: 'spans',
      count,
      series: places,
      startsMs: timesMs,
      durationsMs: Float64Array.from(row.durations),
      traceIds: bytesOf(row.traces),
      spanIds: bytesOf(row.spans),
      parentIds: bytesOf(row.parents),
      statuses: Uint8Array.from(row.statuses),
      kinds: Uint8Array.from(row.kinds),
    };
  }

  return {
    async pastRecords({
      kind,
      fromMs,
      toMs,
      most,
      selected = false,
      isMeant = all,
    }: RecordsQuery): Promise<PastRecords> {
      const range = { fromMicros: Math.ceil(fromMs * 1000), toMicros: Math.ceil(toMs * 1000) };
      const streams = (await streamsOf(kind, range)).filter(isMeant);
      const ids = streams.map(({ fingerprint }) => BigInt(integerOf(fingerprint)));
      const params = { ...range, ids, most };
      return { streams, batch: kind === 'logs' ? await logs(params, selected) : await spans(params, selected) };
    },
  };
}

const all = (): boolean => true;

function placesAndTimes(places: readonly number[], times: readonly number[], { fromMicros }: QueryParams) {
  return {
    count: places.length,
    places: Uint32Array.from(places),
    timesMs: Float64Array.from(times, (time) => Number(fromMicros) / 1000 + time),
  };
}

function bytesOf(ids: readonly string[]): Uint8Array {
  return Buffer.from(ids.join(''), 'hex');
}
