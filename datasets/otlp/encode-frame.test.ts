import fc from 'fast-check';
import { parse, type Type } from 'protobufjs';
import { expect, test } from 'vitest';
import type { LogLine, MetricPoint, SpanPoint, TelemetryFrame } from '../telemetry-frame.ts';
import { encodeFrame } from './encode-frame.ts';
import { otlpSchema } from './testing/otlp-schema.ts';

const schema = parse(otlpSchema, { keepCase: true }).root;

/** The message as a plain object: 64-bit numbers as text, bytes in base64. */
function decode(type: string, body: Uint8Array | undefined): unknown {
  const message: Type = schema.lookupType(`otlp.${type}`);
  return message.toObject(message.decode(body ?? new Uint8Array()), { longs: String, bytes: String });
}

/** What lies at a path of field names and positions. */
function at(value: unknown, ...path: readonly (string | number)[]): unknown {
  return path.reduce((inner, key) => (inner as Record<string | number, unknown> | undefined)?.[key], value);
}

function list(value: unknown, ...path: readonly (string | number)[]): readonly unknown[] {
  return (at(value, ...path) ?? []) as readonly unknown[];
}

const base64 = (hex: string) => Buffer.from(hex, 'hex').toString('base64');

const empty: TelemetryFrame = { atMs: 0, metrics: [], logs: [], spans: [] };
const cart = { 'service.name': 'cart', 'k8s.pod.name': 'cart-1' };
const user = { 'service.name': 'user' };

function gauge(value: number, resource: MetricPoint['resource'], attributes = {}): MetricPoint {
  return {
    name: 'k8s.pod.cpu.usage',
    unit: '{cpu}',
    kind: 'gauge',
    timeMs: 1_700_000_000_123.5,
    value,
    resource,
    attributes,
  };
}

test('an empty frame has no bodies', () => {
  expect(encodeFrame(empty)).toEqual({});
});

test('metrics are grouped by resource and by metric, in order; counters are cumulative monotonic sums', () => {
  const counter: MetricPoint = {
    ...gauge(7, user),
    name: 'http.server.requests',
    kind: 'counter',
    startMs: 1_600_000_000_000,
  };
  const metrics = [gauge(0.25, cart, { core: '0' }), counter, gauge(0.5, { ...cart }, { core: '1' })];
  const request = decode('ExportMetricsServiceRequest', encodeFrame({ ...empty, metrics }).metrics);

  const [ofCart, ofUser, ...more] = list(request, 'resource_metrics');
  expect(more).toEqual([]);
  expect(at(ofCart, 'resource', 'attributes')).toEqual([
    { key: 'service.name', value: { string_value: 'cart' } },
    { key: 'k8s.pod.name', value: { string_value: 'cart-1' } },
  ]);
  expect(at(ofCart, 'scope_metrics', 0, 'metrics')).toEqual([
    {
      name: 'k8s.pod.cpu.usage',
      unit: '{cpu}',
      gauge: {
        data_points: [
          {
            time_unix_nano: '1700000000123500000',
            as_double: 0.25,
            attributes: [{ key: 'core', value: { string_value: '0' } }],
          },
          {
            time_unix_nano: '1700000000123500000',
            as_double: 0.5,
            attributes: [{ key: 'core', value: { string_value: '1' } }],
          },
        ],
      },
    },
  ]);
  expect(at(ofUser, 'scope_metrics', 0, 'metrics', 0, 'sum')).toEqual({
    aggregation_temporality: 2,
    is_monotonic: true,
    data_points: [{ start_time_unix_nano: '1600000000000000000', time_unix_nano: '1700000000123500000', as_double: 7 }],
  });
});

test('log lines carry severity, body and the trace they belong to', () => {
  const line: LogLine = {
    timeMs: 1_700_000_000_000,
    severity: 17,
    body: 'grüße: ✓',
    resource: cart,
    attributes: {},
    traceId: '0123456789abcdef0123456789abcdef',
    spanId: 'fedcba9876543210',
  };
  const request = decode('ExportLogsServiceRequest', encodeFrame({ ...empty, logs: [line] }).logs);
  expect(at(request, 'resource_logs', 0, 'scope_logs', 0, 'log_records')).toEqual([
    {
      time_unix_nano: '1700000000000000000',
      observed_time_unix_nano: '1700000000000000000',
      severity_number: 17,
      severity_text: 'ERROR',
      body: { string_value: 'grüße: ✓' },
      trace_id: base64(line.traceId ?? ''),
      span_id: base64(line.spanId ?? ''),
    },
  ]);
});

test('spans carry ids, kind, times and an error status only when they failed', () => {
  const span: SpanPoint = {
    traceId: '0123456789abcdef0123456789abcdef',
    spanId: 'fedcba9876543210',
    name: 'GET /cart',
    kind: 2,
    startMs: 1_700_000_000_000,
    durationMs: 12.25,
    error: true,
    resource: cart,
    attributes: { 'http.route': '/cart' },
  };
  const child: SpanPoint = { ...span, spanId: '0000000000000001', parentId: span.spanId, error: false, kind: 3 };
  const request = decode('ExportTraceServiceRequest', encodeFrame({ ...empty, spans: [span, child] }).traces);
  const [first, second] = list(request, 'resource_spans', 0, 'scope_spans', 0, 'spans');
  expect(first).toMatchObject({
    name: 'GET /cart',
    kind: 2,
    start_time_unix_nano: '1700000000000000000',
    end_time_unix_nano: '1700000000012250000',
    attributes: [{ key: 'http.route', value: { string_value: '/cart' } }],
    status: { code: 2 },
  });
  expect(first).not.toHaveProperty('parent_span_id');
  expect(second).toMatchObject({ parent_span_id: base64(span.spanId) });
  expect(second).not.toHaveProperty('status');
});

test('any point survives: value, name, attributes and time to the nanosecond of its double', () => {
  const text = fc.string({ unit: 'binary', maxLength: 150 });
  const word = fc.string({ unit: 'binary', maxLength: 12 });
  const attributes = fc.dictionary(fc.string({ unit: 'binary', minLength: 1, maxLength: 8 }), word, { maxKeys: 3 });
  const point = fc.record({
    name: text,
    unit: word,
    kind: fc.constantFrom('gauge' as const, 'counter' as const),
    timeMs: fc.double({ min: 0, max: 4e12, noNaN: true }),
    value: fc.double({ noNaN: true }),
    resource: attributes,
    attributes,
  });
  fc.assert(
    fc.property(fc.array(point, { minLength: 1, maxLength: 8 }), (metrics) => {
      const request = decode('ExportMetricsServiceRequest', encodeFrame({ ...empty, metrics }).metrics);
      const seen: unknown[] = [];
      for (const group of list(request, 'resource_metrics')) {
        for (const metric of list(group, 'scope_metrics', 0, 'metrics')) {
          for (const point of list(at(metric, 'sum') ?? at(metric, 'gauge'), 'data_points')) {
            const time = at(point, 'time_unix_nano') ?? '0';
            seen.push([at(metric, 'name') ?? '', at(metric, 'unit') ?? '', at(point, 'as_double'), time]);
          }
        }
      }
      const sent = metrics.map(({ name, unit, value, timeMs }) => [name, unit, value, nanoseconds(timeMs)]);
      const order = (a: unknown, b: unknown) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);
      expect(seen.sort(order)).toEqual(sent.sort(order));
    }),
  );
});

test('a body larger than the writer began with is whole, and the next one is not touched by it', () => {
  const many = Array.from({ length: 20_000 }, (_, index) => gauge(index, cart, { core: String(index % 50) }));
  const body = encodeFrame({ ...empty, metrics: many }).metrics;
  expect(body?.length).toBeGreaterThan(2 ** 18);
  const path = ['resource_metrics', 0, 'scope_metrics', 0, 'metrics', 0, 'gauge', 'data_points'];
  const values = (bytes: Uint8Array | undefined) =>
    list(decode('ExportMetricsServiceRequest', bytes), ...path).map((point) => at(point, 'as_double') ?? 0);
  expect(values(body)).toEqual(many.map(({ value }) => value));
  expect(values(encodeFrame({ ...empty, metrics: [gauge(1, cart)] }).metrics)).toEqual([1]);
});

function nanoseconds(milliseconds: number): string {
  const whole = Math.floor(milliseconds);
  return String(BigInt(whole) * 1_000_000n + BigInt(Math.round((milliseconds - whole) * 1e6)));
}
