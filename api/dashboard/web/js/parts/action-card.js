import { sendJson } from '../api-client.js';
import { confirmChoice } from '../confirm.js';
import { element } from '../element.js';
import { describeChange } from '../format.js';
import { attempt, showToast } from '../toast.js';
import { chip } from './chips.js';
import { reasoning } from './reasoning.js';
import { timeLabel } from './time-label.js';

const undecided = new Set(['proposed', 'gated']);
const revertible = new Set(['applied', 'verified', 'unknown']);

/** An action: what it changes, why, what holds it back, what came of it, and what a person can do. */
export function actionCard(action, state) {
  const proposal = state.find('proposal', action.proposalId);
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
    element('p', { class: 'small soft break' }, progress(action)),
    element('div', { class: 'folds' }, proposal && reasoning(proposal), gates(action)),
    element('div', { class: 'row' }, action.outcome && outcome(action.outcome), buttons(action, state)),
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

/** What was last done, unless its outcome, its approval or the gate that holds it says the same. */
function progress({ approvedBy, appliedAt, detail, outcome, gates: results }) {
  const held = results.filter(({ allowed }) => !allowed).map((gate) => `${gate.gate}: ${gate.detail}`);
  const told = [outcome?.text, `approved by ${approvedBy}`, ...held];
  const approved = approvedBy && `approved by ${approvedBy === 'auto' ? 'Kybern itself' : approvedBy}`;
  return [
    !told.includes(detail) && `${capital(detail)}${/[.!?]$/.test(detail) ? '' : '.'} `,
    appliedAt
      ? ['Written at ', timeLabel(appliedAt), approved && `, ${approved}`, '.']
      : approved && `${capital(approved)}.`,
  ];
}

function capital(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
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
    held.length > 0 && element('ul', { class: 'gates' }, held.map(item)),
    held.length < results.length &&
      element(
        'details',
        { 'data-key': `gates-${id}` },
        element('summary', {}, `${results.length - held.length} of ${results.length} safety gates pass`),
        element('ul', { class: 'gates' }, results.filter((gate) => gate.allowed).map(item)),
      ),
  ];
}

function outcome({ sloAfter, text }) {
  return element(
    'p',
    { class: 'outcome' },
    chip(sloAfter ? 'SLO holds' : 'SLO broken', sloAfter ? 'good' : 'critical'),
    element('span', { class: 'break' }, text),
  );
}

/** Whether an approval would move it on: what another gate holds back waits for that gate. */
function isWaiting({ state, gates: results }) {
  return (
    undecided.has(state) && (results.length === 0 || results.some(({ gate, allowed }) => gate === 'mode' && !allowed))
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
    isWaiting(action) && button('approve', 'Approve', 'primary'),
    undecided.has(action.state) && button('reject', 'Reject'),
    revertible.has(action.state) && button('revert', 'Revert'),
  ].filter(Boolean);
  return shown.length === 0 ? null : element('div', { class: 'row buttons' }, shown);
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
