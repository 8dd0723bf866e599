import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  eventually,
  type KybernProcess,
  removeTemporaryDirectories,
  startKybern,
  temporaryDirectory,
} from '../support/kybern-process.ts';
import { stand, standHas } from '../support/stand.ts';

const port = 22_080;
const prometheusPort = 22_090;

describe.runIf(standHas('prometheus'))('a real Prometheus', () => {
  const environment = { STAND_RUN: temporaryDirectory('kybern-stand-'), STAND_PROMETHEUS_PORT: String(prometheusPort) };
  let kybern: KybernProcess;

  beforeAll(async () => {
    kybern = await startKybern({ dataDir: temporaryDirectory(), port, otlpPort: 22_018, config: { mode: 'observe' } });
    const url = `${kybern.url}/api/v1/write`;
    await stand(
      'prometheus',
      ['start', '--remote-write', url, '--scrape', `127.0.0.1:${port}/metrics`, '--interval', '1s'],
      environment,
    );
  });

  afterAll(async () => {
    await stand('prometheus', ['stop'], environment);
    expect(await kybern.stop()).toBe(0);
    removeTemporaryDirectories();
  });

  test('sends by remote write: its series arrive and are queryable, points and all', async () => {
    const series = await eventually(
      async () => {
        const page = await kybern.get<{ items: { metric: string }[] }>('/api/v1/series?metric=up');
        return page.items.length >= 2 && page.items;
      },
      { withinMs: 60_000, what: () => 'both targets to be known by their `up`' },
    );
    expect(series.every(({ metric }) => metric === 'up')).toBe(true);
    await eventually(
      async () => {
        const answer = await kybern.get<{ items: { points: unknown[] }[] }>(
          '/api/v1/query?metric=process_cpu_seconds_total&from=-5m',
        );
        return (answer.items[0]?.points.length ?? 0) >= 5;
      },
      { withinMs: 60_000, what: () => 'points of process_cpu_seconds_total' },
    );
  });

  test('its series are scored: they are known to the detectors and get an expected band', async () => {
    await eventually(async () => (await kybern.get<{ series: number }>('/api/v1/status')).series > 100, {
      withinMs: 60_000,
      what: () => 'the series to be scored',
    });
    await eventually(
      async () => {
        const answer = await kybern.get<{ items: { points: { expected?: number | null }[] }[] }>(
          '/api/v1/query?metric=process_resident_memory_bytes&from=-5m',
        );
        return answer.items.some(({ points }) => points.some(({ expected }) => typeof expected === 'number'));
      },
      { withinMs: 120_000, what: () => 'an expected band' },
    );
  });

  test("scrapes Kybern's own metrics without complaint", async () => {
    const answer = await eventually(
      async () => {
        const response = await fetch(
          `http://127.0.0.1:${prometheusPort}/api/v1/query?query=${encodeURIComponent('kybern_build_info')}`,
        );
        const body = (await response.json()) as { data: { result: { metric: { version?: string } }[] } };
        return body.data.result[0];
      },
      { withinMs: 30_000, what: () => 'kybern_build_info in Prometheus' },
    );
    expect(answer.metric.version).toMatch(/^\d+\.\d+\.\d+/);
    const targets = (await (await fetch(`http://127.0.0.1:${prometheusPort}/api/v1/targets`)).json()) as {
      data: { activeTargets: { health: string; lastError: string }[] };
    };
    expect(targets.data.activeTargets.map(({ health, lastError }) => `${health}${lastError}`)).toEqual(['up', 'up']);
  });

  test('counts what it received as accepted, rejected or dropped, exactly', async () => {
    const text = await (await fetch(`${kybern.url}/metrics`)).text();
    const sum = (name: string) =>
      text
        .split('\n')
        .filter((line) => line.startsWith(`${name}{`) && line.includes('remote'))
        .reduce((total, line) => total + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
    const received = sum('kybern_ingest_received_total');
    expect(received).toBeGreaterThan(0);
    expect(
      sum('kybern_ingest_accepted_total') + sum('kybern_ingest_rejected_total') + sum('kybern_ingest_dropped_total'),
    ).toBe(received);
  });
});
