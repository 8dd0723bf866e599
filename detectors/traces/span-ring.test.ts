import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createStateReader } from '../checkpoint/state-reader.ts';
import { createStateWriter } from '../checkpoint/state-writer.ts';
import { createSpanRing, type RingSpan, type SpanRing } from './span-ring.ts';

function spanOf(id: number, parent: number, service: number, startMs = 0): RingSpan {
  const ids = { spanHigh: id % 3, spanLow: id, parentHigh: parent % 3, parentLow: parent };
  return { ...ids, service, peer: 0, startMs, durationMs: 1, kind: 1 };
}

function childrenOf(ring: SpanRing, parent: number): number[] {
  const found: number[] = [];
  for (let at = ring.firstChild(parent % 3, parent); at >= 0; at = ring.nextChild(at)) {
    found.push(ring.spanLow(at));
  }
  return found;
}

test('it answers like a list of the latest spans, growing or not, before and after a checkpoint', () => {
  const step = fc.record({ parent: fc.integer({ min: 0, max: 12 }), service: fc.integer({ min: 0, max: 9 }) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 90 }), fc.constantFrom(16, 64), fc.boolean(), (steps, most, isWanted) => {
      let early = 0;
      const make = () =>
        createSpanRing({
          most,
          onEarly: () => {
            early += 1;
          },
        });
      const ring = make();
      // Nothing is dropped at a checkpoint, or spans wait for nobody.
      ring.keepFrom(isWanted ? -1 : 0);
      const list: { id: number; parent: number; service: number }[] = [];
      for (const [index, { parent, service }] of steps.entries()) {
        const id = 100 + index;
        ring.add(spanOf(id, parent, service));
        list.push({ id, parent, service });
      }
      const writer = createStateWriter();
      ring.save(writer);
      const loaded = make();
      loaded.load(createStateReader(writer.finish()));
      const kept = list.slice(-most);
      expect(early).toBe(Math.max(0, list.length - most));
      for (const each of [ring, loaded]) {
        for (const { id, service } of kept) expect(each.serviceOf(id % 3, id)).toBe(service);
        for (const { id } of list.slice(0, -most)) expect(each.serviceOf(id % 3, id)).toBe(-1);
        for (let parent = 1; parent <= 12; parent += 1) {
          const expected = kept.filter((span) => span.parent === parent).map(({ id }) => id);
          expect(childrenOf(each, parent)).toEqual(expected.reverse());
        }
      }
    }),
  );
});

test('it grows while its oldest span is wanted, and only then', () => {
  let early = 0;
  const ring = createSpanRing({
    most: 16_384,
    onEarly: () => {
      early += 1;
    },
  });
  const room = ring.capacity;
  ring.keepFrom(1000);
  for (let id = 1; id <= 3 * room; id += 1) ring.add(spanOf(id, 0, 1, 500));
  expect([ring.capacity, early]).toEqual([room, 0]);
  for (let id = 1; id <= 3 * room; id += 1) ring.add(spanOf(id, 0, 1, 2000));
  expect(ring.capacity).toBe(4 * room);
  expect(early).toBe(0);
  for (let id = 1; id <= 2 * room; id += 1) ring.add(spanOf(id, 0, 1, 2000));
  expect(ring.capacity).toBe(16_384);
  expect(early).toBe(room);
});
