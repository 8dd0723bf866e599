import { getJson } from '../api-client.js';
import { createSection, element } from '../element.js';
import { formatEntity, formatPercent } from '../format.js';
import { groupAnomalies } from '../incident/anomaly-groups.js';
import { chip } from '../parts/chips.js';
import { dataTable } from '../parts/data-table.js';
import { emptyState } from '../parts/empty-state.js';
import { feedbackButtons } from '../parts/feedback-buttons.js';
import { timeLabel } from '../parts/time-label.js';
import { vettingCard } from '../parts/vetting-card.js';
import { attempt } from '../toast.js';
import { describeAnomaly } from '../words/describe-anomaly.js';
import { createOwners } from '../words/owners.js';
import { createAnomalyPanel } from './anomaly-panel.js';

const columns = [
  { name: 'Onset' },
  { name: 'State' },
  { name: 'Entity' },
  { name: 'What' },
  { name: 'Metric' },
  { name: 'Severity', number: true },
  { name: 'Feedback' },
];
const togetherMs = 60_000;
const mostShown = 60;

/** The newest anomalies, what deviated together in one row; one of them above, where it is asked for. */
export function mountAnomalies(root, state, address) {
  const panel = createAnomalyPanel(state);
  const table = createSection(build, 'section', { class: 'card', 'aria-label': 'Anomalies' });
  const vetting = createSection(vettingCard);
  root.append(element('div', { class: 'page' }, element('h1', {}, 'Anomalies'), vetting.node, panel.node, table.node));
  let standing = { windows: [], budgets: [] };
  void Promise.allSettled([getJson('/maintenance'), getJson('/alert-budgets')]).then(([windows, budgets]) => {
    standing = { windows: windows.value?.items ?? [], budgets: budgets.value?.items ?? [] };
    vetting.update({ status: countsOf(state.status), ...standing });
  });
  const show = (id) => void attempt(() => panel.show(id));
  show(address.id);
  return {
    update() {
      const groups = groupAnomalies(state.list('anomaly'), createOwners(state.topology), togetherMs);
      table.update({ groups: groups.reverse().slice(0, mostShown), feedback: state.list('feedback') });
      vetting.update({ status: countsOf(state.status), ...standing });
      panel.update();
    },
    navigate: show,
    leave: panel.clear,
  };

  function build({ groups }) {
    if (groups.length === 0) {
      return emptyState(
        'No anomalies',
        'A series is scored once enough of it is known; what deviates persistently is listed here.',
      );
    }
    return dataTable(
      'Anomalies',
      columns,
      groups.map((group) => [...rowOf(group), feedbackButtons(group.worst, state)]),
    );
  }
}

function countsOf(status) {
  return status && { series: status.series, learning: status.learning };
}

function rowOf({ owner, first, worst, anomalies, entities, firing }) {
  const one = entities === 1 ? `${first.entity.kind} ${formatEntity(first.entity)}` : `${formatEntity(owner)}`;
  const size = entities > 1 ? `${entities} entities` : anomalies.length > 1 ? `${anomalies.length} series` : '';
  return [
    timeLabel(first.onset),
    element(
      'span',
      { class: 'row' },
      chip(firing ? 'firing' : 'cleared'),
      worst.suppressed && element('span', { title: worst.suppressed.reason }, chip('suppressed')),
      worst.learning && chip('learning', 'accent'),
    ),
    element('span', { class: 'break' }, one, size !== '' && element('span', { class: 'soft small' }, ` · ${size}`)),
    element(
      'a',
      {
        class: 'break told',
        title: `${worst.reason} (seen by ${worst.detector})`,
        'data-key': `show-${worst.id}`,
        href: `#/anomalies/${encodeURIComponent(worst.id)}`,
      },
      describeAnomaly(worst),
    ),
    element('a', { class: 'break', href: `#/query?series=${encodeURIComponent(worst.series)}` }, worst.metric),
    formatPercent(worst.severity),
  ];
}
