import { unitOf } from '../words/describe-anomaly.js';

/** Labels that only repeat which entity a series is of. */
const namesEntity =
  /^(k8s[._]|service[._]|host[._]|net\.|server\.)|^(namespace|pod|container|node|job|instance|service|endpoint|uid|span\.kind|image)$/;

/**
 * A series as it is drawn: a counter by its rate, which is what its band is of.
 * @param {any} series As /api/v1/query gives it.
 * @returns {{x: number[], values: (number | null)[], expected: any[], lower: any[], upper: any[], unit: string}} x in
 *   seconds since the epoch.
 */
export function plotted(series) {
  const { times, values, expected, lower, upper } = series.points;
  const x = times.map((time) => Date.parse(time) / 1000);
  const drawn = series.kind === 'counter' ? rates(x, values) : values;
  return { x, values: drawn, expected, lower, upper, unit: unitOf(series) };
}

/** Increase a second since the point before; a fall is a restart from zero. */
function rates(x, values) {
  return values.map((value, i) => {
    if (i === 0) return null;
    const increase = value < values[i - 1] ? value : value - values[i - 1];
    return increase / (x[i] - x[i - 1]);
  });
}

/** What tells a series from others of its entity and metric. @param {Record<string, string>} labels */
export function distinguishing(labels) {
  return Object.entries(labels)
    .filter(([name]) => !namesEntity.test(name))
    .map(([name, value]) => `${name} ${value}`)
    .join(', ');
}

/**
 * The range of the y axis: all that was observed and the limit, and as much of the band as doesn't flatten them.
 * @param {ReturnType<typeof plotted>} drawn @param {readonly number[]} limits
 */
export function heightOf({ values, lower, upper }, limits) {
  const seen = [...values, ...limits].filter((value) => value !== null && Number.isFinite(value));
  if (seen.length === 0) return [0, 1];
  const [least, most] = [Math.min(...seen), Math.max(...seen)];
  const room = most - least || Math.abs(most) || 1;
  const finite = (column) => column.filter((value) => value !== null);
  const low = Math.max(least - room, Math.min(least, ...finite(lower)));
  const high = Math.min(most + room, Math.max(most, ...finite(upper)));
  const pad = (high - low) * 0.06;
  return [low >= 0 ? Math.max(0, low - pad) : low - pad, high + pad];
}
