import {
  type ClusterPort,
  type ContainerResources,
  type TemplatePatch,
  type WorkloadRef,
  type WriteOptions,
  type WriteResult,
  workloadEntity,
  workloadKey,
} from '../../model/index.ts';
import { livePods, nodeView, podView, workloadView } from './cluster-views.ts';
import {
  findPod,
  findWorkload,
  invalidResources,
  mergeResources,
  refused,
  resizeRefusal,
  type WorldWrite,
} from './cluster-writes.ts';
import type { EventFeed } from './event-feed.ts';
import type { WorldState } from './world-state.ts';

type ClusterWrite = Exclude<WorldWrite, { type: 'go-live' }>;

/**
 * The shop's cluster behind the port that the Kubernetes client implements. Writes are checked as an API server does
 * (404, 409 on a stale resourceVersion, 422) and take effect at the world's present moment.
 */
export function createSimulatedCluster(
  state: WorldState,
  feed: EventFeed,
  commit: (write: ClusterWrite) => number,
): ClusterPort {
  function checked(
    object: { readonly resourceVersion: number } | undefined,
    name: string,
    options: WriteOptions,
    invalid: () => WriteResult | undefined,
    write: ClusterWrite,
  ): WriteResult {
    if (object === undefined) return refused(404, 'NotFound', `${name} not found`);
    if (String(object.resourceVersion) !== options.resourceVersion) {
      const detail = `${name}: the object has been modified (is ${object.resourceVersion}, not ${options.resourceVersion})`;
      return { outcome: 'conflict', detail };
    }
    const refusal = invalid();
    if (refusal !== undefined) return refusal;
    if (options.dryRun === true) return { outcome: 'applied', resourceVersion: options.resourceVersion };
    return { outcome: 'applied', resourceVersion: String(commit(write)) };
  }

  return {
    name: 'shop simulator',
    async snapshot() {
      return {
        atMs: state.nowMs,
        workloads: state.workloads.map(workloadView),
        pods: state.workloads.flatMap((workload) => livePods(workload).map(podView)),
        nodes: state.nodes.map(nodeView),
      };
    },
    watch: (report, signal) => feed.watch(report, signal),
    async workload(target) {
      const workload = findWorkload(state, target);
      return workload === undefined ? undefined : workloadView(workload);
    },
    async pods(target) {
      const workload = findWorkload(state, target);
      return workload === undefined ? [] : livePods(workload).map(podView);
    },
    async scale(target: WorkloadRef, replicas: number, options: WriteOptions) {
      const invalid = () =>
        Number.isInteger(replicas) && replicas >= 0
          ? undefined
          : refused(422, 'Invalid', `spec.replicas: ${replicas} must be a whole number of at least 0`);
      const write = { type: 'scale', target, replicas, actionId: options.actionId } as const;
      return checked(findWorkload(state, target), workloadKey(target), options, invalid, write);
    },
    async patchTemplate(target: WorkloadRef, patch: TemplatePatch, options: WriteOptions) {
      const workload = findWorkload(state, target);
      const invalid = () => {
        if (workload === undefined || patch.resources === undefined) return undefined;
        const { container, to } = patch.resources;
        if (container !== workload.spec.name) return refused(422, 'Invalid', `template has no container ${container}`);
        const problem = invalidResources(mergeResources(workload.template.resources, to));
        return problem === undefined ? undefined : refused(422, 'Invalid', problem);
      };
      const write = { type: 'patch-template', target, patch, actionId: options.actionId } as const;
      return checked(workload, workloadKey(target), options, invalid, write);
    },
    async resizePod(
      pod: { readonly namespace: string; readonly name: string },
      container: string,
      resources: ContainerResources,
      options: WriteOptions,
    ) {
      const found = findPod(state, pod);
      const invalid = () => (found === undefined ? undefined : resizeRefusal(found, container, resources, state));
      const write = { type: 'resize-pod', pod: { namespace: pod.namespace, name: pod.name }, resources } as const;
      return checked(found, `Pod/${pod.namespace}/${pod.name}`, options, invalid, write);
    },
    async announce(target, reason, message) {
      feed.add({ entity: workloadEntity(target), reason, type: 'Normal', message }, state.nowMs);
    },
  };
}
