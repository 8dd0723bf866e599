import { type Cause, type ClusterSnapshot, type WorkloadRef, workloadKey, workloadKinds } from '../../model/index.ts';

/** The workload that a cause is about: itself, the owner of the pod or container, or the one behind the service. */
export function targetOfCause(
  { entity }: Cause,
  snapshot: ClusterSnapshot,
  workloadOfService: ReadonlyMap<string, string>,
): WorkloadRef | undefined {
  const { namespace, name } = entity;
  const refs = snapshot.workloads.map(({ ref }) => ref);
  const byKey = (key: string | undefined) => refs.find((ref) => workloadKey(ref) === key);
  switch (entity.kind) {
    case 'workload': {
      const kind = workloadKinds.find((candidate) => name.startsWith(`${candidate}/`));
      return kind === undefined ? undefined : byKey(`${kind}/${namespace}/${name.slice(kind.length + 1)}`);
    }
    case 'pod':
    case 'container': {
      const podName = name.split('/')[0];
      const owner = snapshot.pods.find((pod) => pod.namespace === namespace && pod.name === podName)?.owner;
      return owner === undefined ? undefined : byKey(workloadKey(owner));
    }
    case 'service': {
      const tied = byKey(workloadOfService.get(`${namespace}/${name}`));
      const named = refs.filter((ref) => ref.name === name && (namespace === '' || ref.namespace === namespace));
      return tied ?? (named.length === 1 ? named[0] : undefined);
    }
    default:
      return undefined;
  }
}
