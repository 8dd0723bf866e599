import { entityKey } from '../format.js';

const mostNodes = 60;
const trouble = 0.02;

/**
 * What of the topology is worth drawing: services and their calls, and whatever lies on the path. `apart` is what has no
 * place among them, for nothing calls it.
 * @param {any} topology @param {readonly any[]} path
 */
export function selectGraph(topology, path) {
  const pathKeys = path.map((step) => entityKey(step.entity));
  const onPath = new Set(pathKeys);
  const known = new Map(topology.nodes.map((node) => [entityKey(node.entity), node]));
  for (const step of path) {
    const key = entityKey(step.entity);
    if (!known.has(key)) known.set(key, { entity: step.entity, health: 'unknown' });
  }
  const hasServices = topology.nodes.some((node) => node.entity.kind === 'service');
  const usual = hasServices ? 'service' : 'workload';
  const nodes = [...known]
    .filter(([key, node]) => onPath.has(key) || node.entity.kind === usual)
    .map(([key, node]) => ({
      key,
      entity: node.entity,
      health: healthOf(key, node, pathKeys),
      onPath: onPath.has(key),
    }))
    .sort((a, b) => Number(b.onPath) - Number(a.onPath) || rank(b) - rank(a) || (a.key < b.key ? -1 : 1))
    .slice(0, mostNodes)
    .sort((a, b) => (a.key < b.key ? -1 : 1));
  const edges = edgesOf(topology, pathKeys, new Set(nodes.map((node) => node.key)));
  const linked = new Set(edges.flatMap(({ from, to }) => [from, to]));
  const drawn = nodes.filter(({ key }) => linked.has(key) || onPath.has(key) || edges.length === 0);
  return { nodes: drawn, edges, apart: nodes.filter((node) => !drawn.includes(node)) };
}

function healthOf(key, node, pathKeys) {
  if (pathKeys.length === 0) return node.health;
  if (key === pathKeys[0]) return 'cause';
  return key === pathKeys.at(-1) ? 'symptom' : node.health === 'cause' ? 'anomalous' : node.health;
}

function rank(node) {
  return node.health === 'healthy' || node.health === 'unknown' ? 0 : 1;
}

function edgesOf(topology, pathKeys, shown) {
  const pairs = new Set(pathKeys.slice(1).map((key, i) => pairOf(key, pathKeys[i])));
  const edges = [];
  const drawn = new Set();
  for (const edge of topology.edges) {
    const [from, to] = [entityKey(edge.from), entityKey(edge.to)];
    if (!shown.has(from) || !shown.has(to)) continue;
    const pair = pairOf(from, to);
    drawn.add(pair);
    edges.push({
      ...directed(edge.kind, from, to),
      onPath: pairs.has(pair),
      trouble: edge.errorRatio > trouble,
      title: titleOf(edge),
    });
  }
  for (let i = 1; i < pathKeys.length; i += 1) {
    const [cause, effect] = [pathKeys[i - 1], pathKeys[i]];
    if (!drawn.has(pairOf(cause, effect)))
      edges.push({ from: effect, to: cause, onPath: true, trouble: false, title: 'on the path' });
  }
  return edges;
}

/** Callers to the left of what they call; what carries a service to the right of it. */
function directed(kind, from, to) {
  return kind === 'serves' ? { from: to, to: from } : { from, to };
}

function pairOf(a, b) {
  return a < b ? `${a}\u0000${b}` : `${b}\u0000${a}`;
}

function titleOf({ from, to, kind, requestRate, errorRatio, meanDurationMs }) {
  const figures = [
    requestRate === undefined ? '' : `${requestRate.toFixed(1)}/s`,
    errorRatio === undefined ? '' : `${(errorRatio * 100).toFixed(1)} % errors`,
    meanDurationMs === undefined ? '' : `${meanDurationMs.toFixed(0)} ms`,
  ].filter((figure) => figure !== '');
  return `${from.name} ${kind} ${to.name}${figures.length === 0 ? '' : `: ${figures.join(', ')}`}`;
}

/** Name and kind as drawn. @param {{kind: string, name: string}} entity */
export function describeNode({ kind, name }) {
  if (kind === 'service') return { label: name, sub: '' };
  const [workloadKind, workloadName] = name.split('/', 2);
  return workloadName ? { label: workloadName, sub: workloadKind } : { label: name, sub: kind };
}
