import { describe, expect, it } from 'vitest';
import { type Action, type Incident, noMetrics, toTimestamp } from '../model/index.ts';
import { createRca } from './create-rca.ts';
import { createTestCatalog } from './testing/test-catalog.ts';
import { playToy, podOf, type ToyScript, testConfig } from './testing/toy-cluster.ts';

const script: ToyScript = {
  services: [
    { name: 'frontend', calls: ['cart'], node: 'node-1' },
    { name: 'cart', calls: ['redis'], node: 'node-2' },
    { name: 'redis', calls: [], node: 'node-2' },
  ],
  seconds: 420,
  effects: (second) => ({ cart: second >= 200 && second < 300 ? { selfMs: 400, memoryMiB: second } : {} }),
  events: [
    {
      second: 260,
      entity: { kind: 'pod', namespace: 'toy', name: podOf('cart') },
      reason: 'OOMKilled',
      type: 'Warning',
      message: '',
    },
  ],
};

/** Plays the script, saved and loaded into a new stage after each of these seconds. */
function play(reloadAt: ReadonlySet<number>): { revisions: Incident[]; topology: unknown } {
  const catalog = createTestCatalog();
  const create = () => createRca({ catalog, metrics: noMetrics, config: testConfig() });
  let rca = create();
  const revisions: Incident[] = [];
  playToy(catalog, script).forEach(({ input, nowMs }, index) => {
    rca.observe(input);
    revisions.push(...rca.advance(nowMs));
    if (!reloadAt.has(index)) return;
    const bytes = rca.save();
    rca = create();
    expect(rca.load(bytes)).toBe(true);
  });
  return { revisions, topology: rca.topology() };
}

describe('a checkpoint', () => {
  it('goes on exactly as if nothing had happened, wherever it was taken', () => {
    const whole = play(new Set());
    expect(whole.revisions.length).toBeGreaterThan(2);
    expect(play(new Set([10, 41, 45, 52, 60, 75]))).toEqual(whole);
  });

  it('of something else is refused, and leaves the stage as it was', () => {
    const rca = createRca({ catalog: createTestCatalog(), metrics: noMetrics, config: testConfig() });
    expect(rca.load(new Uint8Array([1, 2, 3]))).toBe(false);
    expect(rca.load(new Uint8Array())).toBe(false);
    expect(rca.topology()).toEqual({ nodes: [], edges: [] });
  });
});

describe('an action', () => {
  it('is noted with the incident it answers', () => {
    const catalog = createTestCatalog();
    const rca = createRca({ catalog, metrics: noMetrics, config: testConfig() });
    let latest: Incident | undefined;
    for (const { input, nowMs } of playToy(catalog, { ...script, seconds: 270 })) {
      rca.observe(input);
      latest = rca.advance(nowMs).at(-1) ?? latest;
    }
    const at = toTimestamp(0);
    const action: Action = {
      ...{ id: 'act-1', revision: 1, proposalId: 'prp-1', incidentId: latest!.id, state: 'proposed' },
      ...{ target: { kind: 'Deployment', namespace: 'toy', name: 'cart' }, changes: [], createdAt: at, updatedAt: at },
      ...{ gates: [], reason: '', detail: '' },
    };
    rca.attach(action);
    const revisions = rca.advance(Date.parse(latest!.updatedAt) + 5_000);
    expect(revisions.map((incident) => [incident.id, incident.actions])).toEqual([[latest!.id, ['act-1']]]);
    expect(revisions[0].revision).toBe(latest!.revision + 1);
  });
});
