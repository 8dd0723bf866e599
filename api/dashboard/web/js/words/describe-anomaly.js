import { formatQuantity } from '../format.js';

const signalWords = {
  cpu: 'CPU',
  'cpu-throttling': 'CPU throttling',
  memory: 'memory',
  latency: 'latency',
  errors: 'errors',
  traffic: 'traffic',
  restarts: 'restarts',
  readiness: 'ready',
  disk: 'disk',
  network: 'network',
  'garbage-collection': 'garbage collection',
  'log-rate': 'log lines',
};
/** Shares that their signal's word does not describe. */
const metricWords = {
  'log.session.unseen.ratio': 'log sessions never seen so',
  'log.window.unseen.ratio': 'log windows never seen so',
  'log.severe.ratio': 'severe log lines',
  'trace.critical.path.share': 'share of the critical path',
};
/** Detectors whose sentence says more than two numbers. */
const tellsMore = new Set(['slo', 'log-template', 'state', 'node-failure', 'joint', 'new-edge', 'lost-edge']);

/** What a signal is called. @param {{signal: string, metric: string}} anomaly */
export function signalWord({ signal, metric }) {
  return metricWords[metric] ?? signalWords[signal] ?? metric;
}

/** A deviation in few words: latency 1.9 s, usually 73 ms. @param {any} anomaly */
export function describeAnomaly(anomaly) {
  const { detector, reason, observed, expected, entity } = anomaly;
  // What stands still or has vanished is where it was expected.
  if (tellsMore.has(detector) || observed === expected)
    return plainText(reason).replace(`${entity.kind} ${entity.namespace}/${entity.name} `, '');
  const unit = unitOf(anomaly);
  return `${signalWord(anomaly)} ${formatQuantity(observed, unit)}, usually ${formatQuantity(usual(expected), unit)}`;
}

/** A model may expect a trifle less than nothing of what cannot be less. */
function usual(expected) {
  return expected < 0 && expected > -0.01 ? 0 : expected;
}

/** The unit to show: shares have none of their own, and a counter is shown by its rate. */
export function unitOf({ metric, unit, kind }) {
  if ((unit === '1' || unit === '') && /(ratio|utilization)$/.test(metric)) return 'ratio';
  return kind === 'counter' ? `${unit === '' ? '1' : unit}/s` : unit;
}

const quantity = /(-?\d+(?:\.\d+)?(?:e[-+]?\d+)?) (bytes\b|By\b|s\/s|s(?![\w/])|ms\b|1\/s|\{\w+\}\/s|\{\w+\})/g;

/** A sentence of the engine's without what only its makers read, its figures short. @param {string} text */
export function plainText(text) {
  return text
    .replace(/ \(robust z [^)]*\)/g, '')
    .replace(/: score -?[\d.e+]+/g, '')
    .replace(quantity, (_whole, value, unit) => formatQuantity(Number(value), unit));
}
