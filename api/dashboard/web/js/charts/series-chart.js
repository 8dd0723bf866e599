import uPlot from '/assets/uPlot.esm.js';
import { element } from '../element.js';
import { byteUnits, formatEntity, formatQuantity } from '../format.js';
import { chip } from '../parts/chips.js';
import { drawActions, drawAnomalies, drawLimit } from './chart-marks.js';
import { distinguishing, heightOf, plotted } from './plotted.js';

const height = 148;
const byteSteps = Array.from({ length: 50 }, (_, power) => 2 ** power);

/**
 * A series with its expected band, its anomalies shaded and actions marked.
 * @param {any} series As /api/v1/query gives it. @param {readonly any[]} actions Those with `appliedAt` are marked.
 * @param {{limit?: {times: string[], values: number[]}, range?: {from: string, to: string}}} [frame] What bounds the
 *   values, and the times from edge to edge.
 */
export function createSeriesChart(series, actions, frame = {}) {
  const subject = [`${series.entity.kind} ${formatEntity(series.entity)}`, distinguishing(series.labels)]
    .filter(Boolean)
    .join(' · ');
  const canvas = element('div', { class: 'chart-canvas' });
  const { scoring } = series;
  const isYoung = scoring !== undefined && scoring.state !== 'known';
  const reading = element('span', { class: 'soft small' });
  const node = element(
    'figure',
    { class: 'card chart' },
    element(
      'figcaption',
      {},
      element('span', { class: 'metric', title: series.metric }, series.metric),
      isYoung &&
        element('span', {}, chip(`${scoring.state}, ${scoring.samples} of ${scoring.needed} samples`, 'accent')),
      reading,
      element('span', { class: 'soft small subject', title: subject }, subject),
    ),
    canvas,
  );
  let current = { series, actions, frame, drawn: plotted(series) };
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
      columnsOf(current.drawn),
      canvas,
    );
  };
  const say = () => {
    reading.textContent = readingOf(current);
  };
  say();
  observer.observe(canvas);
  dark.addEventListener('change', draw);
  return {
    node,
    update(next, nextActions, nextFrame = {}) {
      current = { series: next, actions: nextActions, frame: nextFrame, drawn: plotted(next) };
      say();
      plot?.setData(columnsOf(current.drawn));
    },
    destroy() {
      observer.disconnect();
      dark.removeEventListener('change', draw);
      plot?.destroy();
    },
  };
}

function columnsOf({ x, upper, lower, expected, values }) {
  return [x, upper, lower, expected, values];
}

/** The value now; of a series that anomalies were seen in, its extreme. */
function readingOf({ series, drawn: { values, unit }, frame: { limit } }) {
  const seen = values.filter((value) => value !== null);
  if (seen.length === 0) return 'no points in this time';
  const falls = series.anomalies[0] && series.anomalies[0].observed < series.anomalies[0].expected;
  const extreme = series.anomalies.length === 0 ? seen.at(-1) : falls ? Math.min(...seen) : Math.max(...seen);
  const word = series.anomalies.length === 0 ? '' : falls ? 'least ' : 'peak ';
  const bound = limit?.values.at(-1);
  return `${word}${formatQuantity(extreme, unit)}${bound === undefined ? '' : `, limit ${formatQuantity(bound, unit)}`}`;
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
    padding: [8, 16, 0, 0],
    scales: {
      x: { time: true, range: (_plot, low, high) => edgesOf(current().frame, low, high) },
      y: { range: () => heightOf(current().drawn, current().frame.limit?.values ?? []) },
    },
    axes: [
      { ...axis, size: 24, values: (_plot, ticks) => ticks.map(clock), space: 64 },
      {
        ...axis,
        size: 58,
        incrs: byteUnits.has(current().drawn.unit) ? byteSteps : undefined,
        values: (_plot, ticks) => ticks.map((tick) => formatQuantity(tick, current().drawn.unit)),
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
      draw: [
        (plot) => drawLimit(plot, current().frame.limit, color),
        (plot) => drawActions(plot, current().actions, color),
      ],
    },
  };
}

function edgesOf({ range }, low, high) {
  if (range) return [Date.parse(range.from) / 1000, Date.parse(range.to) / 1000];
  return low === null || high === null ? [0, 1] : [low, high];
}

function clock(seconds) {
  return new Date(seconds * 1000).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit', hour12: false });
}

/** What is drawn how. */
export function chartLegend(withLimit = false) {
  const item = (what, text) => element('span', {}, element('span', { class: 'swatch', 'data-what': what }), text);
  return element(
    'p',
    { class: 'legend' },
    item('value', 'observed'),
    item('band', 'expected'),
    item('anomaly', 'anomaly'),
    withLimit && item('limit', 'limit'),
    item('action', 'action written'),
  );
}
