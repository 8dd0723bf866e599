import { getJson } from '../api-client.js';
import { createSeriesChart } from '../charts/series-chart.js';
import { createSection, element } from '../element.js';
import { formatEntity, formatPercent, formatQuantity } from '../format.js';
import { chip } from '../parts/chips.js';
import { feedbackButtons } from '../parts/feedback-buttons.js';
import { timeLabel } from '../parts/time-label.js';
import { describeAnomaly, unitOf } from '../words/describe-anomaly.js';

const leadMs = 30 * 60_000;
const views = {
  lstm: 'the forecast of the network',
  seasonal: 'its usual level, at this time of day where that is known',
  trend: 'its trend',
  slo: 'its service level objective',
  'log-template': 'the rate of its log lines',
  'log-template-rate': 'the usual rate of these log lines',
  'log-severity': 'the usual mix of severities',
  'log-session': 'the log sessions seen before',
  joint: 'how its metrics go together',
  'node-failure': 'what nodes that fail show before',
  'new-edge': 'the calls seen before',
  'lost-edge': 'the calls seen before',
};

/** One anomaly: what was seen and expected, why it is told or not, what else moved, and what an operator can say. */
export function createAnomalyPanel(state) {
  const words = createSection(build, 'section', { class: 'card', 'aria-label': 'Anomaly' });
  const chart = element('div', { class: 'charts' });
  const node = element('div', { class: 'stack', hidden: true }, words.node, chart);
  let shown;
  let drawn;

  function clear() {
    drawn?.destroy();
    drawn = undefined;
    chart.replaceChildren();
  }

  async function draw(anomaly) {
    const from = new Date(Date.parse(anomaly.onset) - leadMs).toISOString();
    const to = anomaly.clearedAt ? new Date(Date.parse(anomaly.clearedAt) + leadMs).toISOString() : 'now';
    const { items } = await getJson('/query', { series: anomaly.series, from, to, maxPoints: 500 });
    if (shown !== anomaly.id || items.length === 0) return;
    clear();
    drawn = createSeriesChart(items[0], state.list('action'));
    chart.replaceChildren(drawn.node);
  }

  return {
    node,
    clear,
    /** @param {string | undefined} id */
    async show(id) {
      shown = id;
      node.hidden = id === undefined;
      clear();
      if (id === undefined) return;
      const anomaly = state.find('anomaly', id) ?? (await getJson(`/anomalies/${encodeURIComponent(id)}`));
      state.put('anomaly', anomaly);
      await draw(anomaly);
    },
    update() {
      const anomaly = shown && state.find('anomaly', shown);
      if (anomaly) words.update({ anomaly, feedback: state.list('feedback') });
    },
  };

  function build({ anomaly }) {
    const { entity, metric, reason, suppressed, learning, onset, clearedAt, detector, team, severity } = anomaly;
    return [
      element(
        'div',
        { class: 'card-head' },
        element('h2', { class: 'break' }, `${entity.kind} ${formatEntity(entity)}: ${describeAnomaly(anomaly)}`),
        element(
          'div',
          { class: 'row' },
          chip(anomaly.state),
          suppressed && chip('suppressed'),
          learning && chip('learning', 'accent'),
        ),
      ),
      element('p', { class: 'break' }, reason),
      suppressed && element('p', { class: 'break' }, element('strong', {}, 'Not told: '), suppressed.reason),
      element(
        'dl',
        { class: 'facts' },
        fact('Observed', formatQuantity(anomaly.observed, unitOf(anomaly))),
        fact('Expected', bandText(anomaly)),
        fact('Seen against', views[detector] ?? detector),
        fact('Since', timeLabel(onset)),
        clearedAt && fact('Until', timeLabel(clearedAt)),
        fact('Severity', formatPercent(severity)),
        fact('Metric', element('a', { class: 'break', href: queryOf(anomaly) }, metric)),
        team && fact('Team', team),
      ),
      alsoMoved(anomaly),
      feedbackButtons(anomaly, state),
    ].filter(Boolean);
  }
}

function fact(name, value) {
  return element('div', { class: 'fact' }, element('dt', {}, name), element('dd', { class: 'break' }, value));
}

function bandText(anomaly) {
  const unit = unitOf(anomaly);
  const [expected, lower, upper] = ['expected', 'lower', 'upper'].map((one) => formatQuantity(anomaly[one], unit));
  return `${expected}, between ${lower} and ${upper}`;
}

function queryOf({ series }) {
  return `#/query?series=${encodeURIComponent(series)}`;
}

function alsoMoved({ alsoMoved: others = [] }) {
  if (others.length === 0) return element('p', { class: 'soft small' }, 'Nothing else moved at that time.');
  return element(
    'details',
    { class: 'unfold', 'data-key': 'also-moved', open: true },
    element('summary', {}, `What else moved: ${others.length}`),
    element(
      'ul',
      { class: 'plain' },
      others.map(({ anomaly, entity, metric, onset, direction }) =>
        element(
          'li',
          { class: 'break' },
          timeLabel(onset),
          ' ',
          element(
            'a',
            { href: `#/anomalies/${encodeURIComponent(anomaly)}` },
            `${entity.kind} ${formatEntity(entity)}`,
          ),
          ` ${metric} ${direction === 'up' ? 'rose' : 'fell'}`,
        ),
      ),
    ),
  );
}
