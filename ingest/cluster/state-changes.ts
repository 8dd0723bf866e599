import {
  annotations,
  type ClusterEvent,
  type ClusterSnapshot,
  type ContainerState,
  contentId,
  type EntityRef,
  entityKey,
  type NodeState,
  type PodState,
  type WorkloadState,
  workloadEntity,
  workloadKey,
} from '../../model/index.ts';

// Waiting reasons that say a container cannot start; others (ContainerCreating, PodInitializing) are passing.
const badWaits = new Set([
  'CrashLoopBackOff',
  'ImagePullBackOff',
  'ErrImagePull',
  'InvalidImageName',
  'CreateContainerConfigError',
  'CreateContainerError',
  'RunContainerError',
]);

/**
 * What happened between two snapshots, as events: restarts with their reason, new waiting reasons, nodes that became
 * ready or not, rollouts and scalings. The id follows from entity, reason and the moment of the fact: the termination's
 * own time where the cluster tells it, else the number that changed (restarts, generation), so that one fact seen from two
 * pairs of snapshots is one event.
 */
export function stateChanges(before: ClusterSnapshot, after: ClusterSnapshot): ClusterEvent[] {
  return [
    ...pairs(before.nodes, after.nodes, (node) => node.name).flatMap(([old, node]) =>
      nodeChanges(old, node, after.atMs),
    ),
    ...pairs(before.pods, after.pods, (pod) => pod.uid).flatMap(([old, pod]) => podChanges(old, pod, after.atMs)),
    ...pairs(before.workloads, after.workloads, (workload) => workloadKey(workload.ref)).flatMap(([old, workload]) =>
      workloadChanges(old, workload, after.atMs),
    ),
  ];
}

/** Things that are in both lists. */
function pairs<T>(before: readonly T[], after: readonly T[], keyOf: (item: T) => string): [T, T][] {
  const byKey = new Map(before.map((item) => [keyOf(item), item]));
  return after.flatMap((item) => {
    const old = byKey.get(keyOf(item));
    return old === undefined ? [] : [[old, item] as [T, T]];
  });
}

function nodeChanges(old: NodeState, node: NodeState, atMs: number): ClusterEvent[] {
  if (old.ready === node.ready) return [];
  const entity: EntityRef = { kind: 'node', namespace: '', name: node.name };
  const reason = node.ready ? 'NodeReady' : 'NodeNotReady';
  const message = `Node ${node.name} is ${node.ready ? 'ready again' : 'not ready'}`;
  return [event(entity, reason, node.ready ? 'Normal' : 'Warning', message, atMs, atMs)];
}

function podChanges(old: PodState, pod: PodState, atMs: number): ClusterEvent[] {
  const entity: EntityRef = { kind: 'pod', namespace: pod.namespace, name: pod.name };
  return pairs(old.containers, pod.containers, (container) => container.name).flatMap(([was, is]) => [
    ...restart(entity, was, is, atMs),
    ...waiting(entity, was, is, atMs),
  ]);
}

function restart(entity: EntityRef, was: ContainerState, is: ContainerState, atMs: number): ClusterEvent[] {
  if (is.restarts <= was.restarts) return [];
  const reason = is.lastTerminationReason ?? 'Restarted';
  const message = `Container ${is.name} restarted (${is.restarts} in all): ${reason}`;
  const type = reason === 'Completed' ? 'Normal' : 'Warning';
  const factMs = is.lastTerminatedAtMs ?? atMs;
  return [event(entity, reason, type, message, factMs, `${is.name}/${is.lastTerminatedAtMs ?? is.restarts}`)];
}

function waiting(entity: EntityRef, was: ContainerState, is: ContainerState, atMs: number): ClusterEvent[] {
  const reason = is.waitingReason;
  if (reason === undefined || reason === was.waitingReason || !badWaits.has(reason)) return [];
  const message = `Container ${is.name} is waiting: ${reason}`;
  return [event(entity, reason, 'Warning', message, atMs, `${is.name}/${is.restarts}`)];
}

function workloadChanges(old: WorkloadState, workload: WorkloadState, atMs: number): ClusterEvent[] {
  const entity = workloadEntity(workload.ref);
  const action = workload.annotations[annotations.lastAction];
  const by =
    action !== undefined && action !== old.annotations[annotations.lastAction] ? `kybern ${action}` : 'unknown';
  const scaled = old.replicas !== workload.replicas;
  // A changed number of replicas is one generation; more of them, or other resources, are a change of the template.
  const generations = workload.generation - old.generation - (scaled ? 1 : 0);
  const rolled = generations > 0 || JSON.stringify(old.containers) !== JSON.stringify(workload.containers);
  const changes: ClusterEvent[] = [];
  if (scaled) {
    const message = `${workload.ref.name} scaled from ${old.replicas} to ${workload.replicas} replicas`;
    const change = { what: 'scale', by } as const;
    changes.push({ ...event(entity, 'Scaled', 'Normal', message, atMs, workload.generation), change });
  }
  if (rolled) {
    const message = `${workload.ref.name} has a new template (generation ${workload.generation})`;
    const change = { what: 'rollout', by } as const;
    changes.push({ ...event(entity, 'RolledOut', 'Normal', message, atMs, workload.generation), change });
  }
  return changes;
}

function event(
  entity: EntityRef,
  reason: string,
  type: ClusterEvent['type'],
  message: string,
  atMs: number,
  fact: string | number,
): ClusterEvent {
  return { id: contentId('evt', entityKey(entity), reason, fact), atMs, entity, reason, type, message };
}
