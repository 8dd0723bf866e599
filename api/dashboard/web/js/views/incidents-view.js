import { createSection, element } from '../element.js';
import { formatDuration, formatQuantity } from '../format.js';
import { graphLegend, serviceGraph } from '../graph/service-graph.js';
import { chip } from '../parts/chips.js';
import { connectHelp, emptyState } from '../parts/empty-state.js';
import { timeLabel } from '../parts/time-label.js';
import { createIncidentPanel } from './incident-panel.js';

const wide = matchMedia('(min-width: 861px)');

/** Incidents to the left, the chosen one to the right; where none is, how things stand. */
export function mountIncidents(root, state, address) {
  let chosen = address.id;
  const list = createSection(buildList, 'div', { class: 'stack' });
  const slos = createSection(buildSlos);
  const calm = createSection(buildCalm, 'div', { class: 'page' });
  const panel = createIncidentPanel(state);
  const detail = element('div', {});
  const split = element('div', { class: 'split' }, element('aside', { class: 'side' }, list.node, slos.node), detail);
  root.append(split);

  const update = () => {
    const incidents = state.list('incident');
    const selected = chosen ?? (wide.matches ? incidents.find((one) => one.state === 'open')?.id : undefined);
    split.dataset.selected = String(chosen !== undefined);
    list.update({ incidents: incidents.map(summaryOf), selected, loaded: state.loaded });
    slos.update(state.slos);
    const shown = selected === undefined ? calm.node : panel.node;
    if (detail.firstChild !== shown) detail.replaceChildren(shown);
    if (selected === undefined) {
      panel.clear();
      const { series, learning, uptimeSeconds } = state.status ?? {};
      calm.update({
        topology: state.topology,
        series,
        learning,
        started: uptimeSeconds !== undefined,
        past: incidents.length,
        open: incidents.filter((one) => one.state === 'open').length,
      });
    } else void panel.show(selected);
  };
  return {
    update,
    navigate(id) {
      chosen = id;
      if (id !== undefined) window.scrollTo(0, 0);
    },
    leave: () => panel.clear(),
  };
}

function summaryOf({ id, state, severity, title, startedAt, resolvedAt, diagnosis }) {
  return { id, state, severity, title, startedAt, resolvedAt, cause: diagnosis.causes[0]?.title };
}

function buildList({ incidents, selected, loaded }) {
  if (!loaded && incidents.length === 0) return element('p', { class: 'soft' }, 'Loading …');
  const group = (title, items) =>
    items.length > 0 && [
      element('h2', { class: 'list-label' }, element('span', {}, title), element('span', {}, items.length)),
      element(
        'ul',
        { class: 'incident-list' },
        items.map((one) => element('li', {}, incidentLink(one, one.id === selected))),
      ),
    ];
  const open = incidents.filter((one) => one.state === 'open');
  return [
    open.length === 0 && element('h2', { class: 'list-label' }, 'No open incidents'),
    group('Open', open),
    group(
      'Resolved',
      incidents.filter((one) => one.state === 'resolved'),
    ),
  ]
    .flat()
    .filter(Boolean);
}

function incidentLink({ id, state, severity, title, startedAt, resolvedAt, cause }, current) {
  const lasted = resolvedAt && ` · took ${formatDuration(Date.parse(resolvedAt) - Date.parse(startedAt))}`;
  return element(
    'a',
    {
      href: `#/incidents/${encodeURIComponent(id)}`,
      'data-key': id,
      'data-tone': state === 'open' ? severity : undefined,
      'aria-current': current ? 'true' : undefined,
    },
    element('span', { class: 'title' }, title),
    element('span', { class: 'soft small' }, cause ?? 'no cause yet'),
    element('span', { class: 'soft small' }, timeLabel(startedAt), lasted),
  );
}

function buildSlos(slos) {
  if (slos.length === 0) return [];
  return element(
    'section',
    { class: 'card', 'aria-label': 'Service levels' },
    element('h2', {}, 'Service levels'),
    slos.map(({ slo, standing }) =>
      element(
        'div',
        { class: 'slo' },
        element(
          'span',
          { class: 'stacked' },
          element('strong', {}, slo.service),
          element('span', { class: 'soft small stacked' }, standing ? figuresOf(slo, standing) : 'waits for requests'),
        ),
        standing && chip(standing.met ? 'holds' : 'broken', standing.met ? 'good' : 'critical'),
      ),
    ),
  );
}

function figuresOf(slo, standing) {
  const figures = [];
  if (slo.latencyP95Ms !== undefined) {
    const [now, most] = [standing.latencyP95Ms, slo.latencyP95Ms].map((value) => formatQuantity(value, 'ms'));
    figures.push(`p95 ${now} of ${most}`);
  }
  if (slo.errorRatio !== undefined) {
    const [now, most] = [standing.errorRatio, slo.errorRatio].map((value) => formatQuantity(value, 'ratio'));
    figures.push(`errors ${now} of ${most}`);
  }
  return figures.map((figure) => element('span', { class: 'nowrap' }, figure));
}

function buildCalm({ topology, series, learning, started, past, open }) {
  if (!started) return [];
  if (topology.nodes.length === 0 && past === 0 && series === 0) {
    const text =
      'Kybern hears nothing yet. Point Prometheus or OpenTelemetry at it, and it learns within minutes what is normal.';
    return element('section', { class: 'card' }, emptyState('Send telemetry', text, connectHelp()));
  }
  return [
    element('h1', {}, open === 0 ? 'All is calm' : open === 1 ? 'One open incident' : `${open} open incidents`),
    element(
      'dl',
      { class: 'facts' },
      fact('Series watched', series),
      fact('Still learning', learning),
      fact('Entities known', topology.nodes.length),
    ),
    element(
      'section',
      { class: 'card', 'aria-label': 'Services' },
      element('div', { class: 'card-head' }, element('h2', {}, 'Services'), graphLegend(false)),
      topology.nodes.length === 0
        ? emptyState('No services known yet', 'Traces draw this map: send spans over OTLP, or a service graph metric.')
        : serviceGraph(topology),
    ),
  ];
}

function fact(name, value) {
  return element('div', { class: 'fact' }, element('dt', {}, name), element('dd', {}, value));
}
