import type { ServiceDisturbance } from '../load.ts';
import { deletePod } from '../pods.ts';
import { reportChange } from '../rollout.ts';
import type { Boost } from '../traffic.ts';
import { isLeaving, nextVersion, templateHash, type WorldState } from '../world-state.ts';
import type { Fault } from './fault.ts';
import { surgeRoutes } from './fault-schedule.ts';

/** A node is found NotReady after this long, and its pods are replaced after this much more. */
const nodeGraceMs = 20_000;
const evictionMs = 40_000;

const atRest: ServiceDisturbance = { burn: 0, slowness: 1 };

/** Makes the planned faults act on the world, tick by tick. */
export interface FaultEffects {
  /** Begins, carries on and ends what needs an act at a moment: leaks, nodes, rollouts. */
  advance(faults: readonly Fault[]): void;
  boosts(): readonly Boost[];
  disturbanceOf(service: string): ServiceDisturbance;
  leakBytesPerRequest(service: string): number;
}

export function createFaultEffects(state: WorldState): FaultEffects {
  const begun = new Set<string>();
  const ended = new Set<string>();
  const leaks = new Map<string, number>();
  let active: readonly Fault[] = [];

  function begin(fault: Fault): void {
    if (fault.kind === 'memory-leak') leaks.set(fault.target, leakRate(state, fault));
    if (fault.kind === 'node-down') {
      const node = state.nodes.find((candidate) => candidate.name === fault.target);
      if (node !== undefined) node.downSinceMs = state.nowMs;
    }
    if (fault.kind === 'bad-rollout') release(fault, fault.magnitude);
  }

  function end(fault: Fault): void {
    if (fault.kind === 'memory-leak') leaks.delete(fault.target);
    if (fault.kind === 'node-down') restoreNode(state, fault.target);
    if (fault.kind === 'bad-rollout') release(fault, 0);
  }

  function release(fault: Fault, failing: number): void {
    const workload = state.byService.get(fault.target);
    if (workload === undefined) return;
    const revision = workload.template.revision + 1;
    const hash = templateHash(state.seed, workload.spec.name, revision);
    workload.template = { ...workload.template, revision, hash, failing };
    workload.generation += 1;
    workload.resourceVersion = nextVersion(state);
    const message = `Scaled up replica set ${workload.spec.name}-${hash} to 1`;
    reportChange(workload, state, 'rollout', message, 'release-pipeline');
  }

  return {
    advance(faults) {
      active = faults.filter((fault) => fault.onsetMs <= state.nowMs && state.nowMs < fault.endMs);
      for (const fault of faults) {
        if (fault.onsetMs > state.nowMs || ended.has(fault.id)) continue;
        if (!begun.has(fault.id)) begin(fault);
        begun.add(fault.id);
        if (fault.endMs > state.nowMs) continue;
        end(fault);
        ended.add(fault.id);
      }
      for (const node of state.nodes) loseNode(state, node.name);
    },
    boosts: () =>
      active
        .filter((fault) => fault.kind === 'traffic-surge')
        .map((fault) => ({
          route: surgeRoutes[fault.target] ?? fault.target,
          factor: surgeFactor(fault, state.nowMs),
        })),
    disturbanceOf(service) {
      let { burn, slowness } = atRest;
      for (const fault of active) {
        if (fault.kind === 'cpu-hog' && fault.target === service) burn += fault.magnitude;
        if (fault.kind === 'slow-database' && fault.target === service) slowness *= fault.magnitude;
      }
      return { burn, slowness };
    },
    leakBytesPerRequest: (service) => leaks.get(service) ?? 0,
  };
}

/**
 * Bytes that each request leaves behind, so that a pod at the onset's traffic needs `magnitude` seconds to the limit it
 * has by then.
 */
function leakRate(state: WorldState, fault: Fault): number {
  const workload = state.byService.get(fault.target);
  if (workload === undefined) return 0;
  const { liveShare, garbageShare, memoryLimitBytes } = workload.spec;
  const ready = workload.pods.filter((pod) => pod.ready);
  const limits = ready.map(({ resources }) => resources.limits.memoryBytes ?? memoryLimitBytes);
  const limit = limits.length === 0 ? memoryLimitBytes : Math.min(...limits);
  const room = Math.max(0, limit - (liveShare + garbageShare / 2) * memoryLimitBytes);
  const ratePerPod = Math.max(1, workload.load.usualRate / Math.max(1, ready.length));
  return room / (fault.magnitude * ratePerPod);
}

/** What comes on top of the usual traffic, in units of it: a straight rise, a plateau, a fall of 20 s. */
function surgeFactor(fault: Fault, nowMs: number): number {
  const risen = Math.min(1, (nowMs - fault.onsetMs) / Math.max(1, fault.rampMs ?? 1));
  const left = Math.min(1, (fault.endMs - nowMs) / 20_000);
  return (fault.magnitude - 1) * Math.max(0, Math.min(risen, left));
}

function loseNode(state: WorldState, name: string): void {
  const node = state.nodes.find((candidate) => candidate.name === name)!;
  if (node.downSinceMs === undefined) return;
  const goneMs = state.nowMs - node.downSinceMs;
  if (node.ready && goneMs >= nodeGraceMs) {
    node.ready = false;
    const entity = { kind: 'node', namespace: '', name } as const;
    state.report({
      entity,
      reason: 'NodeNotReady',
      type: 'Warning',
      message: `Node ${name} status is now: NodeNotReady`,
    });
    for (const workload of state.workloads) {
      for (const pod of workload.pods) if (pod.node === node) pod.ready = false;
    }
  }
  if (goneMs < evictionMs) return;
  for (const workload of state.workloads) {
    for (const pod of workload.pods) if (pod.node === node && !isLeaving(pod)) deletePod(pod, state);
  }
}

function restoreNode(state: WorldState, name: string): void {
  const node = state.nodes.find((candidate) => candidate.name === name);
  if (node === undefined) return;
  node.downSinceMs = undefined;
  node.ready = true;
  const entity = { kind: 'node', namespace: '', name } as const;
  state.report({ entity, reason: 'NodeReady', type: 'Normal', message: `Node ${name} status is now: NodeReady` });
  // Its containers died with the machine and start anew.
  for (const workload of state.workloads) {
    for (const pod of workload.pods) {
      if (pod.node !== node || isLeaving(pod)) continue;
      pod.phase = 'creating';
      pod.phaseEndsMs = state.nowMs + 2000;
      pod.ready = false;
      pod.restarts += 1;
    }
  }
}
