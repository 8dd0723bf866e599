import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  eventually,
  type KybernProcess,
  removeTemporaryDirectories,
  startKybern,
  temporaryDirectory,
} from '../support/kybern-process.ts';
import { stand, standHas } from '../support/stand.ts';

const port = 22_180;
const otlpPort = 22_118;
const collectorPort = 22_117;

describe.runIf(standHas('otel'))('a real OpenTelemetry Collector, fed by telemetrygen', () => {
  const environment = { STAND_RUN: temporaryDirectory('kybern-stand-'), STAND_OTEL_PORT: String(collectorPort) };
  const endpoint = ['--otlp-endpoint', `127.0.0.1:${collectorPort}`, '--service', 'generated'];
  let kybern: KybernProcess;

  beforeAll(async () => {
    kybern = await startKybern({ dataDir: temporaryDirectory(), port, otlpPort, config: { mode: 'observe' } });
    await stand('otel', ['collector', 'start', '--otlp-http', kybern.otlpUrl], environment);
  });

  afterAll(async () => {
    await stand('otel', ['collector', 'stop'], environment);
    expect(await kybern.stop()).toBe(0);
    removeTemporaryDirectories();
  });

  test('metrics arrive, are scored and queryable', async () => {
    await stand('otel', ['generate', 'metrics', ...endpoint, '--rate', '20', '--duration', '5s'], environment);
    await eventually(
      async () => {
        const answer = await kybern.get<{ items: { points: unknown[] }[] }>('/api/v1/query?metric=gen&from=-5m');
        return (answer.items[0]?.points.length ?? 0) > 0;
      },
      { withinMs: 30_000, what: () => 'the generated metric' },
    );
    expect((await kybern.get<{ series: number }>('/api/v1/status')).series).toBeGreaterThan(0);
  });

  test('logs arrive and are queryable', async () => {
    await stand(
      'otel',
      ['generate', 'logs', ...endpoint, '--rate', '20', '--duration', '3s', '--body', 'a generated line'],
      environment,
    );
    await eventually(
      async () => {
        const page = await kybern.get<{ items: { body: string }[] }>('/api/v1/logs?text=generated');
        return page.items.some(({ body }) => body === 'a generated line');
      },
      { withinMs: 30_000, what: () => 'the generated log lines' },
    );
  });

  test('traces arrive: they can be read back, and their rate, errors and duration are series', async () => {
    await stand('otel', ['generate', 'traces', ...endpoint, '--rate', '20', '--duration', '8s'], environment);
    await eventually(
      async () => {
        const page = await kybern.get<{ items: { metric: string }[] }>('/api/v1/series?metric=trace.request.rate');
        return page.items.length > 0;
      },
      { withinMs: 30_000, what: () => 'series derived from the spans' },
    );
  });

  test('what the Collector sends is never refused', async () => {
    const text = await (await fetch(`${kybern.url}/metrics`)).text();
    const refused = text
      .split('\n')
      .filter((line) => line.startsWith('kybern_ingest_rejected_total') && !line.endsWith(' 0'));
    expect(refused).toEqual([]);
  });
});
