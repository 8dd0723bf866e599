import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { zstdDecompressSync } from 'node:zlib';
import snappy from 'snappy';
import { afterAll, expect, test } from 'vitest';
import { attributes, encodeProto } from '../../ingest/testing/otlp-protos.ts';
import { encodeWrite, request2 } from '../../ingest/testing/write-protos.ts';
import { exportPaths } from '../support/bad-inputs/doors.ts';
import { framed, sendGrpc } from '../support/bad-inputs/send-grpc.ts';
import { sendHttp } from '../support/bad-inputs/send-http.ts';
import {
  eventually,
  type KybernProcess,
  removeTemporaryDirectories,
  startKybern,
  temporaryDirectory,
} from '../support/kybern-process.ts';

afterAll(removeTemporaryDirectories);

const grpcPort = 21902;
const hidden = ['hunter2', 'AKIAIOSFODNN7EXAMPLE', '4111111111111111', 'dXNlcjpjYW5hcnlwdw', 'eyJzdWIiOiJjYW5hcnkifQ'];

/** A text with secrets, and with a word that says where it came from and is none. */
function textOf(place: string): string {
  return [
    `plain-${place} password=hunter2 key AKIAIOSFODNN7EXAMPLE card 4111111111111111`,
    'authorization: Basic dXNlcjpjYW5hcnlwdw== jwt eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJjYW5hcnkifQ.c2ln',
  ].join(' ');
}

const nowNanos = () => `${Date.now()}000000`;
const resource = (place: string) => ({
  attributes: attributes({ 'service.name': 'cart', note: textOf(`resource-${place}`), 'db.password': 'hunter2' }),
});
const logs = (place: string) => ({
  resourceLogs: [
    {
      resource: resource(place),
      scopeLogs: [
        {
          logRecords: [
            {
              timeUnixNano: nowNanos(),
              body: { stringValue: textOf(`body-${place}`) },
              attributes: attributes({ api_key: 'hunter2', more: textOf('attribute') }),
            },
          ],
        },
      ],
    },
  ],
});
const metrics = (place: string) => ({
  resourceMetrics: [
    {
      resource: resource(place),
      scopeMetrics: [
        {
          metrics: [
            {
              name: 'm',
              gauge: {
                dataPoints: [
                  { timeUnixNano: nowNanos(), asDouble: 1, attributes: attributes({ url: textOf(`point-${place}`) }) },
                ],
              },
            },
          ],
        },
      ],
    },
  ],
});
const spans = (place: string) => ({
  resourceSpans: [
    {
      resource: resource(place),
      scopeSpans: [
        {
          spans: [
            {
              traceId: Buffer.alloc(16, 1),
              spanId: Buffer.alloc(8, 2),
              name: textOf(`span-${place}`),
              startTimeUnixNano: nowNanos(),
              endTimeUnixNano: nowNanos(),
              attributes: attributes({ url: textOf('attribute') }),
            },
          ],
        },
      ],
    },
  ],
});
const json = (value: unknown) => Buffer.from(JSON.stringify(value));
const block = (plain: Uint8Array) => snappy.compressSync(Buffer.from(plain));

async function sendEverywhere({ otlpUrl }: KybernProcess): Promise<Record<string, number>> {
  const answers: Record<string, number> = {};
  async function post(name: string, path: string, type: string, body: Uint8Array, more: [string, string][] = []) {
    const { status } = await sendHttp(`${otlpUrl}${path}`, [['Content-Type', type], ...more], body);
    answers[name] = status;
  }
  async function call(name: string, path: string, message: Uint8Array) {
    answers[name] = (await sendGrpc(`127.0.0.1:${grpcPort}`, { ':path': path }, framed(message, false))).code;
  }
  const [protobuf, plain] = ['application/x-protobuf', 'application/json'];
  await post('otlp logs', '/v1/logs', protobuf, encodeProto('LogsRequest', logs('otlp')));
  await post('otlp logs json', '/v1/logs', plain, json(logs('json')));
  await call('otlp logs grpc', exportPaths.logs, encodeProto('LogsRequest', logs('grpc')));
  await post('otlp metrics', '/v1/metrics', protobuf, encodeProto('MetricsRequest', metrics('otlp')));
  await call('otlp metrics grpc', exportPaths.metrics, encodeProto('MetricsRequest', metrics('grpc')));
  await post('otlp traces', '/v1/traces', protobuf, encodeProto('TracesRequest', spans('otlp')));
  const labels = { __name__: 'up', note: textOf('write'), password: 'hunter2' };
  const samples = [{ value: 1, timestamp: Date.now() }];
  const pairs = Object.entries(labels).map(([name, value]) => ({ name, value }));
  await post('write', '/api/v1/write', protobuf, block(encodeWrite(1, { timeseries: [{ labels: pairs, samples }] })));
  const second = request2([{ labels: { ...labels, note: textOf('write2') }, samples }]);
  const type2 = `${protobuf};proto=io.prometheus.write.v2.Request`;
  await post('write 2', '/api/v1/write', type2, block(encodeWrite(2, second)), [
    ['X-Prometheus-Remote-Write-Version', '2.0.0'],
  ]);
  const stream = { app: 'cart', note: textOf('loki-label') };
  const timestamp = { seconds: Math.floor(Date.now() / 1000), nanos: 0 };
  const entries = [{ timestamp, line: textOf('body-loki') }];
  const push = { streams: [{ labels: `{app="cart",note=${JSON.stringify(textOf('loki-proto'))}}`, entries }] };
  await post('loki', '/loki/api/v1/push', protobuf, block(encodeProto('LokiPush', push)));
  const values = [[nowNanos(), textOf('body-lokijson')]];
  await post('loki json', '/loki/api/v1/push', plain, json({ streams: [{ stream, values }] }));
  const event = {
    specversion: '1.0',
    id: 'one',
    source: '/canary',
    type: 'dev.cdevents.service.deployed',
    subject: textOf('subject'),
    data: { app: 'cart', message: textOf('event'), by: textOf('by') },
  };
  await post('cloudevents', '/api/v1/cloudevents', 'application/cloudevents+json', json(event));
  const alert = {
    status: 'firing',
    labels: { alertname: 'A', service: 'cart', note: textOf('label') },
    annotations: { summary: textOf('alert'), description: textOf('description') },
    generatorURL: 'http://ann:hunter2@prometheus/graph',
    startsAt: new Date().toISOString(),
    endsAt: '0001-01-01T00:00:00Z',
  };
  const group = { version: '4', groupKey: 'g', truncatedAlerts: 0, alerts: [alert] };
  await post('alertmanager', '/api/v1/alerts/webhook', plain, json(group));
  // What cannot be read must not be told in a log line either.
  const torn = Buffer.from(`{"x": "${textOf('torn')}" password=hunter2`);
  for (const path of ['/v1/logs', '/loki/api/v1/push', '/api/v1/cloudevents', '/api/v1/alerts/webhook']) {
    await post(`torn ${path}`, path, path === '/api/v1/cloudevents' ? 'application/cloudevents+json' : plain, torn);
  }
  return answers;
}

/** Everything in the files below, also what zstd frames in them hold. */
function contentOf(directory: string): string {
  const parts: string[] = [];
  for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const bytes = readFileSync(join(entry.parentPath, entry.name));
    parts.push(entry.name, bytes.toString('latin1'));
    const magic = Buffer.of(0x28, 0xb5, 0x2f, 0xfd);
    for (let at = bytes.indexOf(magic); at >= 0; at = bytes.indexOf(magic, at + 1)) parts.push(unpacked(bytes, at));
  }
  return parts.join('\n');
}

function unpacked(bytes: Buffer, at: number): string {
  for (let end = bytes.length; end > at; end--) {
    try {
      return zstdDecompressSync(bytes.subarray(at, end)).toString('latin1');
    } catch {
      // Something stands behind the frame: it ends earlier.
    }
  }
  return '';
}

test('secrets sent through every door stand nowhere on the disk, in the log lines or in what the API tells', async () => {
  const dataDir = temporaryDirectory();
  const kybern = await startKybern({
    dataDir,
    port: 21900,
    otlpPort: 21901,
    grpcPort,
    config: { logLevel: 'debug' },
    arguments: ['--profile', 'edge'],
  });
  try {
    const answers = await sendEverywhere(kybern);
    for (const [name, status] of Object.entries(answers)) {
      expect([name, status]).toEqual([name, name.startsWith('torn') ? 400 : expect.toBeOneOf([0, 200, 204])]);
    }
    const isStored = async () => {
      const { items } = await kybern.get<{ items: readonly unknown[] }>('/api/v1/logs?limit=100');
      return items.length >= 5;
    };
    await eventually(isStored, { withinMs: 20_000, what: () => 'the log records to be stored' });
    const metricsText = await (await fetch(`${kybern.url}/metrics`)).text();
    expect(await kybern.stop()).toBe(0);

    const kept = {
      log: contentOf(join(dataDir, 'log')),
      store: contentOf(join(dataDir, 'store')),
      output: kybern.output(),
    };
    for (const secret of hidden) {
      for (const [where, content] of Object.entries({ ...kept, metricsText, all: contentOf(dataDir) })) {
        expect([where, secret, content.includes(secret)]).toEqual([where, secret, false]);
      }
    }
    // It was looked where the texts are.
    for (const place of [
      'body-otlp',
      'body-json',
      'body-grpc',
      'body-loki',
      'body-lokijson',
      'resource-otlp',
      'span-otlp',
    ]) {
      expect([place, kept.log.includes(`plain-${place} password=<credential> key <token>`)]).toEqual([place, true]);
    }
    for (const place of ['point-otlp', 'write', 'write2', 'loki-label', 'loki-proto', 'event', 'by', 'alert']) {
      expect([place, kept.log.includes(`plain-${place} `)]).toEqual([place, true]);
    }
    expect(kept.store).toContain('plain-body-otlp password=<credential>');
    expect(metricsText).toMatch(/kybern_ingest_masked_total\{rule="card"\} [1-9]/);
  } finally {
    await kybern.kill();
  }
});
