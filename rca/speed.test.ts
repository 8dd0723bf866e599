import { expect, it } from 'vitest';
import { type Metrics, noMetrics } from '../model/index.ts';
import { createRca } from './create-rca.ts';
import { createTestCatalog } from './testing/test-catalog.ts';
import { playToy, type ToyService, testConfig } from './testing/toy-cluster.ts';

// 40 services in a tree, two of them at fault: 240 series of their own and their pods'.
const services = Array.from(
  { length: 40 },
  (_, index): ToyService => ({
    name: index === 0 ? 'frontend' : `service-${index}`,
    calls: [2 * index + 1, 2 * index + 2].filter((callee) => callee < 40).map((callee) => `service-${callee}`),
    node: `node-${index % 6}`,
  }),
);

it('an advance with nothing new takes under 5 ms, a diagnosis of 40 services under 50 ms', () => {
  const catalog = createTestCatalog();
  // What took a new look belongs to the diagnoses, whether it told anything new or not.
  let diagnoses = 0;
  const counted = {
    add: (by: number) => {
      diagnoses += by;
    },
  };
  const metrics: Metrics = {
    ...noMetrics,
    counter: (name, help) => (name === 'kybern_diagnoses_total' ? counted : noMetrics.counter(name, help)),
  };
  const rca = createRca({ catalog, metrics, config: testConfig() });
  const effects = (second: number) => (second >= 900 ? { 'service-17': { selfMs: 900 } } : {});
  const idle: number[] = [];
  const diagnosing: number[] = [];
  for (const { input, nowMs } of playToy(catalog, { services, seconds: 1000, effects })) {
    rca.observe(input);
    const before = diagnoses;
    const started = process.cpuUsage();
    rca.advance(nowMs);
    const { user, system } = process.cpuUsage(started);
    (diagnoses === before ? idle : diagnosing).push((user + system) / 1000);
  }
  const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[values.length >> 1];
  expect(diagnosing.length).toBeGreaterThan(0);
  expect(median(idle)).toBeLessThan(5);
  expect(median(diagnosing)).toBeLessThan(50);
});
