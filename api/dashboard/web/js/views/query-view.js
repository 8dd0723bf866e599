import { getJson, sendJson } from '../api-client.js';
import { chartLegend, createSeriesChart } from '../charts/series-chart.js';
import { confirmChoice } from '../confirm.js';
import { element } from '../element.js';
import { emptyState } from '../parts/empty-state.js';
import { attempt, showToast } from '../toast.js';

const ranges = [
  ['-15m', 'Last 15 min'],
  ['-1h', 'Last hour'],
  ['-6h', 'Last 6 hours'],
  ['-1d', 'Last day'],
];

/** Series by name, entity and labels, with what was expected of them. */
export function mountQuery(root, state, address) {
  let charts = [];
  const results = element('div', { class: 'charts', 'aria-live': 'polite' });
  const note = element('div', {});
  const form = buildForm(address.query, (values) => void run(values));
  root.append(
    element(
      'div',
      { class: 'page' },
      element('div', { class: 'page-head' }, element('h1', {}, 'Query'), chartLegend()),
      element('section', { class: 'card', 'aria-label': 'Selection' }, form),
      note,
      results,
    ),
  );

  function clear() {
    for (const chart of charts) chart.destroy();
    charts = [];
    results.replaceChildren();
  }

  async function run(values) {
    clear();
    if (Object.keys(values).every((name) => name === 'from' || name === 'to')) {
      return note.replaceChildren(
        card(
          'Choose series',
          'Give a metric name, an entity such as service|shop|cart, or labels such as namespace=shop.',
        ),
      );
    }
    try {
      const { items } = await getJson('/query', { ...values, maxPoints: 500 });
      const empty = card('Nothing matches', 'Names must match whole. Entities and Anomalies link to what there is.');
      note.replaceChildren(...(items.length === 0 ? [empty] : []));
      charts = items.map((series) => createSeriesChart(series, state.list('action')));
      results.replaceChildren(...charts.map(({ node }, at) => withReport(node, items[at], values)));
    } catch (error) {
      note.replaceChildren(card('Not understood', error instanceof Error ? error.message : String(error)));
    }
  }

  void run(valuesOf(form, address.query));
  return { update() {}, leave: clear };
}

/** A chart, with a way to say that what it shows should have been an anomaly. */
function withReport(node, { fingerprint, metric }, { from, to }) {
  const button = element(
    'button',
    {
      type: 'button',
      class: 'button',
      'aria-label': `Something was missed in ${metric}`,
      onclick: () =>
        void attempt(async () => {
          const text = 'The threshold of this series is lowered, within bounds, to where what is shown here is found.';
          if (!(await confirmChoice('Was something missed?', text, 'Report'))) return;
          const { effect } = await sendJson('POST', '/feedback/missed', { series: fingerprint, from, to });
          showToast(effect);
        }),
    },
    'Something was missed',
  );
  node.append(element('div', { class: 'row buttons' }, button));
  return node;
}

function card(title, text) {
  return element('section', { class: 'card' }, emptyState(title, text));
}

function buildForm(query, run) {
  const field = (name, label, placeholder) =>
    element(
      'label',
      {},
      label,
      element('input', {
        class: 'input',
        name,
        placeholder,
        value: query.get(name) ?? '',
        autocomplete: 'off',
        spellcheck: 'false',
      }),
    );
  const form = element(
    'form',
    {
      class: 'query-form',
      onsubmit: (event) => {
        event.preventDefault();
        run(valuesOf(form));
      },
    },
    field('metric', 'Metric', 'container_memory_working_set_bytes'),
    field('entity', 'Entity', 'service|shop|cart'),
    field('labels', 'Labels', 'namespace=shop, pod=cart-1'),
    element(
      'label',
      {},
      'Time',
      element(
        'select',
        { class: 'input', name: 'from' },
        ranges.map(([value, text]) => element('option', { value, selected: value === '-1h' }, text)),
      ),
    ),
    element('button', { class: 'button', 'data-kind': 'primary', type: 'submit' }, 'Show'),
  );
  return form;
}

function valuesOf(form, query) {
  const data = new FormData(form);
  const series = query?.get('series');
  const values = { from: String(data.get('from')), to: 'now' };
  if (series) return { ...values, series };
  for (const name of ['metric', 'entity']) {
    const text = String(data.get(name)).trim();
    if (text !== '') values[name] = text;
  }
  for (const pair of String(data.get('labels')).split(',')) {
    const at = pair.indexOf('=');
    if (at > 0) values[`label.${pair.slice(0, at).trim()}`] = pair.slice(at + 1).trim();
  }
  return values;
}
