import type { WorkloadRef } from '../../model/index.ts';

export const shopNamespace = 'shop';

/** What one pod of a service is given, and how it behaves at rest. */
export interface ServiceSpec {
  readonly name: string;
  readonly role: 'service' | 'database' | 'cache' | 'queue';
  readonly replicas: number;
  readonly cpuLimitCores: number;
  readonly memoryLimitBytes: number;
  /** CPU it burns without a request. */
  readonly idleCores: number;
  /** Live memory at the usual load, as a share of the limit, and how high garbage piles up on it. */
  readonly liveShare: number;
  readonly garbageShare: number;
  /** From container start to readiness. */
  readonly startSeconds: number;
}

const mebibyte = 1024 * 1024;

function service(name: string, replicas: number, cpuLimitCores: number, memoryMebibytes: number): ServiceSpec {
  return {
    name,
    role: 'service',
    replicas,
    cpuLimitCores,
    memoryLimitBytes: memoryMebibytes * mebibyte,
    idleCores: 0.015,
    liveShare: 0.38,
    garbageShare: 0.07,
    startSeconds: 5,
  };
}

function dataStore(name: string, role: ServiceSpec['role'], cores: number, memoryMebibytes: number): ServiceSpec {
  return {
    name,
    role,
    replicas: 1,
    cpuLimitCores: cores,
    memoryLimitBytes: memoryMebibytes * mebibyte,
    idleCores: 0.04,
    liveShare: 0.55,
    garbageShare: 0.01,
    startSeconds: 8,
  };
}

/** Callers before callees: the order in which load travels. */
export const shopServices: readonly ServiceSpec[] = [
  service('frontend', 3, 1, 512),
  service('gateway', 3, 0.8, 384),
  service('orders', 2, 0.5, 512),
  service('catalogue', 2, 1, 512),
  service('search', 2, 1, 768),
  service('recommendation', 2, 0.8, 512),
  service('cart', 2, 1, 384),
  service('user', 2, 1, 384),
  service('payment', 2, 0.5, 256),
  service('shipping', 2, 0.5, 256),
  dataStore('postgres', 'database', 4, 4096),
  dataStore('redis', 'cache', 1, 1024),
  dataStore('rabbitmq', 'queue', 1, 1024),
];

/** Stateless services are Deployments, data stores StatefulSets. */
export function workloadOf(spec: ServiceSpec): WorkloadRef {
  const kind = spec.role === 'service' ? 'Deployment' : 'StatefulSet';
  return { kind, namespace: shopNamespace, name: spec.name };
}
