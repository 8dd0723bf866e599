import { createIntervalStack } from './interval-stack.ts';
import type { SpanRing } from './span-ring.ts';
import { clockShift, kindClient, kindConsumer } from './span-times.ts';

/**
 * Time in ms that a service spent on a request by itself: the duration of its entry span less the time in which it waited
 * for another service, through whatever spans of its own. Waiting is a client span or a span of another service below it;
 * calls side by side count once, what lasts longer than the caller counts up to its end, and consumers of a message don't
 * count: nobody waits for them.
 */
export type OwnTime = (
  spanHigh: number,
  spanLow: number,
  service: number,
  startMs: number,
  durationMs: number,
) => number;

/** More calls and deeper nesting than this below one request are taken for its own time. */
const mostCalls = 4096;
const deepest = 64;
const mostVisits = 20_000;

export function createOwnTime(ring: SpanRing): OwnTime {
  const waits = createIntervalStack(mostCalls);
  let visits = 0;

  /** Of the span that ran from `begin` to `end`, and was waited for from `from` to `to`. */
  function collect(
    high: number,
    low: number,
    service: number,
    begin: number,
    end: number,
    from: number,
    to: number,
    depth: number,
  ): void {
    for (let child = ring.firstChild(high, low); child >= 0; child = ring.nextChild(child)) {
      if (++visits > mostVisits) return;
      const kind = ring.kind(child);
      if (kind === kindConsumer) continue;
      const start = ring.startMs(child);
      const stop = start + ring.durationMs(child);
      const same = ring.service(child) === service;
      const shift = clockShift(begin, end, start, stop, same);
      const childFrom = Math.max(from, start + shift);
      const childTo = Math.min(to, stop + shift);
      if (!(childTo > childFrom)) continue;
      if (!same || kind === kindClient) waits.push(childFrom, childTo, child);
      else if (depth < deepest) {
        collect(ring.spanHigh(child), ring.spanLow(child), service, start, stop, childFrom, childTo, depth + 1);
      }
    }
  }

  return (spanHigh, spanLow, service, startMs, durationMs) => {
    waits.size = 0;
    visits = 0;
    const endMs = startMs + durationMs;
    collect(spanHigh, spanLow, service, startMs, endMs, startMs, endMs, 0);
    if (waits.size === 0) return durationMs;
    if (waits.size > 1) waits.sortByEnd(0);
    let waited = 0;
    let covered = Number.POSITIVE_INFINITY;
    for (let at = 0; at < waits.size; at += 1) {
      const to = Math.min(covered, waits.to[at]!);
      const from = waits.from[at]!;
      if (to > from) waited += to - from;
      covered = Math.min(covered, from);
    }
    return Math.max(0, durationMs - waited);
  };
}
