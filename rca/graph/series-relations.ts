import {
  type EdgeKind,
  type EntityRef,
  entityKey,
  firstLabel,
  labelValue,
  type SeriesDefinition,
} from '../../model/index.ts';
import { type CausalGraph, edgeKey, touchEdge, touchNode } from './causal-graph.ts';

/** What the labels of some series say of the graph. Streams of one pod say the same, and share one of these. */
export interface SeriesRelations {
  readonly nodes: readonly string[];
  readonly edges: readonly {
    readonly key: string;
    readonly kind: EdgeKind;
    readonly from: string;
    readonly to: string;
  }[];
  /** When the graph last heard of it, event time. */
  toldMs: number;
}

export interface RelationsBook {
  /** Tells the graph what this series' labels say, unless it heard the same a moment ago. */
  tell(graph: CausalGraph, series: SeriesDefinition, atMs: number): void;
  /** Reads all anew where most of what is held must be of what is gone: a graph has so many nodes. */
  trim(nodes: number): void;
  /** Before another graph is told. */
  reset(): void;
}

const serviceGraphCounter = 'traces_service_graph_request_total';
/** The graph need not hear of every sample: often enough that its edges don't age. */
const tellEveryMs = 10_000;
const spareRelations = 10_000;

/** Labels never change, so each series is read once; after that a sample costs a look at a clock. */
export function createRelationsBook(): RelationsBook {
  let bySeries: (SeriesRelations | undefined)[] = [];
  let shared = new Map<string, SeriesRelations>();

  function read(series: SeriesDefinition): SeriesRelations {
    const relations = relationsOf(series);
    const key = [...relations.nodes, ...relations.edges.map((edge) => edge.key)].join('\n');
    const known = shared.get(key);
    if (known !== undefined) return known;
    shared.set(key, relations);
    return relations;
  }

  function reset(): void {
    bySeries = [];
    shared = new Map();
  }

  return {
    tell(graph, series, atMs) {
      let relations = bySeries[series.id];
      if (relations === undefined) {
        relations = read(series);
        bySeries[series.id] = relations;
      }
      if (atMs - relations.toldMs < tellEveryMs) return;
      relations.toldMs = atMs;
      for (const node of relations.nodes) touchNode(graph, node, atMs);
      for (const { kind, from, to, key } of relations.edges) touchEdge(graph, kind, from, to, atMs, key);
    },
    trim(nodes) {
      if (shared.size > spareRelations + 2 * nodes) reset();
    },
    reset,
  };
}

/**
 * A service, workload, pod and node named together on one resource belong together; a service-graph counter names a
 * caller and a callee (Tempo and the Collector's servicegraph connector).
 */
export function relationsOf(series: SeriesDefinition): SeriesRelations {
  const { labels } = series;
  const namespace = firstLabel(labels, 'k8s.namespace.name', 'namespace', 'service.namespace') ?? '';
  const of = (kind: EntityRef['kind'], name: string) => entityKey({ kind, namespace, name });
  if (series.name === serviceGraphCounter) {
    const client = labelValue(labels, 'client');
    const server = labelValue(labels, 'server');
    const isCall = client !== undefined && server !== undefined && client !== server;
    return relations([], isCall ? [['calls', of('service', client), of('service', server)]] : []);
  }
  if (series.entity.kind === 'series') return relations([], []);
  const service = firstLabel(labels, 'service.name', 'service_name');
  const pod = firstLabel(labels, 'k8s.pod.name', 'pod', 'pod_name');
  const node = firstLabel(labels, 'k8s.node.name', 'node');
  const workload = workloadNamed(labels, of);
  const serviceKey = service === undefined ? undefined : of('service', service);
  const edges: [EdgeKind, string, string][] = [];
  if (pod !== undefined) {
    const key = of('pod', pod);
    if (workload !== undefined) edges.push(['owns', workload, key]);
    if (serviceKey !== undefined && workload === undefined) edges.push(['serves', key, serviceKey]);
    // A pod under the same name on another node was moved: the old placement stays until it ages, it may be the cause.
    if (node !== undefined) edges.push(['runs-on', key, entityKey({ kind: 'node', namespace: '', name: node })]);
  }
  if (workload !== undefined && serviceKey !== undefined) edges.push(['serves', workload, serviceKey]);
  return relations([entityKey(series.entity)], edges);
}

function workloadNamed(
  labels: SeriesDefinition['labels'],
  of: (kind: EntityRef['kind'], name: string) => string,
): string | undefined {
  const deployment = firstLabel(labels, 'k8s.deployment.name', 'deployment');
  if (deployment !== undefined) return of('workload', `Deployment/${deployment}`);
  const statefulSet = firstLabel(labels, 'k8s.statefulset.name', 'statefulset');
  return statefulSet === undefined ? undefined : of('workload', `StatefulSet/${statefulSet}`);
}

function relations(nodes: readonly string[], edges: readonly [EdgeKind, string, string][]): SeriesRelations {
  return {
    nodes,
    edges: edges.map(([kind, from, to]) => ({ key: edgeKey(kind, from, to), kind, from, to })),
    toldMs: Number.NEGATIVE_INFINITY,
  };
}
