import { SeverityNumber } from '@opentelemetry/api-logs';
import { OTLPLogExporter as GrpcLogs } from '@opentelemetry/exporter-logs-otlp-grpc';
import { OTLPLogExporter as ProtoLogs } from '@opentelemetry/exporter-logs-otlp-proto';
import { OTLPMetricExporter as GrpcMetrics } from '@opentelemetry/exporter-metrics-otlp-grpc';
import { OTLPMetricExporter as ProtoMetrics } from '@opentelemetry/exporter-metrics-otlp-proto';
import { OTLPTraceExporter as GrpcTraces } from '@opentelemetry/exporter-trace-otlp-grpc';
import { OTLPTraceExporter as ProtoTraces } from '@opentelemetry/exporter-trace-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchLogRecordProcessor, LoggerProvider } from '@opentelemetry/sdk-logs';
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openDoors } from '../../ingest/testing/door.ts';
import {
  eventually,
  type KybernProcess,
  removeTemporaryDirectories,
  startKybern,
  temporaryDirectory,
} from '../support/kybern-process.ts';
import { pointsOf, readOwnMetrics } from '../support/read-kybern.ts';

const port = 21_110;
const grpcUrl = `http://127.0.0.1:${port + 2}`;

/** The exporters of an SDK: by gRPC or by HTTP with protobuf. `base`: what they send to. */
const transports = {
  grpc: (url: string) => ({
    metrics: new GrpcMetrics({ url }),
    logs: new GrpcLogs({ url }),
    traces: new GrpcTraces({ url }),
  }),
  http: (base: string) => ({
    metrics: new ProtoMetrics({ url: `${base}/v1/metrics` }),
    logs: new ProtoLogs({ url: `${base}/v1/logs` }),
    traces: new ProtoTraces({ url: `${base}/v1/traces` }),
  }),
} as const;

/** An SDK that exports on `flush`, and what it made so far is exported. */
function startSdk(service: string, exporters: ReturnType<(typeof transports)[keyof typeof transports]>) {
  const resource = resourceFromAttributes({ 'service.name': service });
  const reader = new PeriodicExportingMetricReader({ exporter: exporters.metrics, exportIntervalMillis: 3_600_000 });
  const meters = new MeterProvider({ resource, readers: [reader] });
  const loggers = new LoggerProvider({
    resource,
    processors: [new BatchLogRecordProcessor({ exporter: exporters.logs })],
  });
  const tracers = new BasicTracerProvider({ resource, spanProcessors: [new BatchSpanProcessor(exporters.traces)] });
  const meter = meters.getMeter('test');
  return {
    counter: meter.createCounter('orders'),
    histogram: meter.createHistogram('order.seconds', { unit: 's' }),
    logger: loggers.getLogger('test'),
    tracer: tracers.getTracer('test'),
    async flush() {
      await Promise.all([meters.forceFlush(), loggers.forceFlush(), tracers.forceFlush()]);
    },
    async stop() {
      await Promise.all([meters.shutdown(), loggers.shutdown(), tracers.shutdown()]);
    },
  };
}

describe.each([
  ['grpc', 'otlp-grpc', grpcUrl],
  ['http', 'otlp', `http://127.0.0.1:${port + 1}`],
] as const)('the OpenTelemetry SDK of Node by %s', (transport, protocol, url) => {
  const service = `sdk-${transport}`;
  const made = 500;
  let kybern: KybernProcess;

  beforeAll(async () => {
    kybern = await startKybern({
      dataDir: temporaryDirectory(),
      port,
      otlpPort: port + 1,
      grpcPort: port + 2,
      config: { mode: 'observe' },
    });
  });
  afterAll(async () => {
    expect(await kybern?.stop()).toBe(0);
    removeTemporaryDirectories();
  });

  test('all that it sends is stored, once', async () => {
    const sdk = startSdk(service, transports[transport](url));
    for (let index = 0; index < made; index++) {
      sdk.counter.add(2, { route: `/orders/${index % 5}` });
      sdk.histogram.record(index / 1000);
      sdk.logger.emit({ severityNumber: SeverityNumber.INFO, body: `order ${index}` });
      sdk.tracer.startSpan('order').end();
    }
    await sdk.flush();
    await sdk.stop();
    const { items } = await eventually(
      async () => {
        const page = await kybern.get<{ items: { body: string; entity: { name: string } }[] }>(
          '/api/v1/logs?text=order&limit=1000',
        );
        return page.items.length >= made && page;
      },
      { withinMs: 60_000, what: () => `${made} log lines` },
    );
    expect(new Set(items.map(({ body }) => body)).size).toBe(made);
    expect(items).toHaveLength(made);
    const orders = await pointsOf(kybern, 'orders', 1, `&label.service.name=${service}`);
    // Five routes of a hundred orders of two each.
    expect(orders.at(-1)).toBe((made / 5) * 2);
    expect((await pointsOf(kybern, 'order.seconds_count', 1)).at(-1)).toBe(made);
    const total = await readOwnMetrics(kybern);
    for (const [signal, least] of [
      ['metrics', 6],
      ['logs', made],
      ['traces', made],
    ] as const) {
      const received = total('kybern_ingest_items_received_total', { protocol, signal });
      // Metrics are cumulative, and the shutdown may export them once more.
      if (signal === 'metrics') expect(received % least).toBe(0);
      else expect(received).toBe(least);
      expect(received).toBeGreaterThanOrEqual(least);
      expect(total('kybern_ingest_items_accepted_total', { protocol, signal })).toBe(received);
    }
  });
});

// The gRPC exporters of the JavaScript SDK (0.223) give up at the first error, whatever its code: those by HTTP do not.
test('the SDK tries again by HTTP what could not be made durable, and nothing is lost', async () => {
  // The clock behind these doors stands still; what the SDK makes is of now.
  const doors = await openDoors({ futureSeconds: 1e9 });
  const url = await doors.app.listen({ host: '127.0.0.1', port: 0 });
  doors.log.broken = true;
  const sdk = startSdk('retry', transports.http(url));
  try {
    for (let index = 0; index < 20; index++) sdk.tracer.startSpan(`order ${index}`).end();
    const flushed = sdk.flush();
    const refused = () => doors.metrics.total('kybern_ingest_requests_total', { signal: 'traces', status: '503' });
    await eventually(async () => refused() > 0, { withinMs: 60_000, what: () => 'a first export to be refused' });
    expect(doors.appended).toEqual([]);
    doors.log.broken = false;
    await flushed;
    const spans = doors.appended.flatMap((batch) => (batch.kind === 'spans' ? [batch.count] : []));
    expect(spans.reduce((sum, count) => sum + count, 0)).toBe(20);
  } finally {
    await sdk.stop();
    await doors.app.close();
  }
});
