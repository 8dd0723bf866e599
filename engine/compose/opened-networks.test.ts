import { pino } from 'pino';
import { expect, test } from 'vitest';
import { createPrometheusMetrics } from '../metrics/prometheus-metrics.ts';
import { createOpenedTeller } from './opened-networks.ts';

test('in what form a network serves is counted, and logged where it is not the one asked for', async () => {
  const metrics = createPrometheusMetrics({ processMetrics: false, version: 'test' });
  const lines: { level: number; msg: string; sha256: string }[] = [];
  const opened = createOpenedTeller(pino({}, { write: (line: string) => void lines.push(JSON.parse(line)) }), metrics);
  opened('a', { precision: 'int8', reason: 'asked', apart: { moving: 0.005, atRest: 0.0075 } });
  expect(lines).toEqual([]);
  opened('b', { precision: 'float32', reason: 'apart', apart: { moving: 0.25, atRest: 0 } });
  opened('c', { precision: 'float32', reason: 'other-graph' });
  expect(lines).toMatchObject([
    { level: 40, sha256: 'b', moving: 0.25, msg: expect.stringMatching(/in float32: int8 would change/) },
    { level: 40, sha256: 'c', msg: expect.stringMatching(/not one that Kybern writes/) },
  ]);
  const told = await metrics.text();
  expect(told).toContain('kybern_model_networks_opened_total{precision="float32",reason="other-graph"} 1');
  expect(told).toContain('kybern_model_int8_distance_scales{series="moving"} 0.25');
});
