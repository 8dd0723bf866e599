import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createStateReader } from '../checkpoint/state-reader.ts';
import { createStateWriter } from '../checkpoint/state-writer.ts';
import { createSpanCache } from './span-cache.ts';

const id = fc.record({ high: fc.integer({ min: 0, max: 3 }), low: fc.integer({ min: 0, max: 40 }) });

test('it answers like a map, before and after a checkpoint', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(id, fc.integer({ min: 0, max: 9 }), fc.boolean()), { maxLength: 80 }), (steps) => {
      const cache = createSpanCache(1024);
      const services = new Map<string, number>();
      const children = new Map<string, number>();
      for (const [{ high, low }, number, isSpan] of steps) {
        const key = `${high}/${low}`;
        if (isSpan) {
          cache.note(high, low, number);
          services.set(key, number);
        } else {
          cache.addChild(high, low, number);
          children.set(key, (children.get(key) ?? 0) + number);
        }
      }
      const writer = createStateWriter();
      cache.save(writer);
      const loaded = createSpanCache(1024);
      loaded.load(createStateReader(writer.finish()));
      for (let high = 0; high < 4; high += 1) {
        for (let low = 0; low <= 40; low += 1) {
          for (const each of [cache, loaded]) {
            expect(each.serviceOf(high, low)).toBe(services.get(`${high}/${low}`) ?? -1);
            expect(each.childMs(high, low)).toBe(children.get(`${high}/${low}`) ?? 0);
          }
        }
      }
    }),
  );
});

test('it keeps the latest half of its size and forgets what is older than all of it', () => {
  const cache = createSpanCache(2000);
  for (let span = 0; span < 10_000; span += 1) cache.note(7, span, 1);
  for (let span = 9000; span < 10_000; span += 1) expect(cache.serviceOf(7, span)).toBe(1);
  for (let span = 0; span < 7999; span += 1) expect(cache.serviceOf(7, span)).toBe(-1);
});
