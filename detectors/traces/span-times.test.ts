import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createCriticalPaths } from './critical-path.ts';
import { createOwnTime } from './own-time.ts';
import { createSpanRing } from './span-ring.ts';
import { clockShift, kindClient, kindConsumer, kindServer } from './span-times.ts';

/** A span of a random trace: whole milliseconds, so that the references can count them one by one. */
interface Node {
  readonly id: number;
  readonly service: number;
  readonly kind: number;
  readonly from: number;
  readonly to: number;
  readonly children: readonly Node[];
}

interface Plan {
  readonly service: number;
  readonly kind: number;
  readonly offset: number;
  readonly length: number;
  readonly calls: readonly Plan[];
}

function plansOf(depth: number): fc.Arbitrary<Plan> {
  return fc.record({
    service: fc.integer({ min: 0, max: 3 }),
    kind: fc.constantFrom(1, kindServer, kindClient, kindConsumer),
    offset: fc.integer({ min: -20, max: 60 }),
    length: fc.integer({ min: 1, max: 60 }),
    calls: depth === 0 ? fc.constant([]) : fc.array(plansOf(depth - 1), { maxLength: 4 }),
  });
}

const plans = plansOf(3);

/** Children as their own clocks have it; `moved`: as they are once no clock is impossible. */
function traceOf(plan: Plan, moved: boolean): Node {
  let id = 0;
  const build = ({ service, kind, offset, length, calls }: Plan, begin: number): Node => {
    const from = begin + 2 * offset;
    const node = { id: ++id, service, kind, from, to: from + 2 * length };
    return { ...node, children: calls.map((call) => build(call, from)) };
  };
  const settle = (node: Node, shift: number): Node => ({
    ...node,
    from: node.from + shift,
    to: node.to + shift,
    children: node.children.map((child) => {
      const [begin, end] = [node.from + shift, node.to + shift];
      const more = clockShift(begin, end, child.from + shift, child.to + shift, child.service === node.service);
      return settle(child, shift + more);
    }),
  });
  const trace = build({ ...plan, offset: 0, length: 60 }, 10_000);
  return moved ? settle(trace, 0) : trace;
}

function ringOf(trace: Node) {
  const ring = createSpanRing({ most: 4096, onEarly: () => {} });
  const add = (node: Node, parent: number): void => {
    for (const child of node.children) add(child, node.id);
    const ids = { spanHigh: 7, spanLow: node.id, parentHigh: parent === 0 ? 0 : 7, parentLow: parent };
    const times = { startMs: node.from, durationMs: node.to - node.from };
    ring.add({ ...ids, ...times, service: node.service, peer: 0, kind: node.kind });
  };
  add(trace, 0);
  return ring;
}

/** Whether the service waits at this moment for what is below the node. */
function waits(node: Node, service: number, at: number): boolean {
  return node.children.some((child) => {
    if (child.kind === kindConsumer || at < child.from || at >= child.to) return false;
    return child.service !== service || child.kind === kindClient || waits(child, service, at);
  });
}

/** Adds the path of a node between two moments, one millisecond after the other from the end. */
function blame(node: Node, from: number, to: number, path: Map<number, number>): void {
  const parts = node.children
    .filter(({ kind }) => kind !== kindConsumer)
    .map((child) => ({ child, from: Math.max(from, child.from), to: Math.min(to, child.to) }))
    .filter((part) => part.to > part.from);
  for (let at = to; at > from; ) {
    const latest = Math.max(...parts.filter((part) => part.to <= at).map((part) => part.to));
    const last = parts
      .filter((part) => part.to === latest)
      .sort((a, b) => b.from - a.from || a.child.id - b.child.id)[0];
    if (latest === at && last !== undefined) {
      blame(last.child, last.from, last.to, path);
      at = last.from;
    } else {
      path.set(node.service, (path.get(node.service) ?? 0) + 1);
      at -= 1;
    }
  }
}

describe('random traces', () => {
  test('own time is what a count of each millisecond without waiting says', () => {
    fc.assert(
      fc.property(plans, (plan) => {
        const ring = ringOf(traceOf(plan, false));
        const ownTime = createOwnTime(ring);
        // Below it, what its clock cannot have right is moved.
        const trace = traceOf(plan, true);
        let own = 0;
        for (let at = trace.from; at < trace.to; at += 1) if (!waits(trace, trace.service, at)) own += 1;
        expect(ownTime(7, trace.id, trace.service, trace.from, trace.to - trace.from)).toBeCloseTo(own, 6);
      }),
    );
  });

  test('the critical path is what walking back millisecond by millisecond finds, and adds up to the duration', () => {
    fc.assert(
      fc.property(plans, (plan) => {
        const raw = traceOf(plan, false);
        const ring = ringOf(raw);
        const paths = createCriticalPaths(ring);
        paths.take(ring.find(7, raw.id));
        const expected = new Map<number, number>();
        blame(traceOf(plan, true), raw.from, raw.to, expected);
        const told = [0, 1, 2, 3].map((service) => paths.pathMs(service));
        expect(told.reduce((a, b) => a + b)).toBeCloseTo(raw.to - raw.from, 6);
        for (const service of [0, 1, 2, 3]) expect(told[service]).toBeCloseTo(expected.get(service) ?? 0, 6);
        for (const [service] of expected) expect(paths.traceMs(service)).toBe(raw.to - raw.from);
      }),
    );
  });
});

test('a clock that cannot be right is moved, one that may be is left', () => {
  expect(clockShift(100, 200, 90, 120, false)).toBe(45);
  expect(clockShift(100, 200, 250, 260, false)).toBe(-105);
  expect(clockShift(100, 200, 50, 250, false)).toBe(50);
  // Its caller gave up on it, or did not wait.
  expect(clockShift(100, 200, 150, 260, false)).toBe(0);
  expect(clockShift(100, 200, 90, 120, true)).toBe(0);
});

test('spans that name each other as parents come to an end', () => {
  const ring = createSpanRing({ most: 64, onEarly: () => {} });
  for (const [id, parent] of [
    [1, 2],
    [2, 1],
    [3, 3],
  ] as const) {
    const ids = { spanHigh: 0, spanLow: id, parentHigh: 0, parentLow: parent };
    ring.add({ ...ids, service: id, peer: 0, startMs: 0, durationMs: 10, kind: kindServer });
  }
  const paths = createCriticalPaths(ring);
  for (const id of [1, 2, 3]) paths.take(ring.find(0, id));
  expect(paths.pathMs(1) + paths.pathMs(2) + paths.pathMs(3)).toBeCloseTo(30);
});
