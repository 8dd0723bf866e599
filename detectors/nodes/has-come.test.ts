import { expect, test } from 'vitest';
import { hasCome } from './has-come.ts';
import { createNodeRecord } from './node-record.ts';
import { createResourceTrack, type ResourceTrack } from './resource-track.ts';

const minute = 60_000;
const staleMs = 30 * minute;

function nodeWith(track: Partial<ResourceTrack>, node: { heardMs?: number; holding?: readonly string[] } = {}) {
  const record = createNodeRecord('node-1');
  record.heardMs = node.heardMs ?? 0;
  record.holding.push(...(node.holding ?? []));
  record.tracks.push({ ...createResourceTrack('disk', '/', 'node_exporter'), ...track });
  return record;
}

test('a disk that was foretold to fill is still full while it is', () => {
  expect(hasCome(nodeWith({ foretold: true, used: 0.97 }), staleMs)).toBe(true);
  expect(hasCome(nodeWith({ foretold: true, used: 0.9 }), staleMs)).toBe(false);
});

test('an image that is full by its nature, of which nothing was foretold, holds nothing', () => {
  expect(hasCome(nodeWith({ used: 1 }), staleMs)).toBe(false);
});

test('a disk that the kubelet keeps below its limit by evicting is at it while the kubelet says so', () => {
  const track = { foretold: true, used: 0.9 } as const;
  expect(hasCome(nodeWith(track, { holding: ['DiskPressure'] }), staleMs)).toBe(true);
  expect(hasCome(nodeWith(track, { holding: ['MemoryPressure'] }), staleMs)).toBe(false);
});

test('a disk that is not told of any more, unlike its node, holds nothing; a node that fell silent when full does', () => {
  const track = { foretold: true, used: 1, takenMs: 10 * minute } as const;
  expect(hasCome(nodeWith(track, { heardMs: 50 * minute }), staleMs)).toBe(false);
  expect(hasCome(nodeWith(track, { heardMs: 10 * minute }), staleMs)).toBe(true);
});

test('what ailed a node is not over while the node is not ready, though nothing new is heard of it', () => {
  const node = createNodeRecord('node-1');
  expect(hasCome(node, staleMs)).toBe(false);
  node.ready = false;
  expect(hasCome(node, staleMs)).toBe(true);
});
