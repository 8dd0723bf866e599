import { element } from '../element.js';
import { formatEntity, formatPercent } from '../format.js';
import { plainText } from '../words/describe-anomaly.js';
import { timeLabel } from './time-label.js';

const likely = 0.05;
const strongest = 4;

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
    causeList(causes, chosen, choose),
    cause && [pathList(cause), evidenceList(cause)],
    element(
      'div',
      { class: 'looked' },
      listOf('Also looked at', checked, 'checked'),
      listOf('Would have helped', missing, 'missing'),
    ),
  );
}

/** The likely ones, the chosen one and the first; the others folded away. */
function causeList(causes, chosen, choose) {
  const button = (one) => causeButton(one, causes.indexOf(one) === chosen, () => choose(causes.indexOf(one)));
  const shown = causes.filter(({ probability }, i) => i === 0 || i === chosen || probability >= likely);
  const others = causes.filter((one) => !shown.includes(one));
  return [
    element('div', { class: 'causes' }, shown.map(button)),
    others.length > 0 &&
      element(
        'details',
        { class: 'unfold', 'data-key': 'unlikely' },
        element('summary', {}, `${others.length} less likely`),
        element('div', { class: 'causes' }, others.map(button)),
      ),
  ];
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
      element(
        'span',
        {},
        element('span', { class: 'cause-title' }, cause.title),
        element('span', { class: 'soft small break' }, ` ${cause.entity.kind} ${formatEntity(cause.entity)}`),
      ),
      element('span', { class: 'probability' }, share),
    ),
    element(
      'span',
      { class: 'bar', 'aria-hidden': 'true' },
      element('span', { style: { width: `${cause.probability * 100}%` } }),
    ),
  );
}

function pathList({ path }) {
  if (path.length === 0) return null;
  return [
    element('h3', { class: 'subhead' }, 'From cause to symptom'),
    element(
      'ol',
      { class: 'path' },
      path.map((step) => element('li', {}, pathStep(step))),
    ),
  ];
}

function pathStep(step) {
  return element(
    'div',
    { class: 'what' },
    edgeWords[step.edge] && element('span', { class: 'soft small' }, `${edgeWords[step.edge]} `),
    element('strong', {}, `${step.entity.kind} ${formatEntity(step.entity)}`),
    step.onset && element('span', { class: 'soft small' }, ' · ', timeLabel(step.onset)),
    element('div', { class: 'soft small' }, plainText(step.text)),
  );
}

function evidenceList({ evidence }) {
  if (evidence.length === 0) return null;
  return [
    element('h3', { class: 'subhead' }, 'Evidence'),
    element('ul', { class: 'evidence' }, evidence.slice(0, strongest).map(evidenceItem)),
    evidence.length > strongest &&
      element(
        'details',
        { class: 'unfold', 'data-key': 'evidence' },
        element('summary', {}, `${evidence.length - strongest} more`),
        element('ul', { class: 'evidence' }, evidence.slice(strongest).map(evidenceItem)),
      ),
  ];
}

function evidenceItem({ supports, text, at, kind, weight }) {
  return element(
    'li',
    { title: `${text} (${kind}, weight ${weight.toFixed(1)})` },
    element(
      'span',
      { class: 'sign', 'data-tone': supports ? 'good' : 'critical', 'aria-label': supports ? 'for' : 'against' },
      supports ? '+' : '−',
    ),
    element('span', { class: 'break' }, plainText(text)),
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
