import type { ForecastRisk } from './forecast-risk.ts';
import { describeTime } from './foretell.ts';
import type { NodeRecord } from './node-record.ts';
import { recoveredFrom } from './recovered-high.ts';
import type { ResourceTrack } from './resource-track.ts';
import { describeSigns } from './signs.ts';

const percent = (share: number) => `${Number((share * 100).toPrecision(2))} %`;

/** `disk /var`, `memory`, `pids`. */
export function nameOfTrack({ resource, place }: ResourceTrack): string {
  return place === '' ? resource : `${resource} ${place}`;
}

/**
 * `disk / is 81 % full and grew by 12 % of its size in 2.1 h, beyond the 74 % it came down from before; the kubelet evicts pods
 * from 90 % on, in about 94 min`.
 */
export function describeExhaustion(track: ResourceTrack, evictedFrom: number): string {
  const { overMs = 0, growth = 0, expectedMs = 0 } = track.ahead ?? {};
  const before = recoveredFrom(track.recovered);
  const known = Number.isNaN(before)
    ? ''
    : track.used > before
      ? `, beyond the ${percent(before)} it came down from before`
      : `, not yet at the ${percent(before)} it came down from before`;
  return `${nameOfTrack(track)} is ${percent(track.used)} full and grew by ${percent(growth)} of its size in ${describeTime(overMs / 1000)}${known}${describeEvictions(track.used, expectedMs, evictedFrom)}`;
}

/** A steady growth gets there that much sooner, and a slowing one sooner still. */
function describeEvictions(used: number, fullInMs: number, from: number): string {
  if (from >= 1) return '';
  if (used >= from) return `; from ${percent(from)} on the kubelet evicts pods`;
  const inMs = (fullInMs * (from - used)) / (1 - used);
  return `; the kubelet evicts pods from ${percent(from)} on, in about ${describeTime(inMs / 1000)}`;
}

/** What ails a node, the most frequent first. */
export function describeHealth(
  node: NodeRecord,
  nowMs: number,
  worst: { readonly metric: string; readonly risk: ForecastRisk } | undefined,
): string[] {
  const texts = node.ready ? [] : ['it is not ready'];
  texts.push(...describeSigns(node.signs, nowMs));
  if (worst !== undefined) {
    const times = Number(worst.risk.recent.toPrecision(2));
    texts.push(`${worst.metric} stays on the bad side of the LSTM's forecast, ${times} times as far off as usual`);
  }
  return texts;
}
