import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { LogBatch } from '../../model/index.ts';
import { logBatch } from '../testing/log-lines.ts';
import { createMemoryCatalog } from '../testing/memory-catalog.ts';
import { binomialTail } from './binomial-tail.ts';
import { scopeOf } from './log-entities.ts';
import { createLogSessions } from './log-sessions.ts';
import { createSessionKey } from './session-key.ts';
import { createSessionVectors, differences, distance } from './session-vectors.ts';

const options = { warmupSessions: 3, maxVectors: 16, learnMs: 1000 };
const placed = { ids: [1, 2], counts: [1, 3] };
const short = { ids: [1, 2], counts: [1, 1] };

test('a vector is unseen after the warm-up until it has been there for a while', () => {
  const vectors = createSessionVectors(options);
  for (let session = 0; session < 3; session += 1) expect(vectors.take('cart', placed, 0)).toBe(false);
  expect(vectors.take('cart', placed, 10)).toBe(false);
  expect(vectors.take('cart', short, 20)).toBe(true);
  expect(vectors.take('cart', short, 30)).toBe(true);
  expect(vectors.take('other', short, 40)).toBe(false);
  expect(vectors.take('cart', short, 1020)).toBe(false);
});

test('what is nearest explains what is unseen', () => {
  const vectors = createSessionVectors(options);
  for (let session = 0; session < 4; session += 1) vectors.take('cart', placed, 0);
  const nearest = vectors.nearest('cart', { ids: [1, 7], counts: [1, 2] }, 5000)!;
  expect(differences({ ids: [1, 7], counts: [1, 2] }, nearest)).toEqual([
    { id: 2, observed: 0, expected: 3 },
    { id: 7, observed: 2, expected: 0 },
  ]);
});

test('vectors are bounded, follow templates that become one, and survive a checkpoint', () => {
  const vectors = createSessionVectors(options);
  for (let id = 0; id < 100; id += 1) vectors.take('cart', { ids: [id], counts: [1] }, 0);
  expect(vectors.size).toBeLessThanOrEqual(16);
  for (let session = 0; session < 4; session += 1) vectors.take('shop', { ids: [5, 9], counts: [1, 1] }, 0);
  vectors.rename(new Set([9]), (id) => (id === 9 ? 5 : id));
  const loaded = createSessionVectors(options);
  loaded.load(JSON.parse(JSON.stringify(vectors.save())));
  expect(loaded.take('shop', { ids: [5], counts: [2] }, 9000)).toBe(false);
  expect(loaded.unseenShare('shop')).toBe(vectors.unseenShare('shop'));
});

test('templates that become one cost nothing of the vectors that do not hold them', () => {
  const vectors = createSessionVectors({ ...options, maxVectors: 10_000 });
  for (let id = 0; id < 5000; id += 1) vectors.take('cart', { ids: [id, id + 1], counts: [1, 1] }, 0);
  let asked = 0;
  vectors.rename(new Set([9]), (id) => {
    asked += 1;
    return id === 9 ? 5 : id;
  });
  expect(asked).toBeLessThan(20);
  expect(vectors.size).toBe(5000);
});

test('a distance is symmetric, and none only to the same', () => {
  const vector = fc
    .uniqueArray(fc.nat(8), { maxLength: 5 })
    .chain((ids) =>
      fc.tuple(
        fc.constant(ids.sort((a, b) => a - b)),
        fc.array(fc.integer({ min: 1, max: 4 }), { minLength: ids.length, maxLength: ids.length }),
      ),
    )
    .map(([ids, counts]) => ({ ids, counts }));
  fc.assert(
    fc.property(vector, vector, (one, other) => {
      expect(distance(one, other)).toBe(distance(other, one));
      expect(distance(one, other) === 0).toBe(JSON.stringify(one) === JSON.stringify(other));
    }),
  );
});

test('the tail of a binomial, worked by hand', () => {
  expect(binomialTail(0, 5, 0.1)).toBe(1);
  expect(binomialTail(1, 2, 0.5)).toBeCloseTo(0.75, 12);
  expect(binomialTail(3, 3, 0.1)).toBeCloseTo(0.001, 12);
  expect(binomialTail(2, 4, 0.25)).toBeCloseTo(1 - 0.75 ** 4 - 4 * 0.25 * 0.75 ** 3, 12);
  expect(binomialTail(40, 50_000, 1e-4)).toBeGreaterThan(0);
  expect(binomialTail(6, 5, 0.5)).toBe(0);
});

test('sessions close when they are idle or too old; at the limit the oldest makes room', () => {
  const sessions = createLogSessions({ idleMs: 100, maxSessions: 2 });
  sessions.add(1, 0, 7, 0);
  sessions.add(1, 0, 7, 50);
  sessions.add(2, 0, 8, 140);
  expect(sessions.close(150, (id) => id)).toEqual([
    { entity: 0, records: 2, firstMs: 0, vector: { ids: [7], counts: [2] } },
  ]);
  for (let key = 3; key < 100; key += 1) sessions.add(key, 0, 7, 200);
  expect(sessions.size).toBe(2);
});

const line = (body: string) => ({ pod: 'cart-1', timeMs: 0, severity: 9, body });

test('a session is told by trace, label or text, and apart by entity', () => {
  const catalog = createMemoryCatalog();
  const batch: LogBatch = logBatch(catalog, [
    line('req=a1 x'),
    line('y req=a1'),
    line('req=b2'),
    line('none'),
    line('req='),
  ]);
  const byText = createSessionKey('text', 'req=', catalog);
  const keys = [0, 1, 2, 3, 4].map((row) => byText(batch, row, 0));
  expect(keys[0]).toBe(keys[1]);
  expect(keys[2]).not.toBe(keys[0]);
  expect(keys.slice(3)).toEqual([0, 0]);
  expect(byText(batch, 0, 1)).not.toBe(keys[0]);
  batch.traceIds.set([1, 2, 3], 16);
  const byTrace = createSessionKey('trace', '', catalog);
  expect(byTrace(batch, 0, 0)).toBe(0);
  expect(byTrace(batch, 1, 0)).toBeGreaterThan(0);
  expect(createSessionKey('label', 'k8s.pod.name', catalog)(batch, 0, 0)).toBeGreaterThan(0);
  expect(createSessionKey('label', 'absent', catalog)(batch, 0, 0)).toBe(0);
  expect(createSessionKey('window', '', catalog)(batch, 1, 0)).toBe(0);
});

test('pods of one workload share a scope', () => {
  const pod = (name: string) => scopeOf({ kind: 'pod', namespace: 'shop', name }, []);
  expect(pod('cart-7f9c8d6b5-x2x9z')).toBe('shop/cart');
  expect(pod('redis-0')).toBe('shop/redis');
  expect(scopeOf({ kind: 'pod', namespace: 'shop', name: 'a-b' }, [['service.name', 'cart']])).toBe('shop/cart');
});
