import { type ClusterEvent, contentId, type NodeState, type SeriesIdentity } from '../../../model/index.ts';
import { between, randomFrom } from '../randomness.ts';
import { type NodeFailure, planFailure } from './failure-plan.ts';
import { createNodeLife, type NodeLife } from './node-life.ts';
import { type NodeMetric, type NodeSize, nodeMetrics, nodeVocabularies } from './node-telemetry.ts';

export interface NodeFleetOptions {
  readonly seed: number;
  readonly nodes: number;
  readonly startMs: number;
  readonly lengthMs: number;
  /** Share of the nodes that fail once; 0.6 by default. */
  readonly failingShare?: number;
}

/** A fleet of machines from a seed, measured once a step. */
export interface NodeFleet {
  /** The series, in the order of `values`. */
  readonly identities: readonly SeriesIdentity[];
  /** Readings of the latest step; NaN where there is none. */
  readonly values: Float64Array;
  /** What happened in the latest step. */
  readonly events: readonly ClusterEvent[];
  /** The nodes that the cluster lists; those of node exporters tell their conditions themselves. */
  readonly listed: readonly NodeState[];
  step(toMs: number): void;
  /** Readings by node, for baselines and tests. */
  readonly lives: readonly NodeLife[];
  /** What really happened so far: never for the engine. */
  readonly failures: readonly NodeFailure[];
}

const gibibyte = 1024 ** 3;

/**
 * Nodes that live from day to day (traffic, batch jobs, image collection, log rotation, caches, garbage) of which some
 * come to a failure: a disk filled by logs, a leak of memory, of processes or of inodes, a kubelet that flaps, hardware
 * that wears out. A third each is measured by node exporters with kube-state-metrics, by OpenTelemetry's host metrics, by
 * the kubelet's statistics; nothing in the telemetry names a failure.
 */
export function createNodeFleet({ seed, nodes, startMs, lengthMs, failingShare = 0.6 }: NodeFleetOptions): NodeFleet {
  const machines = Array.from({ length: nodes }, (_, index) => {
    const random = randomFrom(seed, 'machine', index);
    const vocabulary = nodeVocabularies[index % nodeVocabularies.length]!;
    const size: NodeSize = {
      diskBytes: Math.round(between(random, 80, 500)) * gibibyte,
      memoryBytes: [16, 32, 64, 128][Math.floor(random() * 4)]! * gibibyte,
    };
    const life = createNodeLife(seed, index, startMs, planFailure(seed, index, startMs, lengthMs, failingShare));
    const address = `10.${index >> 8}.${index & 255}.7`;
    return { life, size, vocabulary, metrics: nodeMetrics(life.name, address, size, vocabulary) };
  });
  const metrics: readonly (readonly [NodeLife, NodeMetric])[] = machines.flatMap(({ life, metrics: own }) =>
    own.map((metric) => [life, metric] as const),
  );
  const values = new Float64Array(metrics.length);
  let events: ClusterEvent[] = [];

  return {
    identities: metrics.map(([, { identity }]) => identity),
    values,
    get events() {
      return events;
    },
    get listed() {
      return machines
        .filter(({ vocabulary }) => vocabulary !== 'node-exporter')
        .map(({ life: { name, reading }, size }) => ({
          name,
          ready: reading.ready,
          unschedulable: false,
          allocatable: { memoryBytes: size.memoryBytes },
          pressures: [...reading.pressures],
          heartbeatAtMs: reading.heartbeatMs,
        }));
    },
    step(toMs) {
      events = [];
      for (const { life } of machines) {
        life.step(toMs);
        for (const event of life.reading.events) {
          const id = contentId('evt', event.entity.name, event.reason, event.message, event.atMs);
          events.push({ ...event, id });
        }
      }
      for (const [at, [{ reading }, metric]] of metrics.entries()) {
        const value = metric.read(reading);
        values[at] = reading.down && !metric.outside ? Number.NaN : value;
      }
    },
    lives: machines.map(({ life }) => life),
    get failures() {
      return machines.flatMap(({ life }) => life.failures);
    },
  };
}
