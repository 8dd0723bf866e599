import { expect, test } from 'vitest';
import { type Anomaly, toEpochMs } from '../../model/index.ts';
import { createMemoryCatalog } from '../testing/memory-catalog.ts';
import { defaultConfig } from '../testing/workbench.ts';
import type { ServiceWindow } from '../traces/tell-services.ts';
import { createSloMonitor } from './slo-monitor.ts';

const windowMs = 5000;

function setting() {
  const catalog = createMemoryCatalog();
  const intern = (name: string, unit: string) =>
    catalog.intern({ name, labels: [['service.name', 'web']], kind: 'gauge', unit, origin: 'traces' });
  const series = {
    rate: intern('trace.request.rate', '1/s'),
    errorRatio: intern('trace.error.ratio', '1'),
    p50: 0,
    p99: 0,
    p95: intern('trace.duration.p95', 'ms'),
    selfTime: intern('trace.self.duration.mean', 'ms'),
  };
  const slos = [{ service: 'web', latencyP95Ms: 200, errorRatio: 0.01 }];
  const monitor = createSloMonitor(catalog, defaultConfig().slo, slos);
  const window = (at: number, p95Ms: number, errorRatio = 0, service = 'web'): ServiceWindow => ({
    namespace: '',
    service,
    endMs: at * windowMs,
    requests: 100,
    requestRate: 20,
    errorRatio,
    p95Ms,
    series,
  });
  return { monitor, window };
}

test('a status a window, met or not; a service that owes nothing always meets it', () => {
  const { monitor, window } = setting();
  const out: Anomaly[] = [];
  const statuses = monitor.judge([window(1, 150), window(1, 5000, 1, 'batch')], out);
  expect(statuses.map(({ service, met }) => [service, met])).toEqual([
    ['web', true],
    ['batch', true],
  ]);
  expect(monitor.judge([window(2, 201)], out)[0]).toMatchObject({ met: false, latencyP95Ms: 201, requestRate: 20 });
  expect(monitor.judge([window(3, 100, 0.011)], out)[0]).toMatchObject({ met: false, errorRatio: 0.011 });
  expect(out).toEqual([]);
});

test('three broken windows of five fire, a pair does not; six met ones clear it as of the first', () => {
  const { monitor, window } = setting();
  const out: Anomaly[] = [];
  const latencies = [150, 300, 150, 300, 150, 150, 150, 150, 300, 400, 350, 150, 150, 150, 150, 150, 150];
  for (const [at, p95Ms] of latencies.entries()) monitor.judge([window(at, p95Ms)], out);
  expect(out.map(({ state, revision }) => [state, revision])).toEqual([
    ['firing', 1],
    ['cleared', 2],
  ]);
  expect(toEpochMs(out[0]!.onset)).toBe(8 * windowMs);
  expect(toEpochMs(out[0]!.detectedAt)).toBe(10 * windowMs);
  expect(toEpochMs(out[1]!.clearedAt!)).toBe(11 * windowMs);
  expect(out[0]).toMatchObject({ detector: 'slo', signal: 'latency', observed: 350, upper: 200, score: 1.75 });
  expect(out[0]!.reason).toBe(
    '95 % of requests took up to 350 ms, 200 ms are allowed: 3 of the last 5 windows broke the SLO of web',
  );
});

test('errors are named where they are the worse breach, and a service without traffic is let go', () => {
  const { monitor, window } = setting();
  const out: Anomaly[] = [];
  for (let at = 0; at < 3; at += 1) monitor.judge([window(at, 210, 0.25)], out);
  expect(out[0]).toMatchObject({ signal: 'errors', observed: 0.25, score: 25 });
  monitor.advance(2 * windowMs + 600_000, out);
  expect(out).toHaveLength(1);
  monitor.advance(2 * windowMs + 600_001, out);
  expect(out[1]).toMatchObject({ state: 'cleared', revision: 2, id: out[0]!.id });
});
