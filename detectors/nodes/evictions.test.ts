import { expect, test } from 'vitest';
import { defaultConfig } from '../testing/workbench.ts';
import { evictsFrom } from './evictions.ts';
import type { Resource } from './metric-roles.ts';
import { describeExhaustion } from './phrases.ts';
import { createResourceTrack } from './resource-track.ts';

/** From where the kubelet evicts pods for each file system of a node that has these. */
function evictions(places: readonly string[], resource: Resource = 'disk') {
  const tracks = places.map((place) => createResourceTrack(resource, place, 'exporter'));
  return tracks.map((track) => evictsFrom(track, tracks, defaultConfig().nodes));
}

test('the kubelet evicts pods for the file system that it keeps its files on', () => {
  expect(evictions([''])).toEqual([0.9]);
  expect(evictions(['/', '/boot', '/data'])).toEqual([0.9, 1, 1]);
  expect(evictions(['/', '/var', '/variable'])).toEqual([1, 0.9, 1]);
  expect(evictions(['/', '/var/lib/kubelet', '/var/lib/containerd'])).toEqual([1, 0.9, 1]);
  expect(evictions(['/', '/data'], 'inodes')).toEqual([0.95, 1]);
  expect(evictions([''], 'memory')).toEqual([1]);
});

test('what is foretold of a file system says when evictions begin, before it is full', () => {
  const hour = 3_600_000;
  const track = createResourceTrack('disk', '/', 'exporter');
  track.used = 0.8;
  track.ahead = { logOdds: 4, expectedMs: 2 * hour, earliestMs: hour, latestMs: 4 * hour, overMs: hour, growth: 0.1 };
  expect(describeExhaustion(track, 0.9)).toMatch(/in 60 min; the kubelet evicts pods from 90 % on, in about 60 min$/);
  expect(describeExhaustion({ ...track, used: 0.92 }, 0.9)).toMatch(/; from 90 % on the kubelet evicts pods$/);
  expect(describeExhaustion(track, 1)).not.toContain('kubelet');
});
