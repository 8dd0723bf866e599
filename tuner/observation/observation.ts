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
import { createSlot, type UsageSlot } from './pod-usage.ts';
import { usageRoleOf } from './usage-role.ts';
import { createUsageTable } from './usage-table.ts';
import { createWorkloadTrack, type PodTrack, podKey, type SavedPod, type WorkloadTrack } from './workload-track.ts';

/** All that was seen so far: what evaluations read, and what a checkpoint holds. */
export interface Observation {
  readonly pods: Map<string, PodTrack>;
  readonly workloads: Map<string, WorkloadTrack>;
  /** Latest standing by service, `namespace/service`. */
  readonly slos: Map<string, SloStatus>;
  /** Workload key by service, as resource attributes name both. */
  readonly workloadOfService: Map<string, string>;
  readonly snapshot: ClusterSnapshot | undefined;
  /** The latest readings of a pod's series. */
  readingsOf(track: PodTrack): readonly UsageSlot[];
  savedPods(): Iterable<readonly [string, SavedPod]>;
  /** Before a checkpoint is put in: another listing, no pods, and every series met anew. */
  reset(snapshot: ClusterSnapshot | undefined): void;
  putPod(key: string, pod: SavedPod): void;
  observe(input: TunerInput): void;
  /** Forgets pods and workloads that are gone. */
  forget(): void;
}

const unseen = 0;
/** Series that say nothing of usage are asked about once and skipped from then on. */
const noUsage = -1;

/**
 * Watches samples, listings and standings go by. A sample costs one array look-up; nothing is allocated for it.
 * `points`: length of the histories of load.
 */
export function createObservation(catalog: SeriesCatalog, points: number): Observation {
  const pods = new Map<string, PodTrack>();
  const workloads = new Map<string, WorkloadTrack>();
  const workloadOfService = new Map<string, string>();
  const slos = new Map<string, SloStatus>();
  const usage = createUsageTable();
  /** By catalogue id: the row of its readings plus one. */
  let rowOfSeries = new Int32Array(1024);
  let snapshot: ClusterSnapshot | undefined;

  function meet(series: number): number {
    const definition = catalog.get(series);
    noteService(definition.labels);
    const role = usageRoleOf(definition);
    if (role === undefined) return noUsage;
    const key = podKey(definition.entity);
    const track: PodTrack = pods.get(key) ?? { rows: [] };
    pods.set(key, track);
    // After a checkpoint was loaded the row is there already.
    const known = track.rows.find((row) => usage.seriesOf(row) === series);
    if (known !== undefined) return known + 1;
    const row = usage.add(createSlot(series, role));
    track.rows = [...track.rows, row];
    return row + 1;
  }

  function reserve(series: number): void {
    if (series < rowOfSeries.length) return;
    const grown = new Int32Array(Math.max(series + 1, rowOfSeries.length + (rowOfSeries.length >> 1)));
    grown.set(rowOfSeries);
    rowOfSeries = grown;
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
    for (let at = 0; at < count; at++) {
      const id = series[at];
      reserve(id);
      let row = rowOfSeries[id];
      if (row === unseen) {
        row = meet(id);
        rowOfSeries[id] = row;
      }
      if (row !== noUsage) usage.sample(row - 1, timesMs[at], values[at]);
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
    readingsOf: ({ rows }) => rows.map(usage.at),
    *savedPods() {
      for (const [key, { rows, memory }] of pods)
        yield [key, { slots: rows.map(usage.at), ...(memory === undefined ? {} : { memory }) }];
    },
    reset(next) {
      snapshot = next;
      for (const { rows } of pods.values()) rows.forEach(usage.give);
      pods.clear();
      rowOfSeries.fill(unseen);
    },
    putPod(key, { slots, memory }) {
      pods.set(key, { rows: slots.map(usage.add), ...(memory === undefined ? {} : { memory }) });
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
        if (livePods.has(key) || track.rows.some((row) => usage.newestMs(row) >= oldestMs)) continue;
        track.rows.forEach(usage.give);
        pods.delete(key);
        gone = true;
      }
      // Rows are met anew on the next sample of their series.
      if (gone) rowOfSeries.fill(unseen);
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
