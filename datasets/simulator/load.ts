import type { Random } from '../../model/index.ts';
import { gaussian } from './randomness.ts';
import { consumeOperation, operations, publishOperation, routes } from './shop-routes.ts';
import { isLeaving, type SimPod, type SimWorkload, tickMs, type WorldState } from './world-state.ts';

/** What faults do to a service in this tick. */
export interface ServiceDisturbance {
  /** Extra CPU, as a share of the limit. */
  readonly burn: number;
  /** Times slower than at rest. */
  readonly slowness: number;
}

const second = tickMs / 1000;
/** Work that a pod accepts ahead of itself; what comes beyond is answered with 503. */
const longestQueueSeconds = 0.7;
/** A request that the kernel's CPU quota hits waits for about this long, half a CFS period and more. */
const throttleWaitMs = 60;

const operationsOf = new Map<string, typeof operations>();
for (const operation of operations) {
  operationsOf.set(operation.service, [...(operationsOf.get(operation.service) ?? []), operation]);
}

/** Carries the traffic of this tick through the call graph and onto the pods: rates, CPU, queues, waits, rejections. */
export function spreadLoad(
  state: WorldState,
  disturbanceOf: (service: string) => ServiceDisturbance,
  random: Random,
): void {
  const rates = state.operationRates.fill(0);
  for (const [index, route] of routes.entries()) rates[route.entry.index] += state.traffic.rates[index];
  for (const workload of state.workloads) {
    if (workload.spec.name === consumeOperation.service) rates[consumeOperation.index] = drainRate(workload, state);
    const disturbance = disturbanceOf(workload.spec.name);
    let rate = 0;
    let work = 0;
    for (const operation of operationsOf.get(workload.spec.name) ?? []) {
      rate += rates[operation.index];
      work += (rates[operation.index] * operation.cpuMs) / 1000;
    }
    loadService(workload, rate, work, disturbance, state, random);
    const passed = (1 - workload.load.refused) * (1 - workload.load.rejected);
    for (const operation of operationsOf.get(workload.spec.name) ?? []) {
      for (const call of operation.calls) {
        rates[call.operation.index] += rates[operation.index] * passed * call.probability;
      }
    }
  }
  state.queueDepth = Math.max(
    0,
    state.queueDepth + second * (rates[publishOperation.index] - rates[consumeOperation.index]),
  );
}

/** Consumers take what is there, each ready pod up to sixty a second. */
function drainRate(workload: SimWorkload, state: WorldState): number {
  const consumers = workload.pods.filter((pod) => pod.ready).length;
  const published = state.operationRates[publishOperation.index];
  const inFlight = 2;
  return Math.max(0, Math.min(60 * consumers, published + state.queueDepth / second - inFlight));
}

function loadService(
  workload: SimWorkload,
  rate: number,
  work: number,
  disturbance: ServiceDisturbance,
  state: WorldState,
  random: Random,
): void {
  let ready = 0;
  let dead = 0;
  let weights = 0;
  for (const pod of workload.pods) {
    const gone = pod.node?.downSinceMs !== undefined;
    if (pod.ready && !gone) {
      ready += 1;
      weights += pod.weight;
    } else if (state.nowMs < pod.endpointUntilMs || (pod.ready && gone)) dead += 1;
  }
  const { load } = workload;
  load.refused = ready === 0 ? 1 : dead / (ready + dead);
  load.rate = rate;
  load.usualRate += (load.usualRate === 0 ? 1 : 0.1) * (rate - load.usualRate);
  load.slowness = disturbance.slowness;
  load.waitMs = 0;
  load.rejected = 0;
  const meanWorkMs = rate > 0 ? (1000 * work) / rate : 0;
  for (const pod of workload.pods) {
    if (pod.phase === 'creating' || pod.phase === 'back-off') continue;
    const serves = pod.ready && pod.node?.downSinceMs === undefined;
    const share = serves ? ((1 - load.refused) * pod.weight) / weights : 0;
    pod.rate = rate * share;
    loadPod(pod, work * share, meanWorkMs * disturbance.slowness ** 0.5, disturbance, random);
    load.waitMs += (share * (pod.waitMs + pod.backlogMs)) / Math.max(1e-9, 1 - load.refused);
    load.rejected += (share * pod.rejected) / Math.max(1e-9, 1 - load.refused);
  }
}

/**
 * One pod as a queue. Below its capacity: the mean wait of M/M/c by Sakasegawa's approximation,
 * `s * rho^(sqrt(2(c+1)) - 1) / (c * (1 - rho))`, and the waits that a CFS quota adds near the limit. Above it: a
 * backlog grows by what is not done, up to a bound, and the rest is rejected.
 */
function loadPod(pod: SimPod, work: number, workMs: number, disturbance: ServiceDisturbance, random: Random): void {
  const { spec } = pod.workload;
  const limit = pod.resources.limits.cpuCores ?? spec.cpuLimitCores;
  const capacity = Math.max(0.01, limit * (pod.node?.cpuShare ?? 1));
  const overhead = spec.idleCores + disturbance.burn * limit + pod.collecting * limit;
  const starting = pod.phase === 'starting' && !isLeaving(pod) ? 0.3 * limit : 0;
  const demand = (work + overhead + starting) * (1 + 0.02 * gaussian(random));
  const wanted = demand * second + pod.backlogCoreSeconds;
  const done = Math.min(wanted, capacity * second);
  const bound = longestQueueSeconds * capacity;
  const left = wanted - done;
  pod.rejected = left > bound && work > 0 ? Math.min(1, (left - bound) / (work * second)) : 0;
  pod.backlogCoreSeconds = Math.min(left, bound);
  pod.backlogMs = (1000 * pod.backlogCoreSeconds) / capacity;
  pod.cpuUsed = done / second;
  pod.utilisation = demand / capacity;
  const rho = Math.min(0.97, pod.utilisation);
  const servers = Math.max(1, Math.round(capacity));
  const serviceMs = (workMs * servers) / capacity;
  const queueMs = (serviceMs * rho ** (Math.sqrt(2 * (servers + 1)) - 1)) / (servers * (1 - rho));
  pod.throttled = Math.min(1, Math.max(0, (pod.utilisation - 0.65) / 0.35)) ** 2;
  pod.waitMs = queueMs + throttleWaitMs * pod.throttled;
}

/** What a node's pods want beyond its cores they share in proportion. Takes effect in the next tick. */
export function shareNodes(state: WorldState): void {
  for (const node of state.nodes) {
    node.cpuUsed = 0.35;
    node.memoryUsed = 1.1 * 1024 ** 3;
  }
  for (const workload of state.workloads) {
    for (const pod of workload.pods) {
      if (pod.node === undefined) continue;
      pod.node.cpuUsed += pod.cpuUsed;
      pod.node.memoryUsed += pod.memory;
    }
  }
  for (const node of state.nodes) node.cpuShare = node.cpuUsed > node.cpuCores ? node.cpuCores / node.cpuUsed : 1;
}
