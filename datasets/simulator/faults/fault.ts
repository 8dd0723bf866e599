import type { CauseCode } from '../../../model/index.ts';

export const faultKinds = [
  'memory-leak',
  'traffic-surge',
  'cpu-hog',
  'slow-database',
  'node-down',
  'bad-rollout',
] as const;
export type FaultKind = (typeof faultKinds)[number];

/** A fault as planned, relative to the moment the world goes live. */
export interface FaultPlan {
  readonly kind: FaultKind;
  /** A service; for node-down a node; for traffic-surge the service that the surging route loads most. */
  readonly target: string;
  readonly afterMs: number;
  readonly durationMs: number;
  /**
   * memory-leak: seconds from the usual memory to the limit at the traffic of the onset; traffic-surge: total traffic
   * over the usual; cpu-hog: share of the CPU limit burnt; slow-database: times slower; bad-rollout: share of requests
   * that fail; node-down: unused.
   */
  readonly magnitude: number;
  /** traffic-surge: how long it takes to rise. */
  readonly rampMs?: number;
}

/** A fault with its place in time. */
export interface Fault extends FaultPlan {
  readonly id: string;
  readonly onsetMs: number;
  readonly endMs: number;
}

/** What is true about a fault, for tests and figures; nothing of it is in the telemetry. */
export interface GroundTruth {
  readonly id: string;
  readonly kind: FaultKind;
  readonly cause: CauseCode;
  /** The service at fault, or that a surge loads most. */
  readonly service?: string;
  /** The node at fault. */
  readonly node?: string;
  readonly startMs: number;
  readonly endMs: number;
  /** Where users notice. */
  readonly symptom: string;
}

const causes: Readonly<Record<FaultKind, CauseCode>> = {
  'memory-leak': 'memory-leak-oom-killed',
  'traffic-surge': 'traffic-surge',
  'cpu-hog': 'cpu-saturation',
  'slow-database': 'latency-regression',
  'node-down': 'node-failure',
  'bad-rollout': 'bad-rollout',
};

export function groundTruthOf(fault: Fault): GroundTruth {
  return {
    id: fault.id,
    kind: fault.kind,
    cause: causes[fault.kind],
    ...(fault.kind === 'node-down' ? { node: fault.target } : { service: fault.target }),
    startMs: fault.onsetMs,
    endMs: fault.endMs,
    symptom: 'frontend',
  };
}
