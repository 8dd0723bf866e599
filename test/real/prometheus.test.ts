import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  eventually,
  type KybernProcess,
  removeTemporaryDirectories,
  startKybern,
  temporaryDirectory,
} from '../support/kybern-process.ts';
import { pointsOf, readOwnMetrics, scored } from '../support/read-kybern.ts';
import { stand, standHas } from '../support/stand.ts';

/** Debian stable's, and the newest. */
const senders = [
  { name: 'Prometheus 2', release: '2', port: 22_080, prometheusPort: 22_090 },
  { name: 'Prometheus 3', release: '3', port: 22_082, prometheusPort: 22_092 },
];

describe.runIf(standHas('prometheus')).each(senders)('a real $name', ({ release, port, prometheusPort }) => {
  const environment = { STAND_RUN: temporaryDirectory('kybern-stand-'), STAND_PROMETHEUS_PORT: String(prometheusPort) };
  let kybern: KybernProcess;

  const askPrometheus = async <T>(path: string): Promise<T> =>
    (await (await fetch(`http://127.0.0.1:${prometheusPort}/api/v1/${path}`)).json()) as T;

  beforeAll(async () => {
    kybern = await startKybern({
      dataDir: temporaryDirectory(),
      port,
      otlpPort: port + 100,
      config: { mode: 'observe' },
    });
    const write = `${kybern.url}/api/v1/write`;
    const target = `127.0.0.1:${port}/metrics`;
    await stand(
      'prometheus',
      ['start', '--release', release, '--remote-write', write, '--scrape', target, '--interval', '1s'],
      environment,
    );
  });

  afterAll(async () => {
    await stand('prometheus', ['stop'], environment);
    expect(await kybern?.stop()).toBe(0);
  });

  test('sends by remote write: its series arrive with their labels and are queryable, points and all', async () => {
    const series = await eventually(
      async () => {
        const page = await kybern.get<{ items: { labels: Record<string, string> }[] }>('/api/v1/series?metric=up');
        return page.items.length >= 2 && page.items;
      },
      { withinMs: 60_000, what: () => 'both targets to be known by their `up`' },
    );
    expect(series.map(({ labels }) => labels.job).sort()).toEqual([`127.0.0.1:${port}/metrics`, 'prometheus']);
    expect(series.map(({ labels }) => labels.cluster)).toEqual(['stand', 'stand']);
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
    expect(data.activeTargets.map(({ health, lastError }) => `${health}${lastError}`)).toEqual(['up', 'up']);
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
