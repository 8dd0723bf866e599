import { createSection, element } from '../element.js';
import { formatQuantity, unitOfMetric } from '../format.js';
import { actionCard, changeList } from '../parts/action-card.js';
import { chip } from '../parts/chips.js';
import { emptyState } from '../parts/empty-state.js';
import { timeLabel } from '../parts/time-label.js';

const mostShown = 40;

/** Actions, and the proposals that no action came of yet. */
export function mountChanges(root, state) {
  const actions = createSection((items) => buildActions(items, state));
  const proposals = createSection(buildProposals);
  root.append(element('div', { class: 'page' }, element('h1', {}, 'Changes'), actions.node, proposals.node));
  return {
    update() {
      actions.update(state.list('action').slice(0, mostShown));
      proposals.update({ items: state.list('proposal').slice(0, mostShown), mode: state.status?.mode });
    },
  };
}

function buildActions(items, state) {
  if (items.length === 0) return [];
  return element(
    'section',
    { class: 'stack', 'aria-label': 'Actions' },
    element('h2', {}, 'Actions'),
    element(
      'div',
      { class: 'columns' },
      items.map((action) => element('div', { class: 'card' }, actionCard(action, state))),
    ),
  );
}

function buildProposals({ items, mode }) {
  const help =
    mode === 'observe'
      ? 'Kybern only observes. Choose Recommend above, and it proposes sizes and replica counts here.'
      : 'Kybern proposes a change when a forecast, an incident or its search gives a reason to.';
  return element(
    'section',
    { class: 'stack', 'aria-label': 'Proposals' },
    element('h2', {}, 'Proposals'),
    items.length === 0
      ? element('div', { class: 'card' }, emptyState('No proposals', help))
      : element('div', { class: 'columns' }, items.map(proposalCard)),
  );
}

function proposalCard({ id, state, target, changes, reasons, forecast, cost, baselines, risk, source, createdAt }) {
  return element(
    'article',
    { class: 'card stack' },
    element(
      'div',
      { class: 'row' },
      element('h3', { class: 'break' }, `${target.kind} ${target.namespace}/${target.name}`),
      chip(state, state === 'open' ? 'accent' : undefined),
      chip(`${risk} risk`, risk === 'high' ? 'critical' : risk === 'medium' ? 'warning' : undefined),
    ),
    changeList(changes),
    element(
      'ul',
      { class: 'bullets' },
      reasons.map((reason) => element('li', { class: 'break' }, reason)),
    ),
    forecast && element('p', { class: 'small soft break' }, forecastText(forecast)),
    element('p', { class: 'small soft' }, `From ${source}, `, timeLabel(createdAt), costText(cost)),
    baselines.length > 0 &&
      element(
        'details',
        { 'data-key': `baselines-${id}` },
        element('summary', {}, 'What the known rules would do'),
        element(
          'ul',
          { class: 'bullets' },
          baselines.map(({ name, wants }) => element('li', { class: 'break' }, `${name}: ${wants}`)),
        ),
      ),
  );
}

function forecastText({ metric, horizonSeconds, now, expected, upper }) {
  const [from, to, most] = [now, expected, upper].map((value) => formatQuantity(value, unitOfMetric(metric)));
  return `Forecast of ${metric} in ${Math.round(horizonSeconds / 60)} min: ${from} → ${to}, at most ${most}.`;
}

function costText({ before, after }) {
  const change = before === 0 ? 0 : ((after - before) / before) * 100;
  const sign = change > 0 ? '+' : '';
  return ` · cost ${before.toFixed(3)} → ${after.toFixed(3)} an hour (${sign}${change.toFixed(0)} %)`;
}
