import { sendJson } from './api-client.js';
import { confirmChoice } from './confirm.js';
import { createSection, element } from './element.js';
import { attempt } from './toast.js';
import { describeSilence } from './words/silent-telemetry.js';

const pages = [
  ['incidents', 'Incidents'],
  ['changes', 'Changes'],
  ['anomalies', 'Anomalies'],
  ['entities', 'Entities'],
  ['models', 'Models'],
  ['query', 'Query'],
  ['audit', 'Audit'],
];
const modeTexts = {
  observe: 'Observe only',
  recommend: 'Recommend',
  approve: 'Act on approval',
  auto: 'Act by itself',
};

/** Brand, pages, mode, kill switch, whether the page is live, and telemetry that has stopped. */
export function createHeader(root, state) {
  const section = createSection(
    ({ page, live, mode, killSwitch, demo, silence }) => [
      element('a', { class: 'brand', href: '#/incidents', 'data-key': 'brand' }, mark(), 'Kybern'),
      demo ? demoBadge(demo) : '',
      element(
        'nav',
        { class: 'nav', 'aria-label': 'Pages' },
        pages.map((one) => pageLink(one, page)),
      ),
      element(
        'div',
        { class: 'controls' },
        standing(live, silence),
        mode && modeChoice(mode, state),
        mode && killSwitchButton(killSwitch, state),
      ),
    ],
    'div',
    { class: 'header-inner' },
  );
  root.append(section.node);
  return (page) => {
    const { mode, killSwitch, demo } = state.status ?? {};
    const silence = state.status && describeSilence(state.status);
    section.update({ page, live: state.live, mode, killSwitch, demo, silence });
  };
}

function demoBadge({ seed }) {
  const title = 'A simulated shop stands in for the cluster';
  return element('span', { class: 'chip', 'data-tone': 'accent', title }, `Demo · seed ${seed}`);
}

/** Whether the page is live, and what it is worth where telemetry has stopped. */
function standing(live, silence) {
  const isGood = live && !silence;
  return element(
    'span',
    {
      class: 'live',
      'data-live': live,
      role: 'status',
      title: silence && 'Kybern cannot tell what is wrong meanwhile: see to what sends it',
    },
    element('span', { class: 'dot', 'data-tone': isGood ? 'good' : 'warning' }),
    live ? (silence ?? 'Live') : 'Connecting',
  );
}

function mark() {
  return element('img', { src: '/favicon.svg', alt: '' });
}

function pageLink([id, label], page) {
  return element('a', { href: `#/${id}`, 'data-key': id, 'aria-current': id === page ? 'page' : undefined }, label);
}

function modeChoice(mode, state) {
  const select = element(
    'select',
    {
      class: 'input',
      'data-key': 'mode',
      'aria-label': 'What Kybern may do',
      onchange: () => void attempt(() => changeMode(select, mode, state)),
    },
    Object.entries(modeTexts).map(([value, text]) => element('option', { value, selected: value === mode }, text)),
  );
  return select;
}

async function changeMode(select, mode, state) {
  const wanted = select.value;
  select.value = mode;
  const text = 'Kybern will change workloads that opted in, within their bounds, without asking first.';
  if (wanted === 'auto' && !(await confirmChoice('Let Kybern act by itself?', text, 'Act by itself'))) return;
  await sendJson('PUT', '/mode', { mode: wanted });
  await state.refresh();
}

function killSwitchButton(on, state) {
  const press = async () => {
    const text = 'Kybern may write to the cluster again, as its mode allows.';
    if (on && !(await confirmChoice('Allow writes again?', text, 'Allow writes'))) return;
    await sendJson('PUT', '/kill-switch', { on: !on });
    await state.refresh();
  };
  return element(
    'button',
    {
      class: 'button',
      'data-kind': 'stop',
      'data-key': 'kill-switch',
      type: 'button',
      'aria-pressed': String(on),
      title: on ? 'All writes to the cluster are stopped' : 'Stop all writes to the cluster at once',
      onclick: () => void attempt(press),
    },
    on ? 'Writes stopped' : 'Stop writes',
  );
}
