import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Collector, startCollector } from '../support/collector.ts';
import {
  eventually,
  type KybernProcess,
  removeTemporaryDirectories,
  repositoryRoot,
  startKybern,
  temporaryDirectory,
} from '../support/kybern-process.ts';
import { pointsOf, readOwnMetrics, scored } from '../support/read-kybern.ts';
import { stand, standHas } from '../support/stand.ts';

interface LogPage {
  readonly items: readonly { readonly body: string; readonly entity: object; readonly traceId: string }[];
}

const service = { kind: 'service', namespace: '', name: 'generated' };
const ofService = '&label.service.name=generated';

describe.runIf(standHas('otel'))('a real OpenTelemetry Collector, fed by telemetrygen', () => {
  let kybern: KybernProcess;
  let collector: Collector;
  let generated: Promise<unknown>;

  const generate = (signal: string, ...options: readonly string[]) =>
    stand('otel', [
      ...['generate', signal, '--otlp-endpoint', collector.endpoint, '--service', service.name],
      ...['--duration', '55s', ...options],
    ]);

  beforeAll(async () => {
    kybern = await startKybern({
      dataDir: temporaryDirectory(),
      port: 22_180,
      otlpPort: 22_118,
      // Twenty windows are enough to be scored: the shorter they are the sooner.
      config: {
        mode: 'observe',
        detectors: { logs: { windowSeconds: 2 }, traces: { windowSeconds: 2, minimumRequests: 1 } },
      },
    });
    const config = join(repositoryRoot, 'deploy/examples/otel-collector.yaml');
    collector = await startCollector({ config, port: 22_116, kybernOtlp: kybern.otlpUrl });
    generated = Promise.all([
      generate('metrics', '--rate', '1', '--otlp-metric-name', 'queue.depth'),
      generate('logs', '--rate', '10', '--body', 'a generated line'),
      generate('traces', '--rate', '10', '--child-spans', '1'),
    ]);
  });

  afterAll(async () => {
    await collector?.stop();
    expect(await kybern?.stop()).toBe(0);
    removeTemporaryDirectories();
  });

  test('metrics arrive, are scored and queryable', async () => {
    await pointsOf(kybern, 'queue.depth', 25);
    const { items } = await kybern.get<{ items: object[] }>('/api/v1/series?metric=queue.depth');
    expect(items).toEqual([expect.objectContaining({ metric: 'queue.depth', entity: service })]);
    await scored(kybern, 'queue.depth');
  });

  test('logs arrive and are queryable; their rate is a series and scored', async () => {
    const { items } = await eventually(
      async () => {
        const page = await kybern.get<LogPage>('/api/v1/logs?text=generated&limit=500');
        return page.items.length > 100 && page;
      },
      { withinMs: 60_000, what: () => 'the generated log lines' },
    );
    for (const { body, entity } of items)
      expect({ body, entity }).toEqual({ body: 'a generated line', entity: service });
    await scored(kybern, 'log.records.rate', ofService);
  });

  test('traces arrive: their rate, errors and duration are series and scored', async () => {
    const rates = await pointsOf(kybern, 'trace.request.rate', 15, ofService);
    // Ten spans a second, two of them a request.
    expect(median(rates)).toBeCloseTo(5, 0);
    expect(median(await pointsOf(kybern, 'trace.error.ratio', 15, ofService))).toBe(0);
    expect(median(await pointsOf(kybern, 'trace.duration.p95', 15, ofService))).toBeGreaterThan(0);
    await scored(kybern, 'trace.request.rate', ofService);
  });

  test('a trace can be read back by its id', async () => {
    const traceId = '5b8efff798038103d269b633813fc60c';
    const startMs = Date.now();
    const span = {
      traceId,
      spanId: 'eee19b7ec3c1b174',
      name: 'GET /cart',
      kind: 2,
      startTimeUnixNano: `${startMs}000000`,
      endTimeUnixNano: `${startMs + 25}000000`,
    };
    const resource = { attributes: [{ key: 'service.name', value: { stringValue: service.name } }] };
    const answer = await fetch(`${collector.httpUrl}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ spans: [span] }] }] }),
    });
    expect(answer.status).toBe(200);
    const trace = await eventually(
      async () => {
        const found = await fetch(`${kybern.url}/api/v1/traces/${traceId}`);
        return found.status === 200 && ((await found.json()) as { spans: object[] });
      },
      { withinMs: 60_000, what: () => 'the trace to be readable' },
    );
    expect(trace.spans).toEqual([
      expect.objectContaining({ service: 'generated', name: 'GET /cart', durationMs: 25, kind: 2 }),
    ]);
  });

  test('everything it sent is counted once and nothing is refused', async () => {
    await generated;
    const total = await readOwnMetrics(kybern);
    for (const signal of ['metrics', 'logs', 'traces']) {
      const labels = { protocol: 'otlp', signal };
      const received = total('kybern_ingest_items_received_total', labels);
      expect(received).toBeGreaterThan(0);
      expect(total('kybern_ingest_items_accepted_total', labels)).toBe(received);
      expect(total('kybern_ingest_items_rejected_total', labels)).toBe(0);
    }
    expect(collector.output()).not.toMatch(/error/i);
  });
});

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
