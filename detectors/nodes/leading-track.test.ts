import { expect, test } from 'vitest';
import { distinctTracks, leadingTrack } from './leading-track.ts';
import type { Resource } from './metric-roles.ts';
import { createResourceTrack, type ResourceTrack } from './resource-track.ts';

function track(resource: Resource, place: string, probability: number, family = 'node'): ResourceTrack {
  const logOdds = Math.log(probability / (1 - probability));
  const ahead = { logOdds, expectedMs: 0, earliestMs: 0, latestMs: 0, overMs: 0, growth: 0 };
  return { ...createResourceTrack(resource, place, family), ahead };
}

test('the likeliest leads, a resource before what ails as much', () => {
  const [disk, memory] = [track('disk', '/', 0.5), track('memory', '', 0.45)];
  expect(leadingTrack([memory, disk], 0.2, undefined)).toBe(disk);
  expect(leadingTrack([memory, disk], 0.6, undefined)).toBeUndefined();
  expect(leadingTrack([], 0.5, undefined)).toBeUndefined();
});

test('two senders of one disk do not take turns in being told', () => {
  const [exporter, kubelet] = [track('disk', '/', 0.84), track('disk', '', 0.86)];
  expect(leadingTrack([exporter, kubelet], 0, 'disk /')).toBe(exporter);
  expect(leadingTrack([exporter, kubelet], 0.87, 'disk /')).toBe(exporter);
  expect(leadingTrack([exporter, kubelet], 0.86, 'health')).toBeUndefined();
});

test('what was told before gives way to what is clearly likelier, and when it is over', () => {
  const [disk, memory] = [track('disk', '/', 0.8), track('memory', '', 0.95)];
  expect(leadingTrack([disk, memory], 0, 'disk /')).toBe(memory);
  expect(leadingTrack([track('memory', '', 0.45)], 0, 'disk /')).toMatchObject({ resource: 'memory' });
});

test('one thing told by several senders is one ground', () => {
  const root = track('disk', '/', 0.8);
  const memory = track('memory', '', 0.9);
  const tracks = [track('disk', '', 0.85, 'k8s'), root, track('memory', '', 0.7, 'k8s'), memory];
  expect(distinctTracks(tracks)).toEqual([memory, root]);
});
