import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ExemplarTarget, startExemplarTarget, startFullPrometheus } from '../support/full-prometheus.ts';
import {
  eventually,
  type KybernProcess,
  removeTemporaryDirectories,
  startKybern,
  temporaryDirectory,
} from '../support/kybern-process.ts';
import { pointsOf, readOwnMetrics, scored } from '../support/read-kybern.ts';
import { stand, standHas } from '../support/stand.ts';

/** Debian stable's, and the newest in both versions of the protocol. */
const senders = [
  { name: 'Prometheus 2 (1.0)', release: '2', version: 1, port: 21_080, prometheusPort: 21_090 },
  { name: 'Prometheus 3 (1.0)', release: '3', version: 1, port: 21_082, prometheusPort: 21_092 },
  { name: 'Prometheus 3 (2.0)', release: '3', version: 2, port: 21_084, prometheusPort: 21_094 },
] as const;

describe.runIf(standHas('prometheus')).each(senders)('a real $name', ({ release, version, port, prometheusPort }) => {
  const environment = { STAND_RUN: temporaryDirectory('kybern-stand-'), STAND_PROMETHEUS_PORT: String(prometheusPort) };
  let kybern: KybernProcess;
  let shop: ExemplarTarget;

  const askPrometheus = async <T>(path: string): Promise<T> =>
    (await (await fetch(`http://127.0.0.1:${prometheusPort}/api/v1/${path}`)).json()) as T;

  beforeAll(async () => {
    kybern = await startKybern({
      dataDir: temporaryDirectory(),
      port,
      otlpPort: port + 100,
      config: { mode: 'observe' },
    });
    shop = await startExemplarTarget();
    await startFullPrometheus({
      release,
      remoteWrite: `${kybern.url}/api/v1/write${version === 2 ? ',v2' : ''}`,
      scrape: [`127.0.0.1:${port}/metrics`, shop.address],
      environment,
    });
  });

  afterAll(async () => {
    await stand('prometheus', ['stop'], environment);
    shop?.close();
    expect(await kybern?.stop()).toBe(0);
  });

  test('sends by remote write: its series arrive with their labels and are queryable, points and all', async () => {
    const series = await eventually(
      async () => {
        const page = await kybern.get<{ items: { labels: Record<string, string> }[] }>('/api/v1/series?metric=up');
        return page.items.length >= 3 && page.items;
      },
      { withinMs: 60_000, what: () => 'the three targets to be known by their `up`' },
    );
    expect(series.map(({ labels }) => labels.job).sort()).toEqual(
      [`127.0.0.1:${port}/metrics`, 'prometheus', shop.address].sort(),
    );
    expect(series.map(({ labels }) => labels.cluster)).toEqual(['stand', 'stand', 'stand']);
    const values = await pointsOf(kybern, 'prometheus_tsdb_head_samples_appended_total', 5);
    expect(values).toEqual(values.toSorted((a, b) => a - b));
  });

  test('its series are scored: they are known to the detectors and get an expected band', async () => {
    await eventually(async () => (await kybern.get<{ series: number }>('/api/v1/status')).series > 100, {
      withinMs: 60_000,
      what: () => 'the series to be scored',
    });
    await scored(kybern, 'process_resident_memory_bytes');
  });

  test("scrapes Kybern's own metrics without complaint", async () => {
    const version = await eventually(
      async () => {
        const { data } = await askPrometheus<{ data: { result: { metric: { version?: string } }[] } }>(
          `query?query=${encodeURIComponent('kybern_build_info')}`,
        );
        return data.result[0]?.metric.version;
      },
      { withinMs: 30_000, what: () => 'kybern_build_info in Prometheus' },
    );
    expect(version).toMatch(/^\d+\.\d+\.\d+/);
    const { data } = await askPrometheus<{ data: { activeTargets: { health: string; lastError: string }[] } }>(
      'targets',
    );
    expect(data.activeTargets.map(({ health, lastError }) => `${health}${lastError}`)).toEqual(['up', 'up', 'up']);
  });

  test('sends exemplars: they are understood and counted', async () => {
    await eventually(
      async () => (await readOwnMetrics(kybern))('kybern_ingest_exemplars_total', { outcome: 'taken' }) > 3,
      { withinMs: 60_000, what: () => 'exemplars of the shop' },
    );
    expect((await pointsOf(kybern, 'shop_orders_total', 3)).length).toBeGreaterThan(2);
  });

  test.runIf(release === '3')(
    'sends native histograms: their count, sum and buckets on a coarser grid are kept',
    async () => {
      const name = 'prometheus_http_request_duration_seconds';
      const [counts, sums] = await Promise.all([
        pointsOf(kybern, `${name}_count`, 3),
        pointsOf(kybern, `${name}_sum`, 3),
      ]);
      expect(counts.at(-1)).toBeGreaterThan(0);
      expect(sums.at(-1)).toBeGreaterThan(0);
      const buckets = await kybern.get<{ items: unknown[] }>(`/api/v1/series?metric=${name}_bucket`);
      expect(buckets.items.length).toBeGreaterThan(2);
    },
  );

  test('is content: nothing that it sent failed, or had to be sent again', async () => {
    const kinds = ['samples', 'histograms', 'exemplars'].join('|');
    const selector = `{__name__=~"prometheus_remote_storage_(${kinds})_(failed|retried)_total"}`;
    const { data } = await askPrometheus<{ data: { result: { value: [number, string] }[] } }>(
      `query?query=${encodeURIComponent(`sum(${selector})`)}`,
    );
    expect(data.result.map(({ value }) => value[1])).toEqual(['0']);
  });

  test('everything it sent is counted once, as accepted or dropped, and nothing is refused', async () => {
    const total = await readOwnMetrics(kybern);
    const labels = { protocol: 'remote-write' };
    const received = total('kybern_ingest_items_received_total', labels);
    expect(received).toBeGreaterThan(1000);
    expect(total('kybern_ingest_items_rejected_total', labels)).toBe(0);
    const accepted = total('kybern_ingest_items_accepted_total', labels);
    expect(accepted + total('kybern_ingest_items_dropped_total', labels)).toBe(received);
    const requests = total('kybern_ingest_requests_total', labels);
    expect(total('kybern_ingest_requests_total', { ...labels, status: '204' })).toBe(requests);
  });
});

afterAll(removeTemporaryDirectories);
