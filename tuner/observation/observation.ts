import {
  type ClusterSnapshot,
  firstLabel,
  type labelValue,
  type PodState,
  type SampleBatch,
  type SeriesCatalog,
  type SloStatus,
  type TunerInput,
  type WorkloadRef,
  workloadKey,
} from '../../model/index.ts';
import { createSlot, takeSample, type UsageSlot } from './pod-usage.ts';
import { usageRoleOf } from './usage-role.ts';
import { createPodTrack, createWorkloadTrack, type PodTrack, podKey, type WorkloadTrack } from './workload-track.ts';

/** All that was seen so far: what evaluations read, and what a checkpoint holds. */
export interface Observation {
  readonly pods: Map<string, PodTrack>;
  readonly workloads: Map<string, WorkloadTrack>;
  /** Latest standing by service, `namespace/service`. */
  readonly slos: Map<string, SloStatus>;
  /** Workload key by service, as resource attributes name both. */
  readonly workloadOfService: Map<string, string>;
  readonly snapshot: ClusterSnapshot | undefined;
  /** Before a checkpoint is put in: another listing, and every series met anew. */
  reset(snapshot: ClusterSnapshot | undefined): void;
  observe(input: TunerInput): void;
  /** Forgets pods and workloads that are gone. */
  forget(): void;
}

/** Series that say nothing of usage are asked about once and skipped from then on. */
type SeriesSlot = UsageSlot | null | undefined;

/**
 * Watches samples, listings and standings go by. A sample costs one array look-up; nothing is allocated for it.
 * `points`: length of the histories of load.
 */
export function createObservation(catalog: SeriesCatalog, points: number): Observation {
  const pods = new Map<string, PodTrack>();
  const workloads = new Map<string, WorkloadTrack>();
  const workloadOfService = new Map<string, string>();
  const slos = new Map<string, SloStatus>();
  let slotOfSeries: SeriesSlot[] = [];
  let snapshot: ClusterSnapshot | undefined;

  function meet(series: number): SeriesSlot {
    const definition = catalog.get(series);
    noteService(definition.labels);
    const role = usageRoleOf(definition);
    if (role === undefined) return null;
    const key = podKey(definition.entity);
    let track = pods.get(key);
    if (track === undefined) {
      track = createPodTrack();
      pods.set(key, track);
    }
    // After a checkpoint was loaded the slot is there already.
    const known = track.slots.find((slot) => slot.series === series);
    if (known !== undefined) return known;
    const slot = createSlot(series, role);
    track.slots.push(slot);
    return slot;
  }

  function noteService(labels: Parameters<typeof labelValue>[0]): void {
    const service = firstLabel(labels, 'service.name', 'service_name');
    const namespace = firstLabel(labels, 'k8s.namespace.name', 'k8s_namespace_name', 'service.namespace') ?? '';
    const deployment = firstLabel(labels, 'k8s.deployment.name', 'k8s_deployment_name');
    const statefulSet = firstLabel(labels, 'k8s.statefulset.name', 'k8s_statefulset_name');
    if (service === undefined || (deployment === undefined && statefulSet === undefined)) return;
    const ref: WorkloadRef =
      deployment === undefined
        ? { kind: 'StatefulSet', namespace, name: statefulSet ?? '' }
        : { kind: 'Deployment', namespace, name: deployment };
    workloadOfService.set(`${namespace}/${service}`, workloadKey(ref));
  }

  function observeSamples({ count, series, timesMs, values }: SampleBatch): void {
    for (let row = 0; row < count; row++) {
      const id = series[row];
      let slot = slotOfSeries[id];
      if (slot === undefined) {
        slot = meet(id);
        slotOfSeries[id] = slot;
      }
      if (slot !== null && slot !== undefined) takeSample(slot, timesMs[row], values[row]);
    }
  }

  function observeSnapshot(next: ClusterSnapshot): void {
    if (snapshot !== undefined && next.atMs < snapshot.atMs) return;
    snapshot = next;
    for (const workload of next.workloads) {
      const key = workloadKey(workload.ref);
      if (!workloads.has(key)) workloads.set(key, createWorkloadTrack(workload, next.atMs, points));
    }
  }

  return {
    pods,
    workloads,
    slos,
    workloadOfService,
    get snapshot() {
      return snapshot;
    },
    reset(next) {
      snapshot = next;
      slotOfSeries = [];
    },
    observe({ samples, cluster, slos: standings }) {
      for (const batch of samples) observeSamples(batch);
      for (const batch of cluster) if (batch.snapshot !== undefined) observeSnapshot(batch.snapshot);
      for (const status of standings) slos.set(`${status.namespace}/${status.service}`, status);
    },
    forget() {
      if (snapshot === undefined) return;
      const livePods = new Set(snapshot.pods.map(podKey));
      const oldestMs = snapshot.atMs - 600_000;
      let gone = false;
      for (const [key, track] of pods) {
        // Samples of a pod may come before the listing that has it.
        if (livePods.has(key) || track.slots.some((slot) => Math.max(slot.atMs, slot.rawAtMs) >= oldestMs)) continue;
        pods.delete(key);
        gone = true;
      }
      // Slots are met anew on the next sample of their series.
      if (gone) slotOfSeries = [];
      const live = new Set(snapshot.workloads.map(({ ref }) => workloadKey(ref)));
      for (const key of workloads.keys()) if (!live.has(key)) workloads.delete(key);
    },
  };
}

/** A workload's pods that take part: neither finished nor failed. */
export function podsOf(snapshot: ClusterSnapshot, ref: WorkloadRef): PodState[] {
  const key = workloadKey(ref);
  return snapshot.pods.filter(
    ({ owner, phase }) =>
      owner !== undefined && workloadKey(owner) === key && phase !== 'Succeeded' && phase !== 'Failed',
  );
}
