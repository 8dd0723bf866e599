import { deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { compressSync } from 'snappy';
import { describe, expect, it } from 'vitest';
import { describeEntity, type LogBatch, textAt } from '../../model/index.ts';
import { jsonType, nanos, nowMs, openDoors, protobufType } from '../testing/door.ts';
import { encodeProto } from '../testing/otlp-protos.ts';

const url = '/loki/api/v1/push';
const cart = { namespace: 'shop', app: 'cart' };
const push = (...values: unknown[]) => JSON.stringify({ streams: [{ stream: cart, values }] });
const line = (text: string, more?: object, offsetMs = 0) => [
  nanos(offsetMs),
  text,
  ...(more === undefined ? [] : [more]),
];

async function openLoki(limits = {}) {
  const doors = await openDoors(limits);
  const lines = () =>
    doors.appended
      .filter((batch): batch is LogBatch => batch.kind === 'logs')
      .flatMap((batch) => Array.from({ length: batch.count }, (_, row) => ({ batch, row })));
  return {
    ...doors,
    send: (body: Uint8Array | string, headers: Record<string, string> = jsonType) => doors.post(url, body, headers),
    texts: () => lines().map(({ batch, row }) => textAt(batch.bodies, row)),
    severities: () => lines().map(({ batch, row }) => batch.severities[row]),
    offsets: () => lines().map(({ batch, row }) => batch.timesMs[row] - nowMs),
    traces: () =>
      lines().map(({ batch, row }) => Buffer.from(batch.traceIds.subarray(row * 16, row * 16 + 16)).toString('hex')),
    entities: () => lines().map(({ batch, row }) => describeEntity(doors.catalog.get(batch.series[row]).entity)),
  };
}

describe('Loki push answers', () => {
  it('204 to JSON, with a stream of its labels', async () => {
    const { send, texts, entities, unaccounted } = await openLoki();
    expect((await send(push(line('one'), line('two', {}, -5)))).statusCode).toBe(204);
    expect(texts()).toEqual(['one', 'two']);
    expect(entities()).toEqual(['service shop/cart', 'service shop/cart']);
    expect(unaccounted()).toBe(0);
  });

  it('204 to protobuf in a snappy block', async () => {
    const { send, texts, offsets, traces, severities } = await openLoki();
    const body = encodeProto('LokiPush', {
      streams: [
        {
          labels: '{app="cart", note="a \\"b\\" \\u20ac"}',
          entries: [
            {
              timestamp: { seconds: String(nowMs / 1000 - 3), nanos: 500_000_000 },
              line: 'paid',
              structuredMetadata: [
                { name: 'trace_id', value: '0AF7651916CD43DD8448EB211C80319C' },
                { name: 'detected_level', value: 'warn' },
              ],
            },
          ],
        },
      ],
    });
    expect((await send(Buffer.from(compressSync(Buffer.from(body))), protobufType)).statusCode).toBe(204);
    expect(texts()).toEqual(['paid']);
    expect(offsets()).toEqual([-2500]);
    expect(traces()).toEqual(['0af7651916cd43dd8448eb211c80319c']);
    expect(severities()).toEqual([13]);
  });

  it.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['deflate', deflateRawSync],
  ] as const)('204 to %s', async (encoding, compress) => {
    const { send, texts } = await openLoki();
    const answer = await send(compress(push(line('packed'))), { ...jsonType, 'content-encoding': encoding });
    expect(answer.statusCode).toBe(204);
    expect(texts()).toEqual(['packed']);
  });

  it('422 to a push without a stream', async () => {
    const { send } = await openLoki();
    const answer = await send('{"streams":[]}');
    expect(answer.statusCode).toBe(422);
    expect(answer.body).toContain('at least one valid stream');
    expect((await send(Buffer.from(compressSync(Buffer.alloc(0))), protobufType)).statusCode).toBe(422);
  });

  it('400 where a part is refused, with the good kept', async () => {
    const { send, texts, unaccounted } = await openLoki();
    const answer = await send(push(line('good'), line('from tomorrow', {}, 86_400_000), ['x', 'no time'], 7));
    expect(answer.statusCode).toBe(400);
    expect(answer.body).toContain('3 rejected');
    expect(texts()).toEqual(['good']);
    expect(unaccounted()).toBe(0);
  });

  it.each([
    ['text', 'application/json', 'not JSON'],
    ['an array', 'application/json', '[]'],
    ['no streams', 'application/json', '{}'],
    ['no block', 'application/x-protobuf', 'nonsense'],
    ['another type', 'text/plain', push(line('a'))],
    ['a tab', 'application/json\tx', push(line('a'))],
  ])('400 to %s as %s', async (_what, contentType, body) => {
    const { send, appended } = await openLoki();
    expect((await send(body, { 'content-type': contentType })).statusCode).toBe(400);
    expect(appended).toEqual([]);
  });

  it('413 to a body over the limit, as sent and when it is unpacked', async () => {
    const { send } = await openLoki({ bodyBytes: 2048 });
    const body = push(line('x'.repeat(4000)));
    expect((await send(body)).statusCode).toBe(413);
    for (const compress of [gzipSync, deflateSync, deflateRawSync]) {
      const encoding = compress === gzipSync ? 'gzip' : 'deflate';
      expect((await send(compress(body), { ...jsonType, 'content-encoding': encoding })).statusCode).toBe(413);
    }
  });

  it('503 with Retry-After while the log cannot be written', async () => {
    const { send, log, unaccounted } = await openLoki();
    log.broken = true;
    const answer = await send(push(line('one')));
    expect([answer.statusCode, answer.headers['retry-after']]).toEqual([503, '2']);
    expect(unaccounted()).toBe(0);
  });
});

describe('a line', () => {
  it('is cut at the limit, and counted', async () => {
    const { send, texts, metrics } = await openLoki({ logBodyBytes: 16 });
    expect((await send(push(line(`${'x'.repeat(15)}€`)))).statusCode).toBe(204);
    expect(texts()).toEqual(['x'.repeat(15)]);
    expect(metrics.total('kybern_ingest_log_bodies_truncated_total')).toBe(1);
  });

  it.each([
    ['level=error msg="no"', {}, 17],
    ['{"severity":"WARN","msg":"no"}', {}, 13],
    ['2026-11-25 12:00:00 ERROR no', {}, 17],
    ['no errors here', {}, 0],
    ['level=error', { level: 'info' }, 9],
    ['anything', { severity_number: '21' }, 21],
  ])('%s with %j has the severity %i', async (text, metadata, severity) => {
    const { send, severities } = await openLoki();
    await send(push(line(text, metadata)));
    expect(severities()).toEqual([severity]);
  });

  it('may be weeks old: what is refused is the future', async () => {
    const { send, offsets } = await openLoki();
    expect((await send(push(line('old', {}, -30 * 86_400_000)))).statusCode).toBe(204);
    expect(offsets()).toEqual([-30 * 86_400_000]);
  });

  it('keeps what it says, whatever it says', async () => {
    const { send, texts } = await openLoki();
    const hostile = 'a\r\nb \u001b[31mred\u001b[0m \u0000 $'.concat('{jndi:ldap://x}');
    await send(push(line(hostile)));
    expect(texts()).toEqual([hostile]);
  });
});

describe('a stream', () => {
  it.each([
    [{ namespace: 'shop', pod: 'cart-0', app: 'cart' }, {}, 'pod shop/cart-0'],
    [{ namespace: 'shop', app: 'cart' }, { pod: 'cart-1' }, 'pod shop/cart-1'],
    [{ k8s_namespace_name: 'shop', k8s_deployment_name: 'cart' }, {}, 'workload shop/Deployment/cart'],
    [{ job: 'shop/cart' }, {}, 'service cart'],
    [{ service_name: 'pay', container: 'c' }, {}, 'service pay'],
  ])('%j with %j is of %s', async (stream, metadata, entity) => {
    const { send, entities } = await openLoki();
    await send(JSON.stringify({ streams: [{ stream, values: [line('x', metadata)] }] }));
    expect(entities()).toEqual([entity]);
  });

  it('is one whatever the level of its lines', async () => {
    const { send, severities, catalog } = await openLoki();
    const streams = ['info', 'error'].map((level) => ({ stream: { ...cart, level }, values: [line('x')] }));
    await send(JSON.stringify({ streams }));
    expect(severities()).toEqual([9, 17]);
    expect(catalog.size).toBe(1);
  });

  it.each([[{}], [{ app: 7 }], [{ app: 'x'.repeat(5000) }]])('%j is refused with its lines', async (stream) => {
    const { send, texts, unaccounted } = await openLoki();
    const streams = [
      { stream, values: [line('lost')] },
      { stream: cart, values: [line('kept')] },
    ];
    expect((await send(JSON.stringify({ streams }))).statusCode).toBe(400);
    expect(texts()).toEqual(['kept']);
    expect(unaccounted()).toBe(0);
  });
});

it('takes OTLP where Loki takes it', async () => {
  const { post, texts, entities } = await openLoki();
  const service = { key: 'service.name', value: { stringValue: 'cart' } };
  const logRecords = [{ timeUnixNano: nanos(), body: { stringValue: 'by OTLP' } }];
  const body = { resourceLogs: [{ resource: { attributes: [service] }, scopeLogs: [{ logRecords }] }] };
  expect((await post('/otlp/v1/logs', JSON.stringify(body), jsonType)).statusCode).toBe(200);
  expect(texts()).toEqual(['by OTLP']);
  expect(entities()).toEqual(['service cart']);
});
