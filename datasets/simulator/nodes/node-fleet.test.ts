import { expect, test } from 'vitest';
import { createNodeFleet } from './node-fleet.ts';

const startMs = Date.UTC(2026, 0, 5);
const minute = 60_000;
const lengthMs = 36 * 60 * minute;

function run(seed: number, failingShare: number) {
  const fleet = createNodeFleet({ seed, nodes: 8, startMs, lengthMs, failingShare });
  const highest = { disk: 0, inodes: 0, memory: 0, pids: 0 };
  let digest = 0;
  for (let atMs = startMs + minute; atMs <= startMs + lengthMs; atMs += minute) {
    fleet.step(atMs);
    for (const { reading } of fleet.lives) {
      for (const resource of ['disk', 'inodes', 'memory', 'pids'] as const) {
        highest[resource] = Math.max(highest[resource], reading[resource]);
      }
    }
    for (const value of fleet.values) if (!Number.isNaN(value)) digest = (digest * 31 + value) % 1e9;
    digest += fleet.events.length;
  }
  return { fleet, highest, digest };
}

test('healthy nodes stay out of the eviction thresholds, and nothing fails', () => {
  const { fleet, highest } = run(3, 0);
  expect(fleet.failures).toEqual([]);
  expect(highest.disk).toBeLessThan(0.9);
  expect(highest.disk).toBeGreaterThan(0.8);
  expect(highest.memory).toBeLessThan(0.95);
});

test('failures come after the first day, take the node down, and the same seed tells the same', () => {
  const { fleet, digest } = run(4, 1);
  expect(fleet.failures.length).toBeGreaterThan(2);
  for (const { onsetMs, failedMs, repairedMs } of fleet.failures) {
    expect(onsetMs).toBeGreaterThanOrEqual(startMs + 24 * 60 * minute);
    expect(failedMs).toBeGreaterThan(onsetMs);
    expect(repairedMs).toBeGreaterThan(failedMs);
  }
  expect(run(4, 1).digest).toBe(digest);
});

test('each node has one set of names, and no series names a failure', () => {
  const { fleet } = run(5, 1);
  const names = new Set(fleet.identities.map(({ name }) => name));
  for (const name of ['node_filesystem_avail_bytes', 'system.memory.usage', 'k8s.node.memory.available']) {
    expect(names).toContain(name);
  }
  expect(fleet.identities.length).toBe(new Set(fleet.identities.map((identity) => JSON.stringify(identity))).size);
  expect(JSON.stringify(fleet.identities)).not.toMatch(/leak|fail|fault/);
});
