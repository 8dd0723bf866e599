import { createIntervalStack } from './interval-stack.ts';
import type { SpanRing } from './span-ring.ts';
import { clockShift, kindConsumer } from './span-times.ts';

/** Critical paths of one window's traces, summed up by service. */
export interface CriticalPaths {
  /** Takes in the trace, or the part of one that nobody waits for, whose first span is at this place of the ring. */
  take(place: number): void;
  /** From now on takes one of so many traces, by their first span's id. */
  takeOneOf(traces: number): void;
  /** Time that the service held up its traces, in ms. */
  pathMs(service: number): number;
  /** Duration of the traces that the service takes part in, in ms. */
  traceMs(service: number): number;
  clear(): void;
}

/** Times are floats of epoch milliseconds: equal moments may differ by this much. */
const slackMs = 0.001;
const deepest = 64;
const mostSpans = 20_000;

/**
 * The critical path of a trace, walked back from its end: the child that ended last held its parent up, before it the one
 * that ended last before that one began, and so on, each with its own children; what lies between is the parent's own.
 * CRISP (Zhang et al., "CRISP: Critical Path Analysis of Large-Scale Microservice Architectures", USENIX ATC 2022).
 * Children that outlast their parent are cut at its end, clocks that cannot be right are moved, consumers of messages
 * are left out. What a peer without spans takes is the peer's. The parts of a path add up to the trace's duration.
 */
export function createCriticalPaths(ring: SpanRing): CriticalPaths {
  const children = createIntervalStack(mostSpans);
  let path = new Float64Array(64);
  let whole = new Float64Array(64);
  /** Number of the trace in which a service was met last. */
  let met = new Float64Array(64);
  let trace = 0;
  let traceMs = 0;
  let visits = 0;
  let oneOf = 1;

  function meet(service: number): void {
    if (service >= path.length) {
      const room = Math.max(service + 1, path.length * 2);
      [path, whole, met] = [grown(path, room), grown(whole, room), grown(met, room)];
    }
    if (met[service] === trace) return;
    met[service] = trace;
    whole[service] = whole[service]! + traceMs;
  }

  /** Whose time a span's own is: that of the peer it calls, where that one sends no spans. */
  function ownerOf(place: number, hasChildren: boolean): number {
    return hasChildren || ring.peer(place) === 0 ? ring.service(place) : ring.peer(place) - 1;
  }

  /** How far the clock of a child is moved, of a parent that was itself moved by `shift`. */
  function shiftOf(child: number, parent: number, shift: number): number {
    const begin = ring.startMs(parent) + shift;
    const start = ring.startMs(child) + shift;
    const same = ring.service(child) === ring.service(parent);
    return shift + clockShift(begin, begin + ring.durationMs(parent), start, start + ring.durationMs(child), same);
  }

  /** Pushes the children of a span where they lie in time, cut to what was waited for. */
  function gather(place: number, from: number, to: number, shift: number): void {
    const high = ring.spanHigh(place);
    const low = ring.spanLow(place);
    for (let child = ring.firstChild(high, low); child >= 0; child = ring.nextChild(child)) {
      if (++visits > mostSpans) return;
      if (ring.kind(child) === kindConsumer || child === place) continue;
      const start = ring.startMs(child) + shiftOf(child, place, shift);
      children.push(Math.max(from, start), Math.min(to, start + ring.durationMs(child)), child);
    }
  }

  function walk(place: number, from: number, to: number, shift: number, isCritical: boolean, depth: number): void {
    const base = children.size;
    if (depth < deepest) gather(place, from, to, shift);
    const owner = ownerOf(place, children.size > base);
    meet(owner);
    if (isCritical && children.size > base + 1) children.sortByEnd(base);
    let cursor = to;
    let own = 0;
    for (let at = base; at < children.size; at += 1) {
      const childFrom = children.from[at]!;
      const childTo = children.to[at]!;
      const onPath = isCritical && childTo > childFrom && childTo <= cursor + slackMs;
      if (onPath) {
        own += Math.max(0, cursor - childTo);
        cursor = Math.min(cursor, childFrom);
      }
      const child = children.what[at]!;
      const held = children.size;
      walk(child, childFrom, childTo, shiftOf(child, place, shift), onPath, depth + 1);
      children.size = held;
    }
    if (isCritical) path[owner] = path[owner]! + own + Math.max(0, cursor - from);
  }

  return {
    take: (place) => {
      const start = ring.startMs(place);
      traceMs = ring.durationMs(place);
      if (!(traceMs > 0) || !isSampled(ring.spanHigh(place), ring.spanLow(place), oneOf)) return;
      trace += 1;
      visits = 0;
      children.size = 0;
      walk(place, start, start + traceMs, 0, true, 0);
    },
    takeOneOf: (traces) => {
      oneOf = traces;
    },
    pathMs: (service) => path[service] ?? 0,
    traceMs: (service) => whole[service] ?? 0,
    clear: () => {
      path.fill(0);
      whole.fill(0);
    },
  };
}

/** The same spans are taken on every replica and in every replay. */
function isSampled(high: number, low: number, oneOf: number): boolean {
  return oneOf === 1 || (Math.imul(low ^ high, 0x9e3779b1) >>> 8) % oneOf === 0;
}

function grown(values: Float64Array, room: number): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(room);
  larger.set(values);
  return larger;
}
