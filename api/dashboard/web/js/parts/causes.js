import { element } from '../element.js';
import { formatDuration, formatEntity, formatPercent } from '../format.js';
import { timeLabel } from './time-label.js';

const edgeWords = { owns: 'its pod', serves: 'which serves', calls: 'called by', 'runs-on': 'on the same node' };

/** Ranked causes as a choice, the chosen one with its path and evidence. */
export function causesCard(incident, chosen, choose) {
  const { causes, abstained, checked, missing } = incident.diagnosis;
  const cause = causes[chosen];
  return element(
    'section',
    { class: 'card', 'aria-label': 'Causes' },
    element('h2', {}, abstained ? 'No clear cause' : causes.length > 1 ? 'Likely causes' : 'Cause'),
    causes.length === 0 && element('p', { class: 'soft' }, 'Nothing that explains it has been found yet.'),
    element(
      'div',
      { class: 'causes' },
      causes.map((one, i) => causeButton(one, i === chosen, () => choose(i))),
    ),
    cause && [pathList(cause), evidenceList(cause)],
    listOf('Also looked at', checked, 'checked'),
    listOf('Would have helped', missing, 'missing'),
  );
}

function causeButton(cause, pressed, choose) {
  const share = formatPercent(cause.probability);
  return element(
    'button',
    {
      type: 'button',
      class: 'cause',
      'data-key': `cause-${cause.rank}`,
      'data-rank': cause.rank,
      'aria-pressed': String(pressed),
      onclick: choose,
    },
    element(
      'span',
      { class: 'cause-line' },
      element('span', { class: 'cause-title' }, cause.title),
      element('span', { class: 'probability' }, share),
    ),
    element('span', { class: 'soft small break' }, `${cause.entity.kind} ${formatEntity(cause.entity)}`),
    element(
      'span',
      { class: 'bar', 'aria-hidden': 'true' },
      element('span', { style: { width: `${cause.probability * 100}%` } }),
    ),
  );
}

function pathList({ path }) {
  if (path.length === 0) return null;
  const start = path.find((step) => step.onset)?.onset;
  return [
    element('h3', { class: 'subhead' }, 'From cause to symptom'),
    element(
      'ol',
      { class: 'path' },
      path.map((step) => element('li', {}, pathStep(step, start))),
    ),
  ];
}

function pathStep(step, start) {
  const offset = step.onset && start ? Date.parse(step.onset) - Date.parse(start) : undefined;
  return element(
    'div',
    { class: 'what' },
    edgeWords[step.edge] && element('span', { class: 'soft small' }, `${edgeWords[step.edge]} `),
    element('strong', {}, `${step.entity.kind} ${formatEntity(step.entity)}`),
    offset !== undefined &&
      element('span', { class: 'soft small' }, offset <= 0 ? ' · first' : ` · ${formatDuration(offset)} later`),
    element('div', { class: 'soft' }, step.text),
  );
}

function evidenceList({ evidence }) {
  if (evidence.length === 0) return null;
  return [
    element('h3', { class: 'subhead' }, 'Evidence'),
    element('ul', { class: 'evidence' }, evidence.map(evidenceItem)),
  ];
}

function evidenceItem({ supports, text, at, kind, weight }) {
  return element(
    'li',
    { title: `${kind}, weight ${weight.toFixed(1)}` },
    element(
      'span',
      { class: 'sign', 'data-tone': supports ? 'good' : 'critical', 'aria-label': supports ? 'for' : 'against' },
      supports ? '+' : '−',
    ),
    element('span', { class: 'break' }, text),
    element('span', { class: 'soft small' }, at ? timeLabel(at) : ''),
  );
}

function listOf(title, items, key) {
  if (items.length === 0) return null;
  return element(
    'details',
    { class: 'subhead', 'data-key': key },
    element('summary', {}, `${title} (${items.length})`),
    element(
      'ul',
      { class: 'bullets' },
      items.map((item) => element('li', { class: 'break' }, item)),
    ),
  );
}
