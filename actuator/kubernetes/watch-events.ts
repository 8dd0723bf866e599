import type { CoreV1Event, V1Node, V1Pod, V2HorizontalPodAutoscaler } from '@kubernetes/client-node';
import { type ClusterEvent, contentId, type EntityRef } from '../../model/index.ts';
import { followConfigMaps } from './follow-config-maps.ts';
import { followScalers } from './follow-scalers.ts';
import { followStates, markOfNode, markOfPod } from './follow-states.ts';
import { type AnyWorkload, followWorkloads } from './follow-workloads.ts';
import { type Listed, type WatchedResource, type WatchRim, watchResource } from './watch-resource.ts';

export interface WatchDeps extends WatchRim {
  /** A namespace each, or undefined for all. */
  readonly namespaces: readonly (string | undefined)[];
  /** Also called with no event where something changed that only a look at the cluster explains. */
  readonly report: (events: readonly ClusterEvent[]) => void;
}

/**
 * Lists, then watches, the cluster's events, workloads, autoscalers, nodes, pods and the metadata of ConfigMaps until the
 * signal aborts.
 */
export async function watchEvents(deps: WatchDeps): Promise<void> {
  const nodes = followStates<V1Node>(markOfNode, () => deps.report([]));
  await Promise.all([
    watchResource(deps, { name: 'nodes', path: '/api/v1/nodes', ...nodes }),
    ...deps.namespaces.map((namespace) => watchNamespace(deps, namespace)),
  ]);
}

async function watchNamespace(deps: WatchDeps, namespace: string | undefined): Promise<void> {
  const { report, clock } = deps;
  const nowMs = () => clock.now();
  const pathOf = (group: string, name: string) =>
    `${group}${namespace === undefined ? '' : `/namespaces/${encodeURIComponent(namespace)}`}/${name}`;
  const follow = <T extends Listed>(group: string, name: string, of: Omit<WatchedResource<T>, 'name' | 'path'>) =>
    watchResource<T>(deps, { name, path: pathOf(group, name), ...of });
  const workloads = (['Deployment', 'StatefulSet', 'DaemonSet'] as const).map((kind) => ({
    kind,
    ...followWorkloads(kind, report, nowMs),
  }));
  const usersOf = (within: string, configMap: string) => workloads.flatMap((kind) => kind.usersOf(within, configMap));

  await Promise.all([
    follow<CoreV1Event>('/api/v1', 'events', {
      // What happened before the first look is history.
      latestOnly: true,
      listed: () => {},
      changed: (type, event) => {
        if (type !== 'DELETED') report([convertEvent(event, nowMs())]);
      },
    }),
    follow<V1Pod>(
      '/api/v1',
      'pods',
      followStates<V1Pod>(markOfPod, () => report([])),
    ),
    follow<V2HorizontalPodAutoscaler>('/apis/autoscaling/v2', 'horizontalpodautoscalers', followScalers(report, nowMs)),
    follow<Listed>('/api/v1', 'configmaps', { metadataOnly: true, ...followConfigMaps(usersOf, report) }),
    ...workloads.map(({ kind, listed, changed }) =>
      follow<AnyWorkload>('/apis/apps/v1', `${kind.toLowerCase()}s`, { listed, changed }),
    ),
  ]);
}

/**
 * A Kubernetes Event as a fact about its object. Whether it was a rollout is not read from it: ScalingReplicaSet tells of
 * plain scaling too, so changes come from comparing snapshots.
 */
export function convertEvent(event: CoreV1Event, nowMs: number): ClusterEvent {
  const atMs = new Date(event.lastTimestamp ?? event.eventTime ?? event.firstTimestamp ?? nowMs).getTime();
  return {
    id: contentId('evt', event.metadata?.uid ?? '', event.count ?? 1),
    atMs,
    entity: entityOfObject(event.involvedObject),
    reason: event.reason ?? 'Unknown',
    type: event.type === 'Warning' ? 'Warning' : 'Normal',
    message: event.message ?? '',
  };
}

const followedKinds = new Set(['Deployment', 'StatefulSet', 'DaemonSet']);

function entityOfObject(object: { kind?: string; namespace?: string; name?: string }): EntityRef {
  const { kind = '', namespace = '', name = '' } = object;
  if (kind === 'Pod') return { kind: 'pod', namespace, name };
  if (kind === 'Node') return { kind: 'node', namespace: '', name };
  if (followedKinds.has(kind)) return { kind: 'workload', namespace, name: `${kind}/${name}` };
  return { kind: 'namespace', namespace: '', name: namespace };
}
