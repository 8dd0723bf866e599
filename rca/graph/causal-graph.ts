import {
  type CallObservation,
  type ClusterSnapshot,
  type EdgeKind,
  entityKey,
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

/** What an edge is kept under. */
export function edgeKey(kind: EdgeKind, from: string, to: string): string {
  return `${kind}>${from}>${to}`;
}

export function touchEdge(
  graph: CausalGraph,
  kind: EdgeKind,
  from: string,
  to: string,
  atMs: number,
  key = edgeKey(kind, from, to),
): GraphEdge {
  touchNode(graph, from, atMs);
  touchNode(graph, to, atMs);
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
