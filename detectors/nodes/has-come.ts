import type { Resource } from './metric-roles.ts';
import type { NodeRecord } from './node-record.ts';
import { exhausted, type ResourceTrack } from './resource-track.ts';

/** The kubelet frees what it finds short, so that a resource at its limit need not be full. */
const pressureOf: Partial<Record<Resource, string>> = {
  disk: 'DiskPressure',
  inodes: 'DiskPressure',
  memory: 'MemoryPressure',
  pids: 'PIDPressure',
};

/**
 * Whether what was foretold has come and holds: the node is not ready, or something that its anomaly foretold the end of is
 * at its limit now. What is full grows no more, and what is down shows no new signs: that those ended says nothing then. A
 * reading stands in for the present until others of the node are `staleMs` newer.
 */
export function hasCome(node: NodeRecord, staleMs: number): boolean {
  return !node.ready || node.tracks.some((track) => track.foretold === true && isAtLimit(node, track, staleMs));
}

function isAtLimit(node: NodeRecord, { resource, used, takenMs }: ResourceTrack, staleMs: number): boolean {
  const pressure = pressureOf[resource];
  if (pressure !== undefined && node.holding.includes(pressure)) return true;
  return used >= exhausted && node.heardMs - takenMs <= staleMs;
}
