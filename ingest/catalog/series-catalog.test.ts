import { describe, expect, test } from 'vitest';
import type { SeriesIdentity } from '../../model/index.ts';
import { createMemoryTopic } from '../testing/memory-topic.ts';
import { fingerprintOf } from './fingerprint-of.ts';
import { createSeriesCatalog, openSeriesCatalog } from './series-catalog.ts';

const limits = { series: 100 };
const gauge = (name: string, pod = 'cart-1'): SeriesIdentity => ({
  name,
  labels: [
    ['k8s.namespace.name', 'shop'],
    ['k8s.pod.name', pod],
  ],
  kind: 'gauge',
  unit: 'By',
  origin: 'received',
});

describe('the series catalogue', () => {
  test('gives dense ids in order, and the same id for the same identity', () => {
    const catalog = createSeriesCatalog(createMemoryTopic(), limits);
    expect([catalog.intern(gauge('a')), catalog.intern(gauge('b')), catalog.intern(gauge('a'))]).toEqual([0, 1, 0]);
    expect(catalog.size).toBe(2);
    expect(catalog.get(1)).toMatchObject({ id: 1, name: 'b', fingerprint: fingerprintOf(gauge('b')) });
    expect(catalog.get(1).entity).toEqual({ kind: 'pod', namespace: 'shop', name: 'cart-1' });
    expect(catalog.find(fingerprintOf(gauge('a')))?.id).toBe(0);
  });

  test('tells kinds and labels apart, not units', () => {
    const catalog = createSeriesCatalog(createMemoryTopic(), limits);
    const ids = [
      gauge('a'),
      { ...gauge('a'), kind: 'counter' as const },
      gauge('a', 'cart-2'),
      { ...gauge('a'), unit: 'GBy' },
    ];
    expect(ids.map((identity) => catalog.intern(identity))).toEqual([0, 1, 2, 0]);
  });

  test('is the same after a restart, with several definitions to a record', async () => {
    const topic = createMemoryTopic();
    const catalog = createSeriesCatalog(topic, limits);
    for (const name of ['a', 'b', 'c']) catalog.intern(gauge(name));
    await catalog.flush();
    catalog.intern(gauge('d'));
    await catalog.flush();
    await catalog.flush();
    expect(topic.records).toHaveLength(2);
    const again = await openSeriesCatalog(topic, limits);
    expect(Array.from({ length: again.size }, (_, id) => again.get(id))).toEqual(
      Array.from({ length: catalog.size }, (_, id) => catalog.get(id)),
    );
    expect(again.intern(gauge('e'))).toBe(4);
  });

  test('keeps definitions pending while the log refuses, and leaves no gap', async () => {
    const topic = createMemoryTopic();
    const catalog = createSeriesCatalog(topic, limits);
    catalog.intern(gauge('a'));
    topic.broken = true;
    await expect(catalog.flush()).rejects.toMatchObject({ code: 'KYBERN_LOG_UNAVAILABLE' });
    topic.broken = false;
    catalog.intern(gauge('b'));
    await Promise.all([catalog.flush(), catalog.flush()]);
    expect((await openSeriesCatalog(topic, limits)).size).toBe(2);
  });

  test('refuses a new series at the limit and still knows the others', () => {
    const catalog = createSeriesCatalog(createMemoryTopic(), { series: 1 });
    catalog.intern(gauge('a'));
    expect(() => catalog.intern(gauge('b'))).toThrow(expect.objectContaining({ code: 'KYBERN_SERIES_LIMIT' }));
    expect(catalog.intern(gauge('a'))).toBe(0);
  });

  test.each([
    ['no JSON', 'x'],
    ['another version', '{"version":2,"first":0,"series":[]}'],
    [
      'a definition without a name',
      '{"version":1,"first":0,"series":[{"fingerprint":"f","kind":"gauge","labels":[]}]}',
    ],
    ['a gap', '{"version":1,"first":7,"series":[{"fingerprint":"f","name":"a","kind":"gauge","labels":[]}]}'],
  ])('refuses a topic with %s', async (_what, text) => {
    const topic = createMemoryTopic();
    topic.records.push(Buffer.from(text));
    await expect(openSeriesCatalog(topic, limits)).rejects.toMatchObject({ code: 'KYBERN_LOG_CORRUPT' });
  });
});
