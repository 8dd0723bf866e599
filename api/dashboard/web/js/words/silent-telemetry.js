import { formatDuration } from '../format.js';

const minuteMs = 60_000;
/** Metrics are collected all the time; logs and spans are written when there is something to do. */
const patienceMs = { metrics: 10 * minuteMs, logs: 30 * minuteMs, traces: 30 * minuteMs };

/**
 * What of telemetry has stopped to come, for how long; undefined where all of it comes. Of a kind that never came nothing is
 * expected.
 * @param {{now: string, uptimeSeconds: number, lastReceived: Record<string, string>}} status
 */
export function describeSilence({ now, uptimeSeconds, lastReceived }) {
  const sinceMs = (kind) => Date.parse(now) - Date.parse(lastReceived[kind]);
  const silent = Object.keys(patienceMs).filter((kind) => lastReceived[kind] && sinceMs(kind) >= patienceMs[kind]);
  if (silent.length > 0) return `No ${listed(silent)} for ${formatDuration(Math.min(...silent.map(sinceMs)))}`;
  const neverCame = Object.keys(lastReceived).length === 0;
  if (neverCame && uptimeSeconds * 1000 >= patienceMs.metrics) return 'Nothing received yet';
  return undefined;
}

function listed(words) {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}
