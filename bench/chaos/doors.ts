import { Agent, request } from 'node:http';
import { compressSync } from 'snappy';
import { rawWriteRequest, sixByteVarint } from '../ingest/raw-write-request.ts';
import { checksum } from './checksum.ts';

/** What became of a body: only a whole answer acknowledges. */
export type Answer =
  | { readonly kind: 'acknowledged' }
  | { readonly kind: 'refused'; readonly retryAfterSeconds?: number }
  | { readonly kind: 'broken' };

/** One way into Kybern, and the series that come by it. */
export interface Door {
  readonly name: string;
  /** Metric under which its samples are stored; the label `row` tells the series. */
  readonly metric: string;
  readonly series: number;
  readonly valueOf: (row: number, tick: number) => number;
  body(tick: number, timeMs: number): Uint8Array;
  /** Rejects where the body was refused for good. */
  send(url: string, body: Uint8Array): Promise<Answer>;
}

/** Services that the series of a door are of: entities are what a log on Kafka is shared out by. */
const services = 20;
const attemptTimeoutMs = 5000;

export function otlpDoor(series: number): Door {
  const seed = 1;
  const rowsOf = Array.from({ length: services }, (_, service) =>
    Array.from({ length: series }, (_, row) => row).filter((row) => row % services === service),
  );
  return {
    name: 'OTLP',
    metric: 'chaos.otlp',
    series,
    valueOf: (row, tick) => checksum(seed, row, tick),
    body(tick, timeMs) {
      const point = (row: number) =>
        `{"attributes":[{"key":"row","value":{"stringValue":"${row}"}}],"timeUnixNano":"${timeMs}000000","asDouble":${checksum(seed, row, tick)}}`;
      const ofService = (rows: readonly number[], service: number) =>
        `{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"chaos-${service}"}}]},` +
        `"scopeMetrics":[{"metrics":[{"name":"chaos.otlp","gauge":{"dataPoints":[${rows.map(point).join(',')}]}}]}]}`;
      return Buffer.from(`{"resourceMetrics":[${rowsOf.map(ofService).join(',')}]}`);
    },
    send: (url, body) => post(`${url}/v1/metrics`, body, { 'content-type': 'application/json' }),
  };
}

export function remoteWriteDoor(series: number): Door {
  const seed = 2;
  const { bytes, places } = rawWriteRequest(
    Array.from({ length: series }, (_, row) => [
      ['__name__', 'chaos_remote_write'],
      ['namespace', 'chaos'],
      ['row', String(row)],
      ['service', `chaos-${row % services}`],
    ]),
  );
  return {
    name: 'remote-write',
    metric: 'chaos_remote_write',
    series,
    valueOf: (row, tick) => checksum(seed, row, tick),
    body(tick, timeMs) {
      const time = sixByteVarint(timeMs);
      for (const [row, place] of places.entries()) {
        bytes.writeDoubleLE(checksum(seed, row, tick), place);
        time.copy(bytes, place + 9);
      }
      return compressSync(bytes);
    },
    send: (url, body) =>
      post(`${url}/api/v1/write`, body, {
        'content-type': 'application/x-protobuf',
        'content-encoding': 'snappy',
        'x-prometheus-remote-write-version': '0.1.0',
      }),
  };
}

const agent = new Agent({ keepAlive: true });

/** Posts a body; a refusal that is not for now rejects. */
export function post(
  url: string,
  body: Uint8Array,
  headers: Readonly<Record<string, string>>,
  timeout = attemptTimeoutMs,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const options = { agent, method: 'POST', timeout, headers: { ...headers, 'content-length': body.length } };
    const call = request(url, options, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.once('error', () => resolve({ kind: 'broken' }));
      response.once('end', () => {
        const status = response.statusCode ?? 0;
        const advice = Number(response.headers['retry-after'] ?? Number.NaN);
        if (!response.complete) resolve({ kind: 'broken' });
        else if (status < 300 && !/rejectedDataPoints"?:"?[1-9]/.test(text)) resolve({ kind: 'acknowledged' });
        else if (status === 503)
          resolve({ kind: 'refused', ...(Number.isNaN(advice) ? {} : { retryAfterSeconds: advice }) });
        else reject(new Error(`${url} refused for good: ${status} ${text.slice(0, 500)}`));
      });
    });
    call.once('timeout', () => call.destroy());
    call.once('error', () => resolve({ kind: 'broken' }));
    call.once('close', () => resolve({ kind: 'broken' }));
    call.end(body);
  });
}
