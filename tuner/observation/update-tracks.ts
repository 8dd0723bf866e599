import { hpaReplicas, stabilised } from '../baselines/hpa.ts';
import { observeOomKill, observeUsage } from '../baselines/vpa.ts';
import type { TunerConfig } from '../config.ts';
import { addToSeason } from '../forecast/season.ts';
import { pushPoint } from './ring.ts';
import { isShortOfMemory } from './short-of-memory.ts';
import { createMemoryRing, memoryPointMs } from './workload-track.ts';
import type { WorkloadView } from './workload-view.ts';

const usualHalfLifeMs = 6 * 3_600_000;

/** Writes what is seen now into the workload's histories: once an evaluation. */
export function updateTracks(view: WorkloadView, config: TunerConfig): void {
  const { track, atMs, workload, pods } = view;
  if (view.cpuCores !== undefined) noteCpu(view, view.cpuCores, config);
  if (view.slo !== undefined) pushPoint(track.rate, view.slo.atMs, view.slo.requestRate);
  noteMoment(view, config);
  const cpuRequest = podRequest(view);
  for (const { track: podTrack, cpu, memory } of pods) {
    observeUsage(track.vpa, atMs, cpu?.value, memory?.value, cpuRequest);
    if (podTrack === undefined || memory === undefined) continue;
    podTrack.memory ??= createMemoryRing();
    const times = podTrack.memory.timesMs;
    if (times.length === 0 || memory.atMs - times[times.length - 1] >= memoryPointMs) {
      pushPoint(podTrack.memory, memory.atMs, memory.value);
    }
  }
  noteOomKills(view);
  if (view.listed) stabilised(track.hpa, atMs, hpaWish(view, config), 300);
  noteReplicas(view);
  track.lastEvaluatedMs = atMs;
  track.lastReplicas = workload.replicas;
}

function noteCpu(view: WorkloadView, cpuCores: number, config: TunerConfig): void {
  const { track, atMs } = view;
  const keep = Number.isFinite(track.usualCpu) ? 2 ** (-(atMs - track.lastEvaluatedMs) / usualHalfLifeMs) : 0;
  track.usualCpu = keep === 0 ? cpuCores : keep * track.usualCpu + (1 - keep) * cpuCores;
  // What a rollout's starting pods burn, and pods in want of memory, is not load.
  if (view.rollingOut || isShortOfMemory(view)) return;
  pushPoint(track.cpu, atMs, cpuCores);
  addToSeason(track.season, config.seasonSeconds * 1000, atMs, cpuCores);
}

function noteMoment(view: WorkloadView, config: TunerConfig): void {
  const { track, slo, cpuCores, podCpuCores, workload, atMs } = view;
  const last = track.moments.at(-1);
  if (slo === undefined || cpuCores === undefined || podCpuCores === undefined || slo.atMs === last?.atMs) return;
  if (view.rollingOut || workload.readyReplicas < 1) return;
  track.moments.push({
    atMs: slo.atMs,
    requestRate: slo.requestRate,
    cpuCores,
    latencyP95Ms: slo.latencyP95Ms,
    replicas: workload.readyReplicas,
    coresPerPod: podCpuCores,
  });
  while (track.moments.length > 0 && track.moments[0].atMs < atMs - config.historySeconds * 1000) track.moments.shift();
}

function noteOomKills({ pods, track, atMs }: WorkloadView): void {
  for (const { pod } of pods) {
    for (const container of pod.containers) {
      const killedMs = container.lastTerminatedAtMs ?? 0;
      if (container.lastTerminationReason !== 'OOMKilled' || killedMs <= track.lastOomMs) continue;
      observeOomKill(track.vpa, atMs, container.resources.limits.memoryBytes ?? 0);
      track.lastOomMs = killedMs;
    }
  }
}

// Replicas that nobody proposed are the owner's word.
function noteReplicas({ track, workload }: WorkloadView): void {
  if (workload.replicas !== track.lastReplicas && !track.proposedReplicas.includes(workload.replicas)) {
    track.declaredReplicas = workload.replicas;
  }
}

/** What a stock HPA on CPU would want now, before its stabilisation. */
export function hpaWish(view: WorkloadView, config: TunerConfig): number {
  const request = podRequest(view);
  if (!(request > 0)) return view.workload.replicas;
  return hpaReplicas({
    replicas: view.workload.replicas,
    pods: view.pods.map(({ pod, cpu }) => ({ ready: pod.ready, usage: cpu?.value, request })),
    targetUtilisation: config.hpaUtilisation,
    tolerance: 0.1,
    ...view.bounds,
  });
}

function podRequest({ workload }: WorkloadView): number {
  return workload.containers.reduce(
    (sum, { resources }) => sum + (resources.requests.cpuCores ?? resources.limits.cpuCores ?? 0),
    0,
  );
}
