import { Value } from 'typebox/value';
import { describe, expect, test } from 'vitest';
import { type Anomaly, noMetrics, type RcaInput, toTimestamp } from '../../model/index.ts';
import { RcaConfig } from '../config.ts';
import { createRca } from '../create-rca.ts';
import { createTestCatalog } from '../testing/test-catalog.ts';

const nowMs = Date.UTC(2026, 0, 5, 9);
const hour = 3_600_000;

function foretold(more: Partial<Anomaly> = {}): Anomaly {
  return {
    id: 'anm-1',
    revision: 1,
    state: 'firing',
    entity: { kind: 'node', namespace: '', name: 'node-1' },
    series: '0000000000000001',
    metric: 'kybern.node.failure.probability',
    signal: 'readiness',
    detector: 'node-failure',
    onset: toTimestamp(nowMs - 2 * hour),
    detectedAt: toTimestamp(nowMs),
    observed: 0.8,
    expected: 0,
    lower: 0,
    upper: 0.6,
    unit: '1',
    score: 1.3,
    severity: 0.8,
    reason: 'node node-1 runs out of disk /, expected in 42 min',
    ahead: {
      what: 'disk /',
      expectedSeconds: 2520,
      earliestSeconds: 1200,
      latestSeconds: 7200,
      confidence: 0.8,
      evidence: ['disk / is 81 % full'],
    },
    ...more,
  };
}

const broken: Anomaly = (() => {
  const { ahead: _, ...slo } = foretold({
    id: 'anm-2',
    entity: { kind: 'service', namespace: 'shop', name: 'cart' },
    detector: 'slo',
    signal: 'latency',
    onset: toTimestamp(nowMs),
  });
  return slo;
})();

const snapshot = {
  atMs: nowMs,
  workloads: [],
  nodes: [{ name: 'node-1', ready: true, unschedulable: false, allocatable: {}, pressures: [] }],
  pods: [
    {
      namespace: 'shop',
      name: 'cart-1',
      uid: 'u1',
      resourceVersion: '1',
      phase: 'Running',
      ready: true,
      startedAtMs: 0,
      node: 'node-1',
      labels: {},
      containers: [],
    },
  ],
} as const;

function run(steps: readonly (readonly Anomaly[])[]) {
  const rca = createRca({
    catalog: createTestCatalog(),
    metrics: noMetrics,
    config: Value.Parse(RcaConfig, Value.Default(RcaConfig, {})),
  });
  const nothing: RcaInput = { samples: [], calls: [], cluster: [], anomalies: [], slos: [] };
  const cluster = [{ kind: 'cluster', timeMs: nowMs, snapshot, events: [] }] as const;
  rca.observe({ ...nothing, cluster });
  return steps.flatMap((anomalies, index) => {
    rca.observe({ ...nothing, anomalies });
    return rca.advance(nowMs + index * 30_000);
  });
}

describe('a failure foretold', () => {
  test('is an incident of its own that names the node, a warning', () => {
    const [incident] = run([[foretold()]]);
    expect(incident).toMatchObject({
      severity: 'warning',
      title: 'node-1: node about to fail',
      symptom: { kind: 'node', name: 'node-1' },
      anomalies: ['anm-1'],
      diagnosis: { abstained: false },
    });
    expect(incident!.diagnosis.causes[0]).toMatchObject({ code: 'node-failing', entity: { name: 'node-1' } });
    expect(incident!.diagnosis.causes[0]!.evidence.some(({ anomalyId }) => anomalyId === 'anm-1')).toBe(true);
  });

  test('is no cause of what a service on the node suffers meanwhile', () => {
    const incidents = run([[foretold()], [broken], []]);
    expect(new Set(incidents.map(({ id }) => id)).size).toBe(2);
    const ofService = incidents.filter(({ symptom }) => symptom.name === 'cart');
    expect(ofService.length).toBeGreaterThan(0);
    for (const { diagnosis } of ofService) expect(diagnosis.abstained).toBe(true);
  });

  test('that is taken back is over', () => {
    const cleared = foretold({ revision: 2, state: 'cleared', clearedAt: toTimestamp(nowMs + 30_000) });
    const incidents = run([[foretold()], [cleared], [], []]);
    expect(incidents.at(-1)).toMatchObject({ state: 'resolved' });
  });
});
