import snappy from 'snappy';
import { attributes, decodeProto, encodeProto } from '../../../ingest/testing/otlp-protos.ts';
import { encodeWrite, request2 } from '../../../ingest/testing/write-protos.ts';
import type { EngineUnderTest } from './engine-under-test.ts';
import { framed, sendGrpc } from './send-grpc.ts';
import { sendHttp } from './send-http.ts';

/** What table 1.0 of the contract tells apart. */
export type Situation = 'accepted' | 'empty' | 'partial' | 'unreadable' | 'too large' | 'type' | 'encoding';

export interface Sent {
  /** As it is compressed and framed already, and named by `encoding`. */
  readonly wire: Uint8Array;
  readonly encoding?: string;
  /** In the place of the door's own; none where it is ''. */
  readonly type?: string;
  readonly more?: readonly (readonly [string, string])[];
  /** The signal of OTLP, metrics where it is left out. */
  readonly at?: 'metrics' | 'logs' | 'traces';
}

export interface Door {
  readonly name: string;
  readonly protocol: string;
  readonly form: 'json' | 'proto' | 'text';
  /** Which of snappy and of the encodings of HTTP it takes. */
  readonly packing: 'snappy' | 'http' | 'both';
  /** One item, before compression. Each time another, for what came before may be a duplicate. */
  readonly good: () => Buffer;
  /** A message that is another door's. */
  readonly foreign: Buffer;
  readonly answers: Readonly<Record<Situation, string>>;
  /** As a sender sends it: compressed where the protocol wants that. */
  readonly pack: (plain: Uint8Array) => Sent;
  /** `STATUS`, and `, N rejected` where the answer tells that. */
  readonly send: (sent: Sent) => Promise<string>;
}

export const nowNanos = (offsetMs = 0) => `${Date.now() + offsetMs}000000`;
const json = (value: unknown) => Buffer.from(JSON.stringify(value));
const asIs = (wire: Uint8Array): Sent => ({ wire });
const block = (plain: Uint8Array): Sent => ({ wire: snappy.compressSync(Buffer.from(plain)) });
const rejectedIn = (text: string) => /(\d+) rejected/.exec(text)?.[1];
const tell = (status: number | string, rejected: string | undefined) =>
  rejected === undefined || rejected === '0' ? `${status}` : `${status}, ${rejected} rejected`;

const push = {
  accepted: '204',
  empty: '400',
  partial: '400, 1 rejected',
  unreadable: '400',
  'too large': '413',
  type: '415',
  encoding: '415',
};
const otlpHttp = { ...push, accepted: '200', partial: '200, 1 rejected' };
const loki = { ...push, empty: '422', type: '400', encoding: '400' };

let count = 0;
export const goodMetrics = (point: object = {}) => ({
  resourceMetrics: [
    {
      resource: { attributes: attributes({ 'service.name': 'cart' }) },
      scopeMetrics: [
        {
          metrics: [{ name: 'm', gauge: { dataPoints: [{ timeUnixNano: nowNanos(), asDouble: ++count, ...point }] } }],
        },
      ],
    },
  ],
});
export const goodWrite = () => ({
  timeseries: [
    { labels: [{ name: '__name__', value: 'up' }], samples: [{ value: ++count, timestamp: Date.now() + count }] },
  ],
});
export const goodWrite2 = () =>
  request2([{ labels: { __name__: 'up2' }, samples: [{ value: ++count, timestamp: Date.now() + count }] }]);
const goodLokiJson = () => ({ streams: [{ stream: { app: 'a' }, values: [[nowNanos(), `line ${++count}`]] }] });
export const lokiProto = (line: string | Uint8Array, labels = '{app="a"}') => {
  const seconds = Math.floor(Date.now() / 1000);
  return encodeProto('LokiPush', { streams: [{ labels, entries: [{ timestamp: { seconds, nanos: 0 }, line }] }] });
};
export const goodEvent = () => ({
  specversion: '1.0',
  id: `id-${++count}`,
  source: '/bad-inputs',
  type: 'dev.cdevents.service.deployed',
  data: { app: 'a' },
});
export const goodAlerts = (alerts = 1, more: object = {}) => ({
  version: '4',
  groupKey: `{}:{n="${++count}"}`,
  truncatedAlerts: 0,
  alerts: Array.from({ length: alerts }, (_, index) => ({
    status: 'firing',
    labels: { alertname: 'A', n: String(index) },
    annotations: {},
    startsAt: new Date().toISOString(),
    endsAt: '0001-01-01T00:00:00Z',
  })),
  ...more,
});
const collector = '/opentelemetry.proto.collector';
export const exportPaths = {
  metrics: `${collector}.metrics.v1.MetricsService/Export`,
  logs: `${collector}.logs.v1.LogsService/Export`,
  traces: `${collector}.trace.v1.TraceService/Export`,
} as const;

/** Every door that takes a body, on this engine. */
export function doorsOf({ httpUrl, grpcAddress }: Pick<EngineUnderTest, 'httpUrl' | 'grpcAddress'>) {
  function http(
    given: Omit<Door, 'send'> & { readonly path: string; readonly type: string; readonly own?: Sent['more'] },
  ): Door {
    return {
      ...given,
      async send({ wire, encoding, type = given.type, more = [], at = 'metrics' }) {
        const headers = [...(given.own ?? []), ...more, ...(type === '' ? [] : [['Content-Type', type] as const])];
        if (encoding !== undefined) headers.push(['Content-Encoding', encoding]);
        const { status, body } = await sendHttp(httpUrl + given.path.replace('metrics', at), headers, wire);
        if (given.protocol === 'otlp' && status === 200) return tell(status, rejectedOf(body, given.form));
        return tell(status, rejectedIn(body.toString('utf8')));
      },
    };
  }

  const foreign = Buffer.from(encodeProto('LokiPush', { streams: [{ labels: '{a="b"}', entries: [{ line: 'x' }] }] }));
  const foreignToLoki = Buffer.from(encodeProto('WriteRequest', goodWrite()));
  const protobuf = 'application/x-protobuf';
  const eventHeaders = [
    ['ce-specversion', '1.0'],
    ['ce-id', 'id-b'],
    ['ce-source', '/bad-inputs'],
    ['ce-type', 'dev.cdevents.service.deployed'],
  ] as const;
  const events = {
    protocol: 'cloudevents',
    packing: 'http',
    pack: asIs,
    answers: push,
    path: '/api/v1/cloudevents',
  } as const;
  const doors: Record<string, Door> = {
    'OTLP protobuf': http({
      name: 'OTLP protobuf',
      protocol: 'otlp',
      form: 'proto',
      packing: 'http',
      path: '/v1/metrics',
      type: protobuf,
      good: () => Buffer.from(encodeProto('MetricsRequest', goodMetrics())),
      foreign,
      pack: asIs,
      answers: { ...otlpHttp, empty: '200' },
    }),
    'OTLP JSON': http({
      name: 'OTLP JSON',
      protocol: 'otlp',
      form: 'json',
      packing: 'http',
      path: '/v1/metrics',
      type: 'application/json',
      good: () => json(goodMetrics()),
      foreign: json([goodMetrics()]),
      pack: asIs,
      answers: otlpHttp,
    }),
    'OTLP gRPC': {
      name: 'OTLP gRPC',
      protocol: 'otlp-grpc',
      form: 'proto',
      packing: 'http',
      good: () => Buffer.from(encodeProto('MetricsRequest', goodMetrics())),
      foreign,
      pack: asIs,
      answers: {
        accepted: 'gRPC 0',
        empty: 'gRPC 0',
        partial: 'gRPC 0, 1 rejected',
        unreadable: 'gRPC 3',
        'too large': 'gRPC 8',
        type: 'HTTP 415',
        encoding: 'gRPC 12',
      },
      async send({ wire, encoding, type, at = 'metrics' }) {
        const headers = {
          ':path': exportPaths[at],
          ...(type === undefined ? {} : { 'content-type': type }),
          ...(encoding === undefined ? {} : { 'grpc-encoding': encoding }),
        };
        const { http: status, code, body } = await sendGrpc(grpcAddress, headers, framed(wire, encoding !== undefined));
        if (status !== 200) return `HTTP ${status}`;
        return tell(`gRPC ${code}`, code === 0 ? rejectedOf(body.subarray(5), 'proto') : undefined);
      },
    },
    'remote-write 1.0': http({
      name: 'remote-write 1.0',
      protocol: 'remote-write',
      form: 'proto',
      packing: 'snappy',
      path: '/api/v1/write',
      type: protobuf,
      own: [['X-Prometheus-Remote-Write-Version', '0.1.0']],
      good: () => encodeWrite(1, goodWrite()),
      foreign: encodeWrite(2, goodWrite2()),
      pack: block,
      answers: { ...push, empty: '204' },
    }),
    'remote-write 2.0': http({
      name: 'remote-write 2.0',
      protocol: 'remote-write',
      form: 'proto',
      packing: 'snappy',
      path: '/api/v1/write',
      type: `${protobuf};proto=io.prometheus.write.v2.Request`,
      own: [['X-Prometheus-Remote-Write-Version', '2.0.0']],
      good: () => encodeWrite(2, goodWrite2()),
      foreign: encodeWrite(1, goodWrite()),
      pack: block,
      answers: { ...push, empty: '204' },
    }),
    'Loki protobuf': http({
      name: 'Loki protobuf',
      protocol: 'loki',
      form: 'proto',
      packing: 'both',
      path: '/loki/api/v1/push',
      type: protobuf,
      good: () => Buffer.from(lokiProto(`line ${++count}`)),
      foreign: foreignToLoki,
      pack: block,
      answers: loki,
    }),
    'Loki JSON': http({
      name: 'Loki JSON',
      protocol: 'loki',
      form: 'json',
      packing: 'http',
      path: '/loki/api/v1/push',
      type: 'application/json',
      good: () => json(goodLokiJson()),
      foreign: json({ streams: { a: 1 } }),
      pack: asIs,
      answers: loki,
    }),
    'CloudEvents structured': http({
      ...events,
      name: 'CloudEvents structured',
      form: 'json',
      type: 'application/cloudevents+json',
      good: () => json(goodEvent()),
      foreign: json(goodAlerts()),
    }),
    'CloudEvents batch': http({
      ...events,
      name: 'CloudEvents batch',
      form: 'json',
      type: 'application/cloudevents-batch+json',
      good: () => json([goodEvent()]),
      foreign: json(goodEvent()),
    }),
    'CloudEvents binary': http({
      ...events,
      name: 'CloudEvents binary',
      form: 'text',
      own: eventHeaders,
      type: 'application/json',
      good: () => json({ app: 'a' }),
      foreign: Buffer.of(0xff),
    }),
    Alertmanager: http({
      name: 'Alertmanager',
      protocol: 'alertmanager',
      form: 'json',
      packing: 'http',
      pack: asIs,
      answers: push,
      path: '/api/v1/alerts/webhook',
      type: 'application/json',
      good: () => json(goodAlerts()),
      foreign: json([{ labels: { alertname: 'A' } }]),
    }),
  };
  return doors;
}

function rejectedOf(body: Uint8Array, form: Door['form']): string | undefined {
  if (form === 'json') return /"rejected\w+":"(\d+)"/.exec(Buffer.from(body).toString())?.[1];
  const partial = decodeProto('ExportResponse', body).partialSuccess as { rejected?: string } | undefined;
  return partial?.rejected;
}
