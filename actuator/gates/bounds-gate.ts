import { annotations, type Change, type ContainerResources, type WorkloadState } from '../../model/index.ts';
import type { ActuatorConfig } from '../config.ts';
import { allow, deny, type Gate } from './gate.ts';
import { qosClassOf } from './qos-class.ts';

/** What may be set on a target: the owner's annotations, else the installation's bounds. */
export interface TargetBounds {
  readonly minReplicas: number;
  readonly maxReplicas: number;
  readonly maxCpuCores: number;
  readonly maxMemoryBytes: number;
}

/** The bounds, or the annotation that cannot be read. */
export function boundsOf(
  workload: WorkloadState,
  config: ActuatorConfig,
): TargetBounds | { readonly unreadable: string } {
  const bounds = { ...config.bounds };
  for (const name of ['minReplicas', 'maxReplicas', 'maxCpuCores', 'maxMemoryBytes'] as const) {
    const text = workload.annotations[annotations[name]];
    if (text === undefined) continue;
    const value = text.trim() === '' ? Number.NaN : Number(text);
    const whole = name === 'minReplicas' || name === 'maxReplicas';
    if (!Number.isFinite(value) || value < 0 || (whole && !Number.isInteger(value))) {
      return { unreadable: `${annotations[name]}=${text}` };
    }
    bounds[name] = value;
  }
  return bounds;
}

export const boundsGate: Gate = ({ workload, changes, config }) => {
  if (workload === undefined) return deny('bounds', 'the object does not exist');
  const bounds = boundsOf(workload, config);
  if ('unreadable' in bounds) return deny('bounds', `cannot read ${bounds.unreadable}`);
  for (const change of changes) {
    const problem = problemOf(change, workload, bounds);
    if (problem !== undefined) return deny('bounds', problem);
  }
  return allow('bounds', 'within');
};

function problemOf(change: Change, workload: WorkloadState, bounds: TargetBounds): string | undefined {
  if (change.type === 'restart') return undefined;
  if (change.type === 'resources') return resourcesProblem(change.from, change.to, bounds);
  if (workload.replicas === 0 && bounds.minReplicas > 0) return 'its owner has scaled it to 0';
  if (!Number.isInteger(change.to) || change.to < bounds.minReplicas || change.to > bounds.maxReplicas) {
    return `${change.to} replicas, bounds ${bounds.minReplicas} to ${bounds.maxReplicas}`;
  }
  return undefined;
}

function resourcesProblem(from: ContainerResources, to: ContainerResources, bounds: TargetBounds): string | undefined {
  for (const name of ['cpuCores', 'memoryBytes'] as const) {
    const most = name === 'cpuCores' ? bounds.maxCpuCores : bounds.maxMemoryBytes;
    const [request, limit] = [to.requests[name], to.limits[name]];
    for (const amount of [request, limit]) {
      if (amount === undefined) continue;
      if (!Number.isFinite(amount) || amount <= 0) return `${name} would be ${amount}`;
      if (amount > most) return `${name} ${amount}, at most ${most}`;
    }
    if (request !== undefined && limit !== undefined && request > limit) {
      return `${name} request ${request} would be over its limit ${limit}`;
    }
    if ((from.requests[name] === undefined) !== (request === undefined)) return `${name} request set or unset`;
    if ((from.limits[name] === undefined) !== (limit === undefined)) return `${name} limit set or unset`;
  }
  const [before, after] = [qosClassOf(from), qosClassOf(to)];
  return before === after ? undefined : `QoS class would change from ${before} to ${after}`;
}
