import { type Anomaly, entityOfKey, type Topology, type TopologyNode, toTimestamp } from '../../model/index.ts';
import type { CausalGraph } from './causal-graph.ts';

export interface HealthSources {
  /** Firing anomalies by entity key. */
  readonly anomalies: ReadonlyMap<string, readonly Anomaly[]>;
  /** Keys of entities named as first cause, and of those where the symptom shows, of open incidents. */
  readonly causes: ReadonlySet<string>;
  readonly symptoms: ReadonlySet<string>;
  readonly lastSeenMs: number;
}

/** Silent for this long, an entity's health is not known. */
const freshMs = 120_000;

/** The graph as the API shows it, with every entity's health. */
export function topologyOf(graph: CausalGraph, health: HealthSources): Topology {
  const nodes = [...graph.nodes].map(([key, seenAtMs]): TopologyNode => {
    const anomalies = health.anomalies.get(key)?.length ?? 0;
    return {
      entity: entityOfKey(key),
      health: healthOf(key, seenAtMs, anomalies, health),
      seenAt: toTimestamp(seenAtMs),
      anomalies,
    };
  });
  const edges = [...graph.edges.values()].map((edge) => ({
    from: entityOfKey(edge.from),
    to: entityOfKey(edge.to),
    kind: edge.kind,
    ...(edge.requestRate === undefined ? {} : { requestRate: edge.requestRate }),
    ...(edge.errorRatio === undefined ? {} : { errorRatio: edge.errorRatio }),
    ...(edge.meanDurationMs === undefined ? {} : { meanDurationMs: edge.meanDurationMs }),
    seenAt: toTimestamp(edge.seenAtMs),
  }));
  return { nodes, edges };
}

function healthOf(key: string, seenAtMs: number, anomalies: number, health: HealthSources): TopologyNode['health'] {
  if (health.causes.has(key)) return 'cause';
  if (health.symptoms.has(key)) return 'symptom';
  if (anomalies > 0) return 'anomalous';
  return health.lastSeenMs - seenAtMs > freshMs ? 'unknown' : 'healthy';
}
