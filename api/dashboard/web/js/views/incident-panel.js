import { getJson } from '../api-client.js';
import { createChartGrid } from '../charts/chart-grid.js';
import { chartLegend } from '../charts/series-chart.js';
import { createSection, element } from '../element.js';
import { formatDuration } from '../format.js';
import { graphLegend, serviceGraph } from '../graph/service-graph.js';
import { chooseSeries } from '../incident/choose-series.js';
import { createIncidentAnomalies } from '../incident/incident-anomalies.js';
import { momentsOf } from '../incident/moments.js';
import { actionCard } from '../parts/action-card.js';
import { causesCard } from '../parts/causes.js';
import { chip } from '../parts/chips.js';
import { emptyState } from '../parts/empty-state.js';
import { timeLabel } from '../parts/time-label.js';
import { timelineCard } from '../parts/timeline.js';
import { createOwners } from '../words/owners.js';

const leastLeadMs = 3 * 60_000;
const mostLeadMs = 15 * 60_000;
const chartEveryMs = 10_000;
const chartsAtFirst = 3;

/** One incident: title, causes, actions, the way through the graph, charts, timeline. */
export function createIncidentPanel(state) {
  let id;
  let cause = 0;
  let charted = { at: 0, key: '' };
  let scrolledTo = '';
  let allCharts = false;
  const asked = new Set();
  const known = createIncidentAnomalies(state, () => update());
  const head = createSection(buildHead, 'header', { class: 'incident-head' });
  const causes = createSection(({ incident, chosen }) => causesCard(incident, chosen, choose));
  const actions = createSection((items) => actionsCard(items, state));
  const graph = createSection(({ topology, path }) => graphCard(topology, path));
  const timeline = createSection(timelineCard);
  const charts = createChartGrid();
  const moreCharts = element('button', { class: 'button', type: 'button', onclick: toggleCharts });
  const chartPart = element(
    'section',
    { class: 'stack', 'aria-label': 'Signals' },
    element('div', { class: 'row signals-head' }, element('h2', {}, 'Signals'), chartLegend(true), moreCharts),
    charts.node,
  );
  const body = [
    head.node,
    graph.node,
    element(
      'div',
      { class: 'incident-top' },
      causes.node,
      element('div', { class: 'page' }, actions.node, timeline.node),
    ),
    chartPart,
  ];
  const node = element('article', { class: 'page' });

  function choose(index) {
    cause = index;
    update();
  }

  function toggleCharts() {
    allCharts = !allCharts;
    update();
  }

  async function show(next) {
    if (next !== id) {
      id = next;
      cause = 0;
      allCharts = false;
      known.clear();
      charts.destroy();
      charted = { at: 0, key: '' };
    }
    update();
  }

  function update() {
    const incident = state.find('incident', id);
    if (id === undefined) return;
    if (incident === undefined) return void missing();
    if (node.firstChild !== head.node) node.replaceChildren(...body);
    fetchOnce('action', '/actions', incident.actions);
    const anomalies = known.of(incident);
    const ownerOf = createOwners(state.topology);
    const taken = incident.actions.map((one) => state.find('action', one)).filter(Boolean);
    head.update(incident);
    causes.update({ incident, chosen: cause });
    actions.update(taken);
    graph.update({ topology: state.topology, path: incident.diagnosis.causes[cause]?.path ?? [] });
    timeline.update(momentsOf(incident, anomalies, taken, ownerOf));
    showCause();
    drawCharts(incident, chooseSeries(incident, anomalies, cause, ownerOf), taken);
  }

  /** Where the graph is wider than the screen, it starts at the cause; after that people scroll as they like. */
  function showCause() {
    const wanted = `${id} ${cause}`;
    const view = graph.node.querySelector('.graph');
    const box = view?.querySelector('[data-health="cause"]');
    if (wanted === scrolledTo || !box || view.clientWidth === 0) return;
    scrolledTo = wanted;
    const offset = box.getBoundingClientRect().left - view.getBoundingClientRect().left;
    view.scrollLeft += offset - view.clientWidth / 2;
  }

  function drawCharts(incident, chosen, taken) {
    const series = chosen.slice(0, allCharts ? chosen.length : chartsAtFirst);
    const more = chosen.length - chartsAtFirst;
    chartPart.hidden = series.length === 0;
    moreCharts.hidden = more <= 0;
    moreCharts.textContent = allCharts ? 'Show fewer' : `Show ${more} more`;
    const key = [incident.state, ...series, ...taken.map((action) => action.appliedAt)].join();
    if (key === charted.key && (isOver(incident, state.status?.now) || Date.now() - charted.at < chartEveryMs)) return;
    charted = { at: Date.now(), key };
    void charts.show(series, rangeOf(incident, state.status?.now), taken);
  }

  /** Asks for documents that the lists do not hold, each once. */
  function fetchOnce(type, path, ids) {
    for (const one of ids) {
      if (asked.has(one) || state.find(type, one)) continue;
      asked.add(one);
      getJson(`${path}/${encodeURIComponent(one)}`).then(
        (found) => state.put(type, found),
        () => asked.delete(one),
      );
    }
  }

  async function missing() {
    const wanted = id;
    if (asked.has(wanted)) return;
    asked.add(wanted);
    try {
      state.put('incident', await getJson(`/incidents/${encodeURIComponent(wanted)}`));
    } catch {
      const help = 'It may be older than what is kept. The list shows what there is.';
      if (id === wanted)
        node.replaceChildren(element('section', { class: 'card' }, emptyState('No such incident', help)));
    }
  }

  return {
    node,
    show,
    clear() {
      id = undefined;
      charts.destroy();
    },
  };
}

function buildHead({ state, severity, title, startedAt, resolvedAt, symptom }) {
  const lasted = resolvedAt && formatDuration(Date.parse(resolvedAt) - Date.parse(startedAt));
  return [
    element('a', { class: 'back-link small', href: '#/incidents', 'data-key': 'back' }, '← All incidents'),
    element('h1', { class: 'break' }, title),
    element(
      'p',
      { class: 'row soft' },
      chip(severity),
      chip(state),
      element(
        'span',
        {},
        'Began ',
        timeLabel(startedAt),
        resolvedAt && [', resolved ', timeLabel(resolvedAt), ` after ${lasted}`],
        ` · seen at ${symptom.kind} ${symptom.name}`,
      ),
    ),
  ];
}

function actionsCard(items, state) {
  return element(
    'section',
    { class: 'card', 'aria-label': 'Actions' },
    element('h2', {}, 'Actions'),
    items.length === 0
      ? element('p', { class: 'soft' }, 'None proposed. In mode Recommend and above Kybern proposes what would help.')
      : items.map((action) => actionCard(action, state)),
  );
}

function graphCard(topology, path) {
  if (topology.nodes.length === 0 && path.length === 0) return [];
  return element(
    'section',
    { class: 'card', 'aria-label': 'How it spread' },
    element('div', { class: 'card-head' }, element('h2', {}, 'How it spread'), graphLegend(path.length > 1)),
    serviceGraph(topology, path),
  );
}

/** Whether its charts show all that they will. */
function isOver(incident, now) {
  return incident.state === 'resolved' && now !== undefined && rangeOf(incident, now).to < now;
}

/** The incident with as much time around it, within bounds, as it took. */
function rangeOf({ startedAt, resolvedAt }, now) {
  const start = Date.parse(startedAt);
  const end = resolvedAt ? Date.parse(resolvedAt) : Math.max(start, now ? Date.parse(now) : Date.now());
  const lead = Math.min(mostLeadMs, Math.max(leastLeadMs, end - start));
  const last = resolvedAt ? Math.min(end + lead, now ? Date.parse(now) : Date.now()) : end;
  return { from: new Date(start - lead).toISOString(), to: new Date(last).toISOString() };
}
