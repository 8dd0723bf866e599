import { element, svgElement } from '../element.js';
import { layOut } from './layered-layout.js';
import { describeNode, selectGraph } from './select-graph.js';

const size = { width: 144, height: 34, gapX: 54, gapY: 9 };
const margin = 6;
const longestName = 15;
const smallestScale = 0.74;

/**
 * The graph of services as SVG; with a path, what lies on it stands out and what carries it is shown too.
 * @param {any} topology @param {readonly any[]} [path] Steps from cause to symptom.
 */
export function serviceGraph(topology, path = []) {
  const { nodes, edges, apart } = selectGraph(topology, path);
  const layout = layOut(
    nodes.map((node) => node.key),
    edges,
    size,
  );
  const width = layout.width + 2 * margin;
  const height = layout.height + 2 * margin;
  const svg = svgElement(
    'svg',
    {
      style: { 'min-width': `${Math.round(width * smallestScale)}px`, 'max-width': `${width}px` },
      viewBox: `${-margin} ${-margin} ${width} ${height}`,
      role: 'group',
      'aria-label': 'Service graph',
    },
    edges.map((edge, i) => edgeLine(edge, layout.routes[i])),
    nodes.map((node) => nodeBox(node, layout.places.get(node.key))),
  );
  return element(
    'div',
    {
      class: 'graph',
      'data-focused': path.length > 0,
      'data-key': 'graph',
      tabindex: 0,
      role: 'region',
      'aria-label': 'Service graph',
    },
    svg,
    apart.length > 0 && path.length === 0 && notCalled(apart),
  );
}

function notCalled(apart) {
  const names = apart.map(({ entity }) => entity.name).join(', ');
  return element('p', { class: 'soft small apart' }, `No calls seen: ${names}`);
}

function edgeLine({ onPath, trouble, title }, points) {
  if (points.length === 0) return null;
  const [start, ...rest] = points;
  let d = `M${start.x} ${start.y}`;
  let last = start;
  for (const point of rest) {
    const bend = (point.x - last.x) / 2;
    d += `C${last.x + bend} ${last.y} ${point.x - bend} ${point.y} ${point.x} ${point.y}`;
    last = point;
  }
  return svgElement(
    'path',
    { class: 'edge', d, 'data-path': onPath, 'data-trouble': trouble },
    svgElement('title', {}, title),
  );
}

function nodeBox(node, { x, y }) {
  const { label, sub } = describeNode(node.entity);
  return svgElement(
    'a',
    {
      class: 'node',
      href: `#/query?entity=${encodeURIComponent(node.key)}`,
      transform: `translate(${x} ${y})`,
      'data-health': node.health,
      'data-key': `node ${node.key}`,
      'data-path': node.onPath,
      'aria-label': `${node.entity.kind} ${node.entity.name}: ${node.health}`,
    },
    svgElement('title', {}, `${node.entity.kind} ${node.entity.name}: ${node.health}`),
    svgElement('rect', { width: size.width, height: size.height, rx: 9 }),
    svgElement('circle', { cx: 16, cy: size.height / 2, r: 4.5 }),
    svgElement('text', { x: 29, y: sub === '' ? 21.5 : 15 }, shorten(label)),
    sub !== '' && svgElement('text', { class: 'kind', x: 29, y: 27 }, sub),
  );
}

function shorten(name) {
  return name.length <= longestName ? name : `${name.slice(0, longestName - 1)}…`;
}

/** What the colours mean. */
export function graphLegend(withPath) {
  const item = (tone, text) => element('span', {}, element('span', { class: 'dot', 'data-tone': tone }), text);
  return element(
    'p',
    { class: 'legend' },
    item('good', 'healthy'),
    item('warning', 'deviates'),
    item('critical', 'cause'),
    withPath && element('span', {}, 'dashed: how it spread'),
  );
}
