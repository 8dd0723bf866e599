import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  eventually,
  type KybernProcess,
  removeTemporaryDirectories,
  startKybern,
  temporaryDirectory,
} from '../support/kybern-process.ts';
import { readOwnMetrics } from '../support/read-kybern.ts';
import { stand, standHas } from '../support/stand.ts';

const ports = { prometheus: 21_310, victoriametrics: 21_320, kybern: 21_330, otlp: 21_331 };
const prometheusUrl = `http://127.0.0.1:${ports.prometheus}`;
const victoriaUrl = `http://127.0.0.1:${ports.victoriametrics}`;
const stepSeconds = 5;
const historySeconds = 45;

interface Points {
  readonly labels: Readonly<Record<string, string>>;
  readonly points: { readonly times: readonly string[]; readonly values: readonly number[] };
}

describe.runIf(standHas('prometheus') && standHas('victoriametrics'))('a real Prometheus and VictoriaMetrics', () => {
  const run = temporaryDirectory('kybern-stand-');
  const environment = {
    STAND_RUN: run,
    STAND_PROMETHEUS_PORT: String(ports.prometheus),
    STAND_VM_PORT: String(ports.victoriametrics),
  };
  const dataDir = temporaryDirectory();
  let kybern: KybernProcess;
  let startedMs = 0;

  const start = () =>
    startKybern({
      dataDir,
      port: ports.kybern,
      otlpPort: ports.otlp,
      config: {
        mode: 'observe',
        ingest: {
          queries: [
            {
              url: prometheusUrl,
              name: 'prometheus',
              intervalSeconds: 2,
              stepSeconds,
              delaySeconds: 2,
              backfillSeconds: historySeconds,
              chunkSeconds: 10,
              queries: [
                { expr: 'sum(rate(prometheus_http_requests_total[10s]))', as: 'prometheus_requests_per_second' },
                { expr: 'no_such_metric' },
                { expr: 'sum by (', as: 'wrong' },
              ],
              match: ['{__name__=~"up|process_resident_memory_bytes"}'],
            },
            {
              url: victoriaUrl,
              name: 'victoria',
              intervalSeconds: 2,
              stepSeconds,
              delaySeconds: 5,
              backfillSeconds: historySeconds,
              chunkSeconds: 10,
              queries: [{ expr: 'prometheus_tsdb_head_series', as: 'head_series_from_victoria' }],
              match: ['go_goroutines'],
              labels: { source: 'victoria' },
            },
          ],
        },
      },
    });

  async function stored(metric: string): Promise<Points[]> {
    return (await kybern.get<{ items: Points[] }>(`/api/v1/query?from=-30m&maxPoints=5000&metric=${metric}`)).items;
  }

  /** Milliseconds of every stored point, once there are points from now, and from before `sinceMs` where that is given. */
  async function timesOf(metric: string, sinceMs = Number.POSITIVE_INFINITY): Promise<number[]> {
    const untilMs = Date.now();
    return await eventually(
      async () => {
        const times = (await stored(metric))[0]?.points.times.map((text) => Date.parse(text)) ?? [];
        return Math.min(...times) < sinceMs && Math.max(...times) > untilMs - 2_000 && times;
      },
      {
        withinMs: 60_000,
        what: () => `points of ${metric}, old and new:\n${kybern.output().slice(-3000)}`,
        everyMs: 500,
      },
    );
  }

  beforeAll(async () => {
    await stand('victoriametrics', ['start'], environment);
    const write = `${victoriaUrl}/api/v1/write`;
    await stand('prometheus', ['start', '--release', '3', '--interval', '1s', '--remote-write', write], environment);
    // On a busy machine they take their first samples late.
    const past = encodeURIComponent(`prometheus_tsdb_head_series offset ${historySeconds + 12}s`);
    const hasHistory = async (url: string) => {
      const answer = (await (await fetch(`${url}/api/v1/query?query=${past}&nocache=1`)).json()) as {
        data: { result: unknown[] };
      };
      return answer.data.result.length > 0;
    };
    await eventually(async () => (await Promise.all([prometheusUrl, victoriaUrl].map(hasHistory))).every(Boolean), {
      withinMs: (historySeconds + 90) * 1000,
      what: () => 'both sources to have a past',
      everyMs: 1000,
    });
    startedMs = Date.now();
    kybern = await start();
  });

  afterAll(async () => {
    await kybern?.stop();
    await stand('prometheus', ['stop'], environment);
    await stand('victoriametrics', ['stop'], environment);
    removeTemporaryDirectories();
  });

  test.each(['prometheus_requests_per_second', 'head_series_from_victoria'])(
    '%s: history and what is new are there, at every step and once, with the values that the source has',
    async (metric) => {
      const historyMs = startedMs - (historySeconds - 10) * 1000;
      const times = await timesOf(metric, historyMs);
      expect(Math.min(...times)).toBeLessThan(historyMs);
      expect(times).toEqual(times.map((_, at) => times[0] + at * stepSeconds * 1000));
      const [{ points }] = await stored(metric);
      const source = metric.startsWith('head') ? victoriaUrl : prometheusUrl;
      const expr = metric.startsWith('head')
        ? 'prometheus_tsdb_head_series'
        : 'sum(rate(prometheus_http_requests_total[10s]))';
      const range = `start=${times[0] / 1000}&end=${(times.at(-1) ?? 0) / 1000}&step=${stepSeconds}&nocache=1`;
      const answer = (await (
        await fetch(`${source}/api/v1/query_range?query=${encodeURIComponent(expr)}&${range}`)
      ).json()) as { data: { result: { values: [number, string][] }[] } };
      // Another step may have come meanwhile.
      const values = points.values.slice(0, times.length);
      expect(values).toEqual(answer.data.result[0].values.map(([, value]) => Number(value)));
    },
  );

  test.each(['up', 'go_goroutines'])(
    'the stored samples of %s come as they are: about one a second',
    async (metric) => {
      const times = await timesOf(metric);
      expect(new Set(times).size).toBe(times.length);
      const seconds = ((times.at(-1) ?? 0) - times[0]) / 1000;
      expect(times.length).toBeGreaterThan(seconds * 0.9);
      expect(times.length).toBeLessThan(seconds * 1.1 + 2);
    },
  );

  test('nothing is nothing, and what is wrong is told with its code and asked once', async () => {
    const total = await readOwnMetrics(kybern);
    expect(await stored('no_such_metric')).toEqual([]);
    expect(total('kybern_query_requests_total', { outcome: 'empty' })).toBeGreaterThan(2);
    expect(total('kybern_query_requests_total', { outcome: 'KYBERN_QUERY_REFUSED' })).toBe(1);
    const answer = await fetch(`${kybern.url}/readyz`);
    expect(answer.status).toBe(200);
    expect(await answer.text()).toMatch(/KYBERN_QUERY_REFUSED: .*400 to sum by \(/);
  });

  test('killed and started again, it goes on where it stood: no gap and nothing twice', async () => {
    await kybern.kill();
    await new Promise((resolve) => setTimeout(resolve, 12_000));
    kybern = await start();
    for (const metric of ['prometheus_requests_per_second', 'head_series_from_victoria']) {
      const times = await timesOf(metric);
      expect(times).toEqual(times.map((_, at) => times[0] + at * stepSeconds * 1000));
    }
    const total = await readOwnMetrics(kybern);
    const at = { protocol: 'query' };
    expect(total('kybern_ingest_items_received_total', at)).toBe(
      total('kybern_ingest_items_accepted_total', at) +
        total('kybern_ingest_items_rejected_total', at) +
        total('kybern_ingest_items_dropped_total', at),
    );
  });
});
