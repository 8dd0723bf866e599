import { createSection, element } from '../element.js';
import { actionCard, changeList } from '../parts/action-card.js';
import { chip } from '../parts/chips.js';
import { emptyState } from '../parts/empty-state.js';
import { reasoning } from '../parts/reasoning.js';
import { timeLabel } from '../parts/time-label.js';

const mostShown = 40;

/** Actions, and the proposals that no action came of. */
export function mountChanges(root, state) {
  const actions = createSection((items) => buildActions(items, state));
  const proposals = createSection(buildProposals);
  root.append(element('div', { class: 'page' }, element('h1', {}, 'Changes'), actions.node, proposals.node));
  return {
    update() {
      const taken = state.list('action').slice(0, mostShown);
      const known = new Set(taken.map((action) => action.proposalId));
      const others = state.list('proposal').filter(({ id, state: standing }) => !known.has(id) && standing !== 'taken');
      actions.update(taken.map((action) => ({ action, proposal: state.find('proposal', action.proposalId) })));
      proposals.update({ items: others.slice(0, mostShown), mode: state.status?.mode });
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
      items.map(({ action }) => element('div', { class: 'card' }, actionCard(action, state))),
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

function proposalCard(proposal) {
  const { state, target, changes, reasons, risk, source, createdAt } = proposal;
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
    element('p', { class: 'break' }, reasons[0]),
    changeList(changes),
    element('p', { class: 'small soft' }, `From ${source}, `, timeLabel(createdAt), '.'),
    reasoning(proposal),
  );
}
