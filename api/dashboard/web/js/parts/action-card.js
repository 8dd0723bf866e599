import { sendJson } from '../api-client.js';
import { confirmChoice } from '../confirm.js';
import { element } from '../element.js';
import { describeChange, formatDuration } from '../format.js';
import { attempt, showToast } from '../toast.js';
import { chip } from './chips.js';
import { timeLabel } from './time-label.js';

const undecided = new Set(['proposed', 'gated']);
const revertible = new Set(['applied', 'verified', 'unknown']);

/** An action: what it changes, why, what holds it back, what came of it, and what a person can do. */
export function actionCard(action, state) {
  return element(
    'article',
    { class: 'action', 'aria-label': `Action on ${action.target.name}` },
    element(
      'div',
      { class: 'row' },
      element('h3', { class: 'break' }, `${action.target.kind} ${action.target.namespace}/${action.target.name}`),
      chip(action.state),
    ),
    element('p', { class: 'break' }, action.reason),
    changeList(action.changes),
    element('p', { class: 'small soft break' }, action.detail, approval(action)),
    gates(action),
    action.outcome && outcome(action.outcome),
    buttons(action, state),
  );
}

/** @param {readonly any[]} changes */
export function changeList(changes) {
  return element(
    'div',
    { class: 'stack' },
    changes.map((change) => {
      const { what, from, to } = describeChange(change);
      return element(
        'div',
        { class: 'change break' },
        element('span', { class: 'soft' }, what),
        from !== '' && [element('span', {}, from), element('span', { class: 'soft', 'aria-label': 'to' }, '→')],
        element('span', { class: 'to' }, to),
      );
    }),
  );
}

function approval({ approvedBy, appliedAt }) {
  return [approvedBy && ` Approved by ${approvedBy}.`, appliedAt && [' Written at ', timeLabel(appliedAt), '.']];
}

function gates({ id, gates: results }) {
  if (results.length === 0) return null;
  const held = results.filter((gate) => !gate.allowed);
  const item = ({ gate, allowed, detail }) =>
    element(
      'li',
      {},
      element(
        'span',
        { class: 'sign', 'data-tone': allowed ? 'good' : 'critical', 'aria-label': allowed ? 'passes' : 'holds back' },
        allowed ? '✓' : '✕',
      ),
      element(
        'span',
        { class: 'break' },
        element('strong', {}, gate),
        element('span', { class: 'soft' }, ` ${detail}`),
      ),
    );
  return [
    element('ul', { class: 'gates' }, held.map(item)),
    held.length < results.length &&
      element(
        'details',
        { 'data-key': `gates-${id}` },
        element('summary', {}, `${results.length - held.length} of ${results.length} safety gates pass`),
        element('ul', { class: 'gates' }, results.filter((gate) => gate.allowed).map(item)),
      ),
  ];
}

function outcome({ sloAfter, recoverySeconds, text }) {
  return element(
    'p',
    { class: 'row' },
    chip(sloAfter ? 'SLO holds' : 'SLO broken', sloAfter ? 'good' : 'critical'),
    element(
      'span',
      { class: 'break' },
      text,
      recoverySeconds !== undefined && ` Recovered in ${formatDuration(recoverySeconds * 1000)}.`,
    ),
  );
}

function buttons(action, state) {
  const button = (verb, label, kind) =>
    element(
      'button',
      {
        type: 'button',
        class: 'button',
        'data-kind': kind,
        'data-key': `${verb}-${action.id}`,
        onclick: (event) => void attempt(() => press(event.currentTarget, verb, action, state)),
      },
      label,
    );
  const shown = [
    undecided.has(action.state) && button('approve', 'Approve', 'primary'),
    undecided.has(action.state) && button('reject', 'Reject'),
    revertible.has(action.state) && button('revert', 'Revert'),
  ].filter(Boolean);
  return shown.length === 0 ? null : element('div', { class: 'row' }, shown);
}

async function press(button, verb, action, state) {
  const text = `${action.target.kind} ${action.target.namespace}/${action.target.name} gets back what it had before.`;
  if (verb === 'revert' && !(await confirmChoice('Revert this action?', text, 'Revert'))) return;
  button.disabled = true;
  try {
    state.put('action', await sendJson('POST', `/actions/${encodeURIComponent(action.id)}/${verb}`, {}));
    showToast({ approve: 'Approved.', reject: 'Rejected.', revert: 'Revert asked for.' }[verb]);
  } finally {
    button.disabled = false;
  }
}
