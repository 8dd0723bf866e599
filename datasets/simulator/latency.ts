import { operations } from './shop-routes.ts';
import type { SimPod, WorldState } from './world-state.ts';

/** A caller gives up on a callee after this long. */
export const callTimeoutMs = 1500;
/** Share of calls that fail without a fault. */
export const usualFailures = 1e-5;
/** A collection that stops the world, when memory is short, takes about this long. */
export const pauseMs = 140;
/** Spread of the time a call takes by itself: sigma of a lognormal. */
export const selfSpread = 0.35;

/**
 * Expected duration and failure of every operation in this tick, callees before callers: what the services' own
 * duration and error metrics say. Traces draw from the same parts.
 */
export function settleOperations(state: WorldState): void {
  for (let index = operations.length - 1; index >= 0; index--) {
    const operation = operations[index];
    const workload = state.byService.get(operation.service)!;
    let beside = 0;
    let after = 0;
    let passes = (1 - usualFailures) * (1 - failingCode(workload.pods));
    for (const call of operation.calls) {
      const callee = state.byService.get(call.operation.service)!.load;
      const meanMs = Math.min(callTimeoutMs, state.operationMeanMs[call.operation.index]) * (1 - callee.refused);
      after += call.probability * meanMs;
      beside = Math.max(beside, call.probability * meanMs);
      const timedOut = meanMs >= callTimeoutMs ? 1 : 0;
      const failed =
        1 - (1 - callee.refused) * (1 - callee.rejected) * (1 - state.operationFailed[call.operation.index]);
      if (call.critical) passes *= 1 - call.probability * Math.max(timedOut, failed);
    }
    const selfMs = operation.selfMs * workload.load.slowness;
    state.operationMeanMs[index] = selfMs + workload.load.waitMs + (operation.parallel ? beside : after);
    state.operationFailed[index] = 1 - passes;
  }
  for (const workload of state.workloads) {
    let rate = 0;
    let duration = 0;
    let failed = 0;
    for (const operation of operations) {
      if (operation.service !== workload.spec.name) continue;
      rate += state.operationRates[operation.index];
      duration += state.operationRates[operation.index] * state.operationMeanMs[operation.index];
      failed += state.operationRates[operation.index] * state.operationFailed[operation.index];
    }
    if (rate === 0) continue;
    for (const pod of workload.pods) countRequests(pod, duration / rate - workload.load.waitMs, failed / rate);
  }
}

function countRequests(pod: SimPod, meanMs: number, failed: number): void {
  if (pod.rate === 0) return;
  pod.meanDurationMs = (meanMs + pod.waitMs + pod.backlogMs + pod.collecting * pauseMs) * (1 - pod.rejected);
  pod.requests += pod.rate;
  pod.errors += pod.rate * (pod.rejected + (1 - pod.rejected) * failed);
}

function failingCode(pods: readonly SimPod[]): number {
  let failing = 0;
  let serving = 0;
  for (const pod of pods) {
    if (pod.rate === 0) continue;
    serving += pod.rate;
    failing += pod.rate * pod.template.failing;
  }
  return serving === 0 ? 0 : failing / serving;
}
