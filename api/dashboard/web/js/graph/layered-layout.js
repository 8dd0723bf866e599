/**
 * A layered drawing of a directed graph, after Sugiyama, Tagawa and Toda (1981): cycles broken by depth-first search,
 * layers by longest path, long edges through placeholders, order within a layer by the mean place of neighbours.
 * @param {readonly string[]} ids
 * @param {readonly {from: string, to: string}[]} edges Those with unknown ends, and loops, are left out.
 * @param {{width: number, height: number, gapX: number, gapY: number}} size Of a node, and between nodes.
 * @returns {{places: Map<string, {x: number, y: number}>, routes: {x: number, y: number}[][], width: number, height: number}}
 *   Places are left upper corners; routes, in the order of `edges`, run from node to node and are empty where left out.
 */
export function layOut(ids, edges, size) {
  const links = edges.map(({ from, to }) =>
    from !== to && ids.includes(from) && ids.includes(to) ? { from, to } : null,
  );
  const forward = breakCycles(ids, links);
  const layerOf = longestPaths(ids, forward);
  const layers = Array.from({ length: Math.max(0, ...layerOf.values()) + 1 }, () => []);
  for (const id of ids) layers[layerOf.get(id)].push(id);
  const chains = forward.map((link) => link && chainThrough(link, layerOf, layers));
  const neighbours = neighboursOf(chains);
  orderLayers(layers, neighbours);
  const rows = placeRows(layers, neighbours, new Set(ids));
  const at = (id, layer) => ({ x: layer * (size.width + size.gapX), y: rows.get(id) * (size.height + size.gapY) });
  const placed = new Map(layers.flatMap((layer, i) => layer.map((id) => [id, at(id, i)])));
  const real = new Set(ids);
  const bottoms = [...placed].map(([id, { y }]) => y + (real.has(id) ? size.height : size.height / 2));
  const height = Math.max(0, ...bottoms);
  return {
    places: new Map(ids.map((id) => [id, placed.get(id)])),
    routes: chains.map((chain, i) => (chain ? routeOf(chain, links[i].from !== chain[0], placed, size) : [])),
    width: layers.length * (size.width + size.gapX) - size.gapX,
    height,
  };
}

function breakCycles(ids, links) {
  const outgoing = Map.groupBy(links.filter(Boolean), (link) => link.from);
  const state = new Map();
  const backward = new Set();
  const visit = (id) => {
    state.set(id, 'open');
    for (const link of outgoing.get(id) ?? []) {
      if (state.get(link.to) === 'open') backward.add(link);
      else if (!state.has(link.to)) visit(link.to);
    }
    state.set(id, 'done');
  };
  for (const id of ids) if (!state.has(id)) visit(id);
  return links.map((link) => (backward.has(link) ? { from: link.to, to: link.from } : link));
}

function longestPaths(ids, links) {
  const incoming = Map.groupBy(links.filter(Boolean), (link) => link.to);
  const layers = new Map();
  const layer = (id) => {
    if (!layers.has(id)) layers.set(id, Math.max(0, ...(incoming.get(id) ?? []).map((link) => layer(link.from) + 1)));
    return layers.get(id);
  };
  for (const id of ids) layer(id);
  return layers;
}

function chainThrough({ from, to }, layerOf, layers) {
  const chain = [from];
  for (let layer = layerOf.get(from) + 1; layer < layerOf.get(to); layer += 1) {
    const placeholder = `\u0000${from}\u0000${to}\u0000${layer}`;
    if (!layers[layer].includes(placeholder)) layers[layer].push(placeholder);
    chain.push(placeholder);
  }
  chain.push(to);
  return chain;
}

function neighboursOf(chains) {
  const before = new Map();
  const after = new Map();
  const add = (map, key, value) => map.set(key, [...(map.get(key) ?? []), value]);
  for (const chain of chains.filter(Boolean)) {
    for (let i = 1; i < chain.length; i += 1) {
      add(after, chain[i - 1], chain[i]);
      add(before, chain[i], chain[i - 1]);
    }
  }
  return { before, after };
}

function orderLayers(layers, { before, after }) {
  for (let sweep = 0; sweep < 8; sweep += 1) {
    const down = sweep % 2 === 0;
    const order = down ? layers.keys() : [...layers.keys()].reverse();
    for (const i of order) {
      const fixed = layers[down ? i - 1 : i + 1];
      if (fixed === undefined) continue;
      const place = new Map(fixed.map((id, index) => [id, index]));
      const own = new Map(layers[i].map((id, index) => [id, index]));
      const key = (id) =>
        mean(
          (down ? before : after).get(id)?.map((other) => place.get(other)),
          own.get(id),
        );
      layers[i].sort((a, b) => key(a) - key(b));
    }
  }
}

function placeRows(layers, { before, after }, real) {
  const gaps = layers.map((layer) =>
    layer.map((id, i) => (i === 0 ? 0 : halfOf(layer[i - 1], real) + halfOf(id, real))),
  );
  const rows = new Map();
  for (const [i, layer] of layers.entries()) {
    let row = -gaps[i].reduce((sum, gap) => sum + gap, 0) / 2;
    for (const [j, id] of layer.entries()) {
      row += gaps[i][j];
      rows.set(id, row);
    }
  }
  for (let sweep = 0; sweep < 12; sweep += 1) {
    for (const at of sweep % 2 === 0 ? layers.keys() : [...layers.keys()].reverse()) {
      const layer = layers[at];
      const wanted = layer.map((id) =>
        mean(
          [...(before.get(id) ?? []), ...(after.get(id) ?? [])].map((other) => rows.get(other)),
          rows.get(id),
        ),
      );
      const spread = keepApart(wanted, gaps[at]);
      for (const [i, id] of layer.entries()) rows.set(id, spread[i]);
    }
  }
  const top = rows.size === 0 ? 0 : Math.min(...rows.values());
  return new Map([...rows].map(([id, row]) => [id, row - top]));
}

/** Rows between a node's middle and its edge; a line between others needs little. */
function halfOf(id, real) {
  return real.has(id) ? 0.5 : 0.14;
}

/** The places nearest to those wanted, in order and as far apart as told: pushed from either end, and the middle taken. */
function keepApart(wanted, gaps) {
  const low = [...wanted];
  for (let i = 1; i < low.length; i += 1) low[i] = Math.max(low[i], low[i - 1] + gaps[i]);
  const high = [...wanted];
  for (let i = high.length - 2; i >= 0; i -= 1) high[i] = Math.min(high[i], high[i + 1] - gaps[i + 1]);
  return low.map((value, i) => (value + high[i]) / 2);
}

function routeOf(chain, reversed, placed, size) {
  const points = chain.flatMap((id, i) => {
    const { x, y } = placed.get(id);
    const middle = y + size.height / 2;
    if (i === 0) return [{ x: x + size.width, y: middle }];
    if (i === chain.length - 1) return [{ x, y: middle }];
    return [
      { x, y: middle },
      { x: x + size.width, y: middle },
    ];
  });
  return reversed ? points.reverse() : points;
}

function mean(values, otherwise) {
  if (values === undefined || values.length === 0) return otherwise;
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
