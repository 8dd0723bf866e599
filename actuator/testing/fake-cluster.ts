import {
  annotations,
  type ClusterPort,
  type ContainerResources,
  type NodeState,
  optInLabel,
  type PodState,
  type WorkloadRef,
  type WorkloadState,
  type WriteOptions,
  type WriteResult,
  workloadKey,
} from '../../model/index.ts';

/**
 * What happens to a write: `lost` and `late` answer with an unknown outcome, without and after taking effect; `hang-…`
 * never answer, as when the process is killed while the call is under way.
 */
export type WriteFault = 'none' | 'conflict' | 'overload' | 'invalid' | 'lost' | 'late' | 'hang-before' | 'hang-after';

export interface RecordedWrite {
  readonly verb: string;
  readonly target: string;
  readonly actionId: string;
  readonly effective: boolean;
}

type Writable<T> = { -readonly [key in keyof T]: T[key] };

/** A cluster in memory with faults to order, that records every write by itself: the independent witness of the tests. */
export interface FakeCluster extends ClusterPort {
  /** Real writes (no dry runs), in order. */
  readonly recorded: RecordedWrite[];
  readonly announced: string[];
  readonly dryRuns: number;
  /** Faults of the coming writes, first first; none when empty. */
  readonly faults: WriteFault[];
  /** Rollouts stop short of completion while this is set. */
  stuck: boolean;
  /** Reads fail while this is set. */
  down: boolean;
  readonly nodes: Writable<NodeState>[];
  edit(target: WorkloadRef, change: (workload: Writable<WorkloadState>) => void): void;
}

export const cart: WorkloadRef = { kind: 'Deployment', namespace: 'shop', name: 'cart' };
export const mebibyte = 1_048_576;
export const cartResources: ContainerResources = {
  requests: { cpuCores: 0.5, memoryBytes: 128 * mebibyte },
  limits: { cpuCores: 1, memoryBytes: 256 * mebibyte },
};

export function createFakeCluster(
  options: { readonly replicas?: number; readonly labels?: Readonly<Record<string, string>> } = {},
): FakeCluster {
  const faults: WriteFault[] = [];
  const recorded: RecordedWrite[] = [];
  const announced: string[] = [];
  let version = 100;
  let dryRuns = 0;
  const workload: Writable<WorkloadState> = {
    ref: cart,
    uid: 'uid-cart',
    resourceVersion: '100',
    generation: 1,
    observedGeneration: 1,
    labels: options.labels ?? { [optInLabel]: 'true' },
    annotations: {},
    replicas: options.replicas ?? 2,
    readyReplicas: options.replicas ?? 2,
    updatedReplicas: options.replicas ?? 2,
    containers: [{ name: 'cart', resources: cartResources }],
  };
  let pods: Writable<PodState>[] = [];
  const nodes: Writable<NodeState>[] = ['a', 'b', 'c'].map((name) => ({
    name,
    ready: true,
    unschedulable: false,
    allocatable: { cpuCores: 8, memoryBytes: 32 * 1024 * mebibyte },
    pressures: [],
  }));

  function nextVersion(): string {
    version += 1;
    return String(version);
  }

  function startPods(): void {
    pods = Array.from({ length: workload.replicas }, (_, index) => ({
      namespace: cart.namespace,
      name: `cart-${index}`,
      uid: `uid-cart-${index}`,
      resourceVersion: nextVersion(),
      phase: 'Running' as const,
      ready: true,
      startedAtMs: 0,
      node: nodes[index % nodes.length].name,
      owner: cart,
      labels: {},
      containers: workload.containers.map(({ name, resources }) => ({ name, resources, restarts: 0, ready: true })),
    }));
  }
  startPods();

  function rollOut(api: FakeCluster): void {
    workload.generation += 1;
    workload.observedGeneration = workload.generation;
    workload.updatedReplicas = api.stuck ? 0 : workload.replicas;
    workload.readyReplicas = api.stuck ? Math.min(workload.readyReplicas, workload.replicas) : workload.replicas;
    if (!api.stuck) startPods();
  }

  function write(
    verb: string,
    object: { resourceVersion: string } | undefined,
    { resourceVersion, actionId, dryRun }: WriteOptions,
    effect: () => void,
  ): Promise<WriteResult> {
    if (object === undefined) {
      return Promise.resolve({ outcome: 'refused', status: 404, reason: 'NotFound', detail: `${verb}: not found` });
    }
    const stale = object.resourceVersion !== resourceVersion;
    if (dryRun === true) {
      dryRuns += 1;
      return Promise.resolve(
        stale ? { outcome: 'conflict', detail: 'stale' } : { outcome: 'applied', resourceVersion },
      );
    }
    const fault = faults.shift() ?? 'none';
    const takesEffect = !stale && (fault === 'none' || fault === 'late' || fault === 'hang-after');
    recorded.push({ verb, target: workloadKey(cart), actionId, effective: takesEffect });
    if (takesEffect) {
      effect();
      object.resourceVersion = nextVersion();
    }
    if (fault === 'hang-before' || fault === 'hang-after') return new Promise(() => {});
    if (fault === 'lost' || fault === 'late') return Promise.resolve({ outcome: 'unknown', detail: 'socket hang up' });
    if (fault === 'overload') {
      return Promise.resolve({ outcome: 'refused', status: 429, reason: 'TooManyRequests', detail: 'slow down' });
    }
    if (fault === 'invalid') {
      return Promise.resolve({ outcome: 'refused', status: 422, reason: 'Invalid', detail: 'not valid' });
    }
    if (stale || fault === 'conflict')
      return Promise.resolve({ outcome: 'conflict', detail: 'the object has been modified' });
    return Promise.resolve({ outcome: 'applied', resourceVersion: object.resourceVersion });
  }

  const known = (target: WorkloadRef) => (workloadKey(target) === workloadKey(cart) ? workload : undefined);
  const read = <T>(value: T): Promise<T> =>
    api.down ? Promise.reject(new Error('connection refused')) : Promise.resolve(structuredClone(value));

  const api: FakeCluster = {
    name: 'fake',
    recorded,
    announced,
    faults,
    nodes,
    stuck: false,
    down: false,
    get dryRuns() {
      return dryRuns;
    },
    edit(_target, change) {
      change(workload);
      workload.resourceVersion = nextVersion();
    },
    snapshot: () => read({ atMs: 0, workloads: [workload], pods, nodes }),
    watch: () => Promise.resolve(),
    workload: (target) => read(known(target)),
    pods: (target) => read(known(target) === undefined ? [] : pods),
    scale: (target, replicas, writeOptions) =>
      write('scale', known(target), writeOptions, () => {
        workload.replicas = replicas;
        rollOut(api);
      }),
    patchTemplate: (target, patch, writeOptions) =>
      write('patch-template', known(target), writeOptions, () => {
        const { resources } = patch;
        workload.annotations = { ...workload.annotations, [annotations.lastAction]: writeOptions.actionId };
        workload.containers = workload.containers.map((container) =>
          resources?.container === container.name ? { ...container, resources: resources.to } : container,
        );
        rollOut(api);
      }),
    resizePod(pod, container, resources, writeOptions) {
      const found = pods.find(({ name }) => name === pod.name);
      return write('resize-pod', found, writeOptions, () => {
        if (found === undefined) return;
        found.containers = found.containers.map((each) => (each.name === container ? { ...each, resources } : each));
      });
    },
    announce(_target, reason) {
      announced.push(reason);
      return Promise.resolve();
    },
  };
  return api;
}
