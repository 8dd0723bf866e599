import { createSection, element } from '../element.js';
import { formatEntity, formatPercent, formatQuantity } from '../format.js';
import { chip } from '../parts/chips.js';
import { dataTable } from '../parts/data-table.js';
import { emptyState } from '../parts/empty-state.js';
import { timeLabel } from '../parts/time-label.js';

const columns = [
  { name: 'Onset' },
  { name: 'State' },
  { name: 'Entity' },
  { name: 'Metric' },
  { name: 'Observed', number: true },
  { name: 'Expected', number: true },
  { name: 'Severity', number: true },
  { name: 'Why' },
];

/** The newest anomalies. */
export function mountAnomalies(root, state) {
  const table = createSection(build, 'section', { class: 'card', 'aria-label': 'Anomalies' });
  root.append(element('div', { class: 'page' }, element('h1', {}, 'Anomalies'), table.node));
  return { update: () => table.update(state.list('anomaly').slice(0, 100)) };
}

function build(anomalies) {
  if (anomalies.length === 0) {
    return emptyState(
      'No anomalies',
      'A series is scored once about an hour of it is known; what deviates persistently is listed here.',
    );
  }
  return dataTable(
    'Anomalies',
    columns,
    anomalies.map(({ onset, state, entity, metric, series, observed, expected, unit, severity, reason, detector }) => [
      timeLabel(onset),
      chip(state),
      element('span', { class: 'break' }, `${entity.kind} ${formatEntity(entity)}`),
      element('a', { class: 'break', href: `#/query?series=${encodeURIComponent(series)}` }, metric),
      formatQuantity(observed, unit),
      formatQuantity(expected, unit),
      formatPercent(severity),
      element('span', { class: 'break', title: `Seen by ${detector}` }, reason),
    ]),
  );
}
