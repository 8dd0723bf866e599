import { createSection, element } from '../element.js';
import { dataTable } from '../parts/data-table.js';
import { emptyState } from '../parts/empty-state.js';
import { timeLabel } from '../parts/time-label.js';

const columns = [
  { name: '#', number: true },
  { name: 'When' },
  { name: 'Who' },
  { name: 'What' },
  { name: 'Object' },
  { name: 'Detail' },
];

/** The newest of the audit log. */
export function mountAudit(root, state) {
  const table = createSection(build, 'section', { class: 'card', 'aria-label': 'Audit log' });
  root.append(
    element(
      'div',
      { class: 'page' },
      element(
        'div',
        { class: 'page-head' },
        element('h1', {}, 'Audit'),
        element(
          'p',
          { class: 'soft' },
          'Every step is written here before it is taken. Each record carries the hash of the one before.',
        ),
      ),
      table.node,
    ),
  );
  return { update: () => table.update(state.list('audit').slice(0, 100)) };
}

function build(records) {
  if (records.length === 0) {
    return emptyState('Nothing yet', 'Changes of mode, approvals and every step of an action appear here.');
  }
  return dataTable(
    'Audit log',
    columns,
    records.map(({ sequence, at, actor, event, target, detail, hash }) => [
      element('span', { class: 'soft', title: `SHA-256 ${hash}` }, sequence),
      timeLabel(at),
      actor,
      element('span', { class: 'nowrap' }, event),
      element('span', { class: 'break' }, target ?? ''),
      element('span', { class: 'break' }, detail),
    ]),
  );
}
