import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { openDoors } from '../../ingest/testing/door.ts';
import { startCollector } from '../support/collector.ts';
import { eventually, removeTemporaryDirectories, temporaryDirectory } from '../support/kybern-process.ts';
import { stand, standHas } from '../support/stand.ts';

const signals = ['metrics', 'logs', 'traces'] as const;
const made = 200;

/** A Collector that sends what it gets on by this exporter alone, and tries again soon. */
function configOf(port: number, exporter: string, settings: object): string {
  const path = join(temporaryDirectory('kybern-collector-'), 'collector.yaml');
  const pipeline = { receivers: ['otlp'], exporters: [exporter] };
  const retry = { retry_on_failure: { enabled: true, initial_interval: '200ms' } };
  const config = {
    receivers: {
      otlp: { protocols: { grpc: { endpoint: `127.0.0.1:${port}` }, http: { endpoint: `127.0.0.1:${port + 1}` } } },
    },
    exporters: { [exporter]: { ...settings, ...retry } },
    service: {
      telemetry: { metrics: { level: 'none' } },
      pipelines: Object.fromEntries(signals.map((signal) => [signal, pipeline])),
    },
  };
  // JSON is YAML.
  writeFileSync(path, JSON.stringify(config));
  return path;
}

describe.runIf(standHas('otel'))('a real OpenTelemetry Collector whose exporter is', () => {
  afterAll(removeTemporaryDirectories);

  test.each([
    ['otlp_grpc', 'otlp-grpc', 'gzip', 21_120],
    ['otlp_grpc', 'otlp-grpc', 'zstd', 21_130],
    ['otlp_http', 'otlp', 'zstd', 21_140],
  ] as const)('%s: what is refused comes again, all that it was sent is durable (%s, %s)', async (...given) => {
    const [exporter, protocol, compression, port] = given;
    // The clock behind these doors stands still; what is generated is of now.
    const doors = await openDoors({ futureSeconds: 1e9 });
    const { grpc } = doors;
    if (grpc === undefined) throw new Error('OTLP/gRPC is on by default');
    const url = await doors.app.listen({ host: '127.0.0.1', port: 0 });
    const address = await grpc.listen({ host: '127.0.0.1', port: 0 });
    const to = exporter === 'otlp_grpc' ? { endpoint: address, tls: { insecure: true } } : { endpoint: url };
    const config = configOf(port, exporter, { ...to, compression });
    const collector = await startCollector({ config, port, kybernOtlp: url });
    try {
      doors.log.broken = true;
      const common = ['--otlp-endpoint', collector.endpoint, '--otlp-insecure', '--rate', '400', '--workers', '1'];
      const generated = Promise.all([
        stand('otel', ['generate', 'metrics', ...common, '--metrics', String(made)]),
        stand('otel', ['generate', 'logs', ...common, '--logs', String(made)]),
        stand('otel', ['generate', 'traces', ...common, '--traces', String(made / 2), '--child-spans', '1']),
      ]);
      const status = exporter === 'otlp_grpc' ? '14' : '503';
      const refused = () => doors.metrics.total('kybern_ingest_requests_total', { protocol, status });
      await eventually(async () => refused() > 2, { withinMs: 60_000, what: () => 'exports to be refused' });
      await generated;
      expect(doors.appended).toEqual([]);
      doors.log.broken = false;
      const durable = (signal: string) =>
        doors.metrics.total('kybern_ingest_items_accepted_total', { protocol, signal });
      await eventually(async () => signals.every((signal) => durable(signal) >= made), {
        withinMs: 60_000,
        what: () => `all to be durable: ${signals.map(durable)}\n${collector.output().slice(-2000)}`,
      });
      await new Promise((resolve) => setTimeout(resolve, 1000));
      expect(signals.map(durable)).toEqual([made, made, made]);
      expect(doors.unaccounted()).toBe(0);
      expect(collector.output()).not.toContain('Dropping data');
    } finally {
      await collector.stop();
      await grpc.close();
      await doors.app.close();
    }
  });
});
