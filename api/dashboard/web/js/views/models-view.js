import { getJson, sendJson } from '../api-client.js';
import { confirmChoice } from '../confirm.js';
import { createSection, element } from '../element.js';
import { emptyState } from '../parts/empty-state.js';
import { changesTable, processesTable, servingTable, versionsTable } from '../parts/model-tables.js';
import { trainingFacts } from '../parts/training-facts.js';
import { attempt } from '../toast.js';

const everyMs = 5000;

/** Which network forecasts which series, since when, what waits or was refused and why, and how training stands. */
export function mountModels(root, state) {
  /** @type {any} */
  let overview;
  /** Why there is none. */
  let absent = '';
  const facts = createSection(buildFacts, 'section', { class: 'card', 'aria-label': 'Series and training' });
  const serving = createSection((input) => card('What serves', input && servingTable(input, rollBack)));
  const versions = createSection((input) => card('Versions', input && versionsTable(input, promote)));
  const processes = createSection((input) => card('Processes', input && processesTable(input)));
  const changes = createSection((input) => card('Changes', input && changesTable(input)));
  const none = createSection((text) => (text === '' ? [] : emptyState('No versions of the network', text)));
  root.append(
    element(
      'div',
      { class: 'page' },
      element(
        'div',
        { class: 'page-head' },
        element('h1', {}, 'Models'),
        element(
          'p',
          { class: 'soft' },
          'Networks that forecast the series. A new one serves only where it did better on history held back from it.',
        ),
      ),
      none.node,
      facts.node,
      serving.node,
      processes.node,
      versions.node,
      changes.node,
    ),
  );

  async function load() {
    try {
      overview = await getJson('/models');
      absent = '';
    } catch (error) {
      absent = overview === undefined ? error.message : '';
    }
    update();
  }

  function update() {
    none.update(absent);
    const { models = [], history = [], training, processes: told = [] } = overview ?? {};
    const { series = 0, learning = 0, resident = series } = state.status ?? {};
    facts.node.hidden = overview === undefined;
    facts.update({ series, learning, resident, training });
    serving.update(overview && { serving: overview.serving, models, processes: told });
    processes.update(told.length === 0 ? undefined : { processes: told, serving: overview.serving });
    versions.update(models.length < 2 ? undefined : { models, serving: overview.serving });
    changes.update(history.length === 0 ? undefined : history.slice(0, 20));
  }

  async function promote(id) {
    const text = `${id} forecasts its class from now on, unless another model serves than it was compared with.`;
    if (!(await confirmChoice('Let this model serve?', text, 'Let it serve'))) return;
    await attempt(() => sendJson('POST', `/models/${encodeURIComponent(id)}/promote`, {}));
    await load();
  }

  async function rollBack(modelClass) {
    const text = `What served class ${modelClass} before serves it again, at once.`;
    if (!(await confirmChoice('Go back to the model before?', text, 'Go back'))) return;
    await attempt(() => sendJson('POST', '/models/rollback', { class: modelClass }));
    await load();
  }

  void load();
  const timer = setInterval(() => document.hidden || void load(), everyMs);
  return { update, leave: () => clearInterval(timer) };
}

function card(title, table) {
  if (table === undefined) return [];
  return element('section', { class: 'card', 'aria-label': title }, element('h2', {}, title), table);
}

function buildFacts({ series, learning, resident, training }) {
  return element(
    'dl',
    { class: 'facts' },
    fact('Series scored', String(series)),
    fact('In memory', String(resident)),
    fact('Still learning', String(learning)),
    training && trainingFacts(training).map(([name, value]) => fact(name, value)),
  );
}

function fact(name, value) {
  return element('div', { class: 'fact' }, element('dt', {}, name), element('dd', {}, value));
}
