import { createSection, element } from '../element.js';
import { entityKey, formatEntity } from '../format.js';
import { graphLegend, serviceGraph } from '../graph/service-graph.js';
import { chip } from '../parts/chips.js';
import { dataTable } from '../parts/data-table.js';
import { connectHelp, emptyState } from '../parts/empty-state.js';
import { timeLabel } from '../parts/time-label.js';

const columns = [
  { name: 'Kind' },
  { name: 'Entity' },
  { name: 'Health' },
  { name: 'Anomalies', number: true },
  { name: 'Last seen' },
];
const mostShown = 500;
/** What is in trouble comes first. */
const ranks = { cause: 0, symptom: 1, anomalous: 2 };
const rankOf = ({ health }) => ranks[health] ?? 3;

/** The map, and everything known as a table. */
export function mountEntities(root, state) {
  const map = createSection(buildMap);
  const table = createSection(buildTable, 'section', { class: 'card', 'aria-label': 'Entities' });
  root.append(element('div', { class: 'page' }, element('h1', {}, 'Entities'), map.node, table.node));
  return {
    update() {
      map.update(state.topology);
      table.update(state.topology.nodes);
    },
  };
}

function buildMap(topology) {
  if (topology.nodes.length === 0) return [];
  return element(
    'section',
    { class: 'card', 'aria-label': 'Services' },
    element('div', { class: 'card-head' }, element('h2', {}, 'Services'), graphLegend(false)),
    serviceGraph(topology),
  );
}

function buildTable(nodes) {
  if (nodes.length === 0) {
    return emptyState('No entities yet', 'Services, pods and nodes appear as telemetry names them.', connectHelp());
  }
  const sorted = nodes.toSorted(
    (a, b) =>
      rankOf(a) - rankOf(b) || b.anomalies - a.anomalies || (entityKey(a.entity) < entityKey(b.entity) ? -1 : 1),
  );
  return dataTable(
    'Entities',
    columns,
    sorted.slice(0, mostShown).map(({ entity, health, anomalies, seenAt }) => [
      entity.kind,
      element(
        'a',
        {
          class: 'break',
          'data-key': entityKey(entity),
          href: `#/query?entity=${encodeURIComponent(entityKey(entity))}`,
        },
        formatEntity(entity),
      ),
      chip(health),
      anomalies,
      timeLabel(seenAt),
    ]),
  );
}
