import {
  type CallObservation,
  type ClusterSnapshot,
  type EdgeKind,
  type EntityRef,
  entityKey,
  firstLabel,
  labelValue,
  type SeriesDefinition,
  workloadEntity,
} from '../../model/index.ts';

/** A connection as it was last seen; `from` and `to` are entity keys. Calls carry smoothed rates. */
export interface GraphEdge {
  readonly kind: EdgeKind;
  readonly from: string;
  readonly to: string;
  seenAtMs: number;
  requestRate?: number;
  errorRatio?: number;
  meanDurationMs?: number;
}

/** The typed graph as plain data. `version` grows whenever a node or an edge came or went. */
export interface CausalGraph {
  version: number;
  readonly nodes: Map<string, number>;
  readonly edges: Map<string, GraphEdge>;
  /** Pods in the latest snapshot, and when a pod left it. */
  readonly pods: Map<string, { leftAtMs?: number }>;
}

export function createGraph(): CausalGraph {
  return { version: 0, nodes: new Map(), edges: new Map(), pods: new Map() };
}

export function touchNode(graph: CausalGraph, key: string, atMs: number): void {
  const seen = graph.nodes.get(key);
  if (seen === undefined) graph.version += 1;
  if (seen === undefined || atMs > seen) graph.nodes.set(key, atMs);
}

function touchEdge(graph: CausalGraph, kind: EdgeKind, from: string, to: string, atMs: number): GraphEdge {
  touchNode(graph, from, atMs);
  touchNode(graph, to, atMs);
  const key = `${kind}>${from}>${to}`;
  let edge = graph.edges.get(key);
  if (edge === undefined) {
    edge = { kind, from, to, seenAtMs: atMs };
    graph.edges.set(key, edge);
    graph.version += 1;
  }
  if (atMs > edge.seenAtMs) edge.seenAtMs = atMs;
  return edge;
}

const smoothing = 0.3;
const smooth = (old: number | undefined, fresh: number) =>
  old === undefined ? fresh : old + smoothing * (fresh - old);

export function observeCall(graph: CausalGraph, call: CallObservation): void {
  const caller = entityKey(call.caller);
  const callee = entityKey(call.callee);
  if (caller === callee) return;
  const edge = touchEdge(graph, 'calls', caller, callee, call.windowEndMs);
  if (call.windowSeconds > 0) edge.requestRate = smooth(edge.requestRate, call.calls / call.windowSeconds);
  if (call.calls <= 0) return;
  edge.errorRatio = smooth(edge.errorRatio, call.errors / call.calls);
  edge.meanDurationMs = smooth(edge.meanDurationMs, call.durationSumMs / call.calls);
}

const podKey = (namespace: string, name: string) => entityKey({ kind: 'pod', namespace, name });

/** Ownership and placement as listed. */
export function observeSnapshot(graph: CausalGraph, snapshot: ClusterSnapshot): void {
  const at = snapshot.atMs;
  for (const node of snapshot.nodes) touchNode(graph, entityKey({ kind: 'node', namespace: '', name: node.name }), at);
  for (const workload of snapshot.workloads) touchNode(graph, entityKey(workloadEntity(workload.ref)), at);
  const present = new Set<string>();
  for (const pod of snapshot.pods) {
    const key = podKey(pod.namespace, pod.name);
    present.add(key);
    touchNode(graph, key, at);
    graph.pods.set(key, {});
    if (pod.owner !== undefined) touchEdge(graph, 'owns', entityKey(workloadEntity(pod.owner)), key, at);
    if (pod.node !== undefined) placePod(graph, key, pod.node, at);
  }
  for (const [key, pod] of graph.pods) if (!present.has(key) && pod.leftAtMs === undefined) pod.leftAtMs = at;
}

/** A pod under the same name on another node was moved: the old placement stays until it ages, it may be the cause. */
function placePod(graph: CausalGraph, pod: string, node: string, atMs: number): void {
  touchEdge(graph, 'runs-on', pod, entityKey({ kind: 'node', namespace: '', name: node }), atMs);
}

const serviceGraphCounter = 'traces_service_graph_request_total';

/**
 * What a stream's own labels say of the graph: a service, workload, pod and node named together on one resource belong
 * together; a service-graph counter names a caller and a callee (Tempo and the Collector's servicegraph connector).
 */
export function observeSeries(graph: CausalGraph, series: SeriesDefinition, atMs: number): void {
  const { labels } = series;
  const namespace = firstLabel(labels, 'k8s.namespace.name', 'namespace', 'service.namespace') ?? '';
  if (series.name === serviceGraphCounter) {
    const client = labelValue(labels, 'client');
    const server = labelValue(labels, 'server');
    if (client === undefined || server === undefined || client === server) return;
    const of = (name: string): EntityRef => ({ kind: 'service', namespace, name });
    touchEdge(graph, 'calls', entityKey(of(client)), entityKey(of(server)), atMs);
    return;
  }
  if (series.entity.kind === 'series') return;
  touchNode(graph, entityKey(series.entity), atMs);
  const service = firstLabel(labels, 'service.name', 'service_name');
  const pod = firstLabel(labels, 'k8s.pod.name', 'pod', 'pod_name');
  const deployment = firstLabel(labels, 'k8s.deployment.name', 'deployment');
  const statefulSet = firstLabel(labels, 'k8s.statefulset.name', 'statefulset');
  const node = firstLabel(labels, 'k8s.node.name', 'node');
  const workload =
    deployment !== undefined
      ? entityKey({ kind: 'workload', namespace, name: `Deployment/${deployment}` })
      : statefulSet !== undefined
        ? entityKey({ kind: 'workload', namespace, name: `StatefulSet/${statefulSet}` })
        : undefined;
  const serviceKey = service === undefined ? undefined : entityKey({ kind: 'service', namespace, name: service });
  if (pod !== undefined) {
    const key = podKey(namespace, pod);
    if (workload !== undefined) touchEdge(graph, 'owns', workload, key, atMs);
    if (serviceKey !== undefined && workload === undefined) touchEdge(graph, 'serves', key, serviceKey, atMs);
    if (node !== undefined) placePod(graph, key, node, atMs);
  }
  if (workload !== undefined && serviceKey !== undefined) touchEdge(graph, 'serves', workload, serviceKey, atMs);
}

/** Forgets what was not seen for long. Returns whether anything went. */
export function ageGraph(graph: CausalGraph, nowMs: number, edgeTtlMs: number, podLingerMs: number): boolean {
  const before = graph.nodes.size + graph.edges.size;
  for (const [key, pod] of graph.pods) {
    if (pod.leftAtMs === undefined || nowMs - pod.leftAtMs <= podLingerMs) continue;
    graph.pods.delete(key);
    graph.nodes.delete(key);
    for (const [id, edge] of graph.edges) if (edge.from === key || edge.to === key) graph.edges.delete(id);
  }
  const placedMs = new Map<string, number>();
  for (const edge of graph.edges.values()) {
    if (edge.kind === 'runs-on') placedMs.set(edge.from, Math.max(edge.seenAtMs, placedMs.get(edge.from) ?? 0));
  }
  for (const [key, edge] of graph.edges) {
    const moved = edge.kind === 'runs-on' && placedMs.get(edge.from)! - edge.seenAtMs > podLingerMs;
    if (moved || nowMs - edge.seenAtMs > edgeTtlMs) graph.edges.delete(key);
  }
  for (const [key, seen] of graph.nodes) if (nowMs - seen > edgeTtlMs) graph.nodes.delete(key);
  const changed = graph.nodes.size + graph.edges.size !== before;
  if (changed) graph.version += 1;
  return changed;
}
