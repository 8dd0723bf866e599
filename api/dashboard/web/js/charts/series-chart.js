import uPlot from '/assets/uPlot.esm.js';
import { element } from '../element.js';
import { byteUnits, formatEntity, formatQuantity } from '../format.js';
import { drawActions, drawAnomalies } from './chart-marks.js';

const height = 190;
const byteSteps = Array.from({ length: 50 }, (_, power) => 2 ** power);

/**
 * A series with its expected band, its anomalies shaded and actions marked.
 * @param {any} series As /api/v1/query gives it. @param {readonly any[]} actions Those with `appliedAt` are marked.
 */
export function createSeriesChart(series, actions) {
  const canvas = element('div', { class: 'chart-canvas' });
  const reading = element('span', { class: 'soft small' });
  const node = element(
    'figure',
    { class: 'card chart' },
    element(
      'figcaption',
      {},
      element('span', { class: 'metric' }, series.metric),
      reading,
      element(
        'span',
        { class: 'soft small break', style: { width: '100%' } },
        `${series.entity.kind} ${formatEntity(series.entity)}`,
      ),
    ),
    canvas,
  );
  let current = { series, actions };
  let plot;
  const observer = new ResizeObserver(() => {
    if (canvas.clientWidth === 0) return;
    if (plot === undefined) draw();
    else plot.setSize({ width: canvas.clientWidth, height });
  });
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const draw = () => {
    plot?.destroy();
    plot = new uPlot(
      optionsOf(canvas.clientWidth, () => current),
      columnsOf(current.series),
      canvas,
    );
  };
  const say = () => {
    reading.textContent = readingOf(current.series);
  };
  say();
  observer.observe(canvas);
  dark.addEventListener('change', draw);
  return {
    node,
    update(next, nextActions) {
      current = { series: next, actions: nextActions };
      say();
      plot?.setData(columnsOf(next));
    },
    destroy() {
      observer.disconnect();
      dark.removeEventListener('change', draw);
      plot?.destroy();
    },
  };
}

function columnsOf({ points }) {
  return [
    points.times.map((time) => Date.parse(time) / 1000),
    points.upper,
    points.lower,
    points.expected,
    points.values,
  ];
}

function readingOf({ points, unit }) {
  const last = points.values.length - 1;
  if (last < 0) return 'no points in this time';
  const expected = points.expected[last];
  const now = formatQuantity(points.values[last], unit);
  return expected === null ? now : `${now}, expected ${formatQuantity(expected, unit)}`;
}

function optionsOf(width, current) {
  const color = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const axis = {
    stroke: color('--text-soft'),
    font: '11px system-ui',
    grid: { stroke: color('--line'), width: 1 },
    ticks: { show: false },
  };
  const hidden = { stroke: 'transparent', width: 0, points: { show: false } };
  return {
    width,
    height,
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { size: 7 } },
    padding: [8, 18, 0, 0],
    scales: { x: { time: true }, y: { range: (_plot, low, high) => padded(low, high) } },
    axes: [
      { ...axis, size: 24, values: (_plot, ticks) => ticks.map(clock), space: 64 },
      {
        ...axis,
        size: 68,
        incrs: byteUnits.has(current().series.unit) ? byteSteps : undefined,
        values: (_plot, ticks) => ticks.map((tick) => formatQuantity(tick, current().series.unit)),
        space: 28,
      },
    ],
    bands: [{ series: [1, 2], fill: color('--band') }],
    series: [
      {},
      hidden,
      hidden,
      { stroke: color('--accent'), width: 1, dash: [3, 4], points: { show: false } },
      { stroke: color('--accent'), width: 1.8, points: { show: false } },
    ],
    hooks: {
      drawClear: [(plot) => drawAnomalies(plot, current().series.anomalies, color)],
      draw: [(plot) => drawActions(plot, current().actions, color)],
    },
  };
}

function padded(low, high) {
  if (low === null || high === null) return [0, 1];
  const room = (high - low || Math.abs(high) || 1) * 0.08;
  return [low >= 0 ? Math.max(0, low - room) : low - room, high + room];
}

function clock(seconds) {
  return new Date(seconds * 1000).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit', hour12: false });
}

/** What is drawn how. */
export function chartLegend() {
  const item = (what, text) => element('span', {}, element('span', { class: 'swatch', 'data-what': what }), text);
  return element(
    'p',
    { class: 'legend' },
    item('value', 'observed'),
    item('band', 'expected'),
    item('anomaly', 'anomaly'),
    item('action', 'action written'),
  );
}
