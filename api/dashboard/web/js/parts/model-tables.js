import { element } from '../element.js';
import { chip } from './chips.js';
import { dataTable } from './data-table.js';
import { timeLabel } from './time-label.js';

const mostShown = 50;
const tones = { judging: 'accent', candidate: 'accent', refused: 'warning', promoted: 'good' };
const standings = { judging: 'being judged', candidate: 'waiting', refused: 'refused', promoted: 'promoted' };
/** What waits for somebody comes first. */
const order = ['candidate', 'judging', 'refused', 'promoted'];

/** @param {any} input @param {(modelClass: string) => void} rollBack */
export function servingTable({ serving, models, processes }, rollBack) {
  return dataTable(
    'What serves',
    [{ name: 'Class' }, { name: 'Model' }, { name: 'Since' }, { name: 'Metrics' }, { name: 'Why' }, { name: '' }],
    serving.map(({ class: name, match, model, sinceMs }) => [
      name,
      element('span', { class: 'break' }, model, ' ', behindOf(processes, name)),
      sinceMs === 0 ? 'the start' : timeOf(sinceMs),
      element('span', { class: 'break' }, match.length === 0 ? 'all others' : match.join(' ')),
      element('span', { class: 'told' }, models.find(({ id }) => id === model)?.reason ?? ''),
      model === 'shipped' ? '' : button('Roll back', `roll-back-${name}`, () => rollBack(name)),
    ]),
  );
}

/** How many processes do not serve it, which they should. */
function behindOf(processes, name) {
  const behind = processes.filter((one) =>
    one.serving.some((served) => served.class === name && served.code !== undefined),
  );
  return behind.length === 0 ? '' : chip(`not in ${behind.map((one) => one.name).join(', ')}`, 'critical');
}

/** @param {any} input */
export function processesTable({ processes, serving }) {
  const modelOf = new Map(serving.map((one) => [one.class, one.model]));
  return dataTable(
    'Processes',
    [{ name: 'Process' }, { name: 'Class' }, { name: 'Serves' }, { name: 'SHA-256' }, { name: '' }],
    processes.flatMap(({ name, serving: served }) =>
      served.map((one) => [
        name,
        one.class,
        element('span', { class: 'break' }, one.model),
        element('span', { class: 'nowrap soft', title: one.sha256 }, one.sha256.slice(0, 12)),
        toldOf(one, modelOf.get(one.class)),
      ]),
    ),
  );
}

function toldOf({ model, code, detail }, wanted) {
  if (code !== undefined) return element('span', { class: 'told' }, chip(code, 'critical'), ' ', detail ?? '');
  return model === wanted ? chip('as it should', 'good') : chip('changing', 'accent');
}

/** @param {any} input @param {(id: string) => void} promote */
export function versionsTable({ models, serving }, promote) {
  const serves = new Set(serving.map(({ model }) => model));
  const rank = ({ standing }) => order.indexOf(standing);
  const shown = models
    .filter(({ id }) => id !== 'shipped')
    .toSorted((a, b) => rank(a) - rank(b) || b.madeMs - a.madeMs)
    .slice(0, mostShown);
  return dataTable(
    'Versions',
    [
      { name: 'Stands' },
      { name: 'Model' },
      { name: 'Why' },
      { name: 'Class' },
      { name: 'From' },
      { name: 'Made' },
      { name: 'Error', number: true },
      { name: 'Serving', number: true },
      { name: 'Linear', number: true },
      { name: '' },
    ],
    shown.map((card) => [
      serves.has(card.id) ? chip('serves', 'good') : chip(standings[card.standing], tones[card.standing]),
      element('span', { class: 'break' }, card.id),
      element('span', { class: 'told' }, card.reason),
      card.class,
      card.origin,
      timeOf(card.madeMs),
      ...errorsOf(card),
      card.standing === 'candidate' && !serves.has(card.id)
        ? button('Let it serve', `promote-${card.id}`, () => promote(card.id))
        : '',
    ]),
  );
}

function errorsOf({ heldOut }) {
  if (heldOut === undefined) return ['', '', ''];
  return [heldOut.candidate, heldOut.serving, heldOut.ridge].map((error) => error.toPrecision(3));
}

/** @param {readonly any[]} history */
export function changesTable(history) {
  return dataTable(
    'Changes',
    [{ name: 'When' }, { name: 'Class' }, { name: 'From' }, { name: 'To' }, { name: 'Who' }, { name: 'Why' }],
    history.map(({ atMs, class: name, from, to, by, reason }) => [
      timeOf(atMs),
      name,
      element('span', { class: 'break' }, from),
      element('span', { class: 'break' }, to),
      by,
      element('span', { class: 'told' }, reason),
    ]),
  );
}

function timeOf(epochMs) {
  return timeLabel(new Date(epochMs).toISOString());
}

function button(text, key, onclick) {
  return element('button', { class: 'button', type: 'button', 'data-key': key, onclick }, text);
}
