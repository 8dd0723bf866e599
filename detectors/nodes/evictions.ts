import type { NodesConfig } from './config.ts';
import type { ResourceTrack } from './resource-track.ts';

const kubeletRoot = '/var/lib/kubelet';

/**
 * The share of a resource from which the kubelet evicts pods: of the file system that its root directory is on (Kubernetes,
 * node-pressure eviction: `nodefs`). 1 for all others; of one for images what is not used is deleted first.
 */
export function evictsFrom(
  track: ResourceTrack,
  tracks: readonly ResourceTrack[],
  { evictFrom }: Pick<NodesConfig, 'evictFrom'>,
): number {
  const { resource, place } = track;
  if (resource !== 'disk' && resource !== 'inodes') return 1;
  return place === rootsPlace(track, tracks) ? evictFrom[resource] : 1;
}

/** The mount point that the kubelet's root directory lies on: the deepest of those above it that the same sender tells of. */
function rootsPlace({ resource, family }: ResourceTrack, tracks: readonly ResourceTrack[]): string | undefined {
  return tracks
    .filter((other) => other.resource === resource && other.family === family && isAbove(other.place, kubeletRoot))
    .map(({ place }) => place)
    .sort((a, b) => b.length - a.length)[0];
}

/** A sender that tells of one file system only calls it ''. */
function isAbove(place: string, path: string): boolean {
  return place === '' || place === '/' || path === place || path.startsWith(`${place}/`);
}
