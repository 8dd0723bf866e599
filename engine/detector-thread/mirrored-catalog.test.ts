import { expect, test } from 'vitest';
import { createSeriesCatalog } from '../../ingest/index.ts';
import { KybernError, type LogTopic, type SeriesCatalog, type SeriesIdentity } from '../../model/index.ts';
import { definitionTexts } from './definition-text.ts';
import { createMirroredCatalog } from './mirrored-catalog.ts';

const queue = (service: string): SeriesIdentity => ({
  name: 'queue.length',
  labels: [['service.name', service]],
  kind: 'gauge',
  unit: '{message}',
  origin: 'received',
});

function mirrorOf(catalog: SeriesCatalog) {
  let asked = 0;
  const mirror = createMirroredCatalog((identity) => {
    asked += 1;
    const id = catalog.intern(identity);
    for (const text of definitionTexts(catalog, mirror.size)) mirror.define(text);
    return id;
  });
  return { mirror, asked: () => asked };
}

test('a mirror has what the catalogue has, and asks it for what it does not know', () => {
  const catalog = createSeriesCatalog({ name: 'series' } as LogTopic, { series: 5000 });
  for (let at = 0; at < 4500; at += 1) catalog.intern(queue(`service-${at}`));
  const { mirror, asked } = mirrorOf(catalog);
  for (const text of definitionTexts(catalog, 0)) mirror.define(text);
  expect(mirror.size).toBe(4500);
  for (const id of [0, 2047, 2048, 4499]) expect(mirror.get(id)).toEqual(catalog.get(id));
  expect(mirror.intern(queue('service-7'))).toBe(7);
  expect(asked()).toBe(0);
  // Somebody else's, that the mirror has not been told of when it asks.
  catalog.intern(queue('late'));
  const own = mirror.intern(queue('derived'));
  expect([own, mirror.get(4500), mirror.find(catalog.get(own).fingerprint)]).toEqual([
    4501,
    catalog.get(4500),
    catalog.get(own),
  ]);
  expect(mirror.find('0123456789abcdef')).toBeUndefined();
});

test('what is told twice counts once, a gap is refused, and a full catalogue is told as such', () => {
  const catalog = createSeriesCatalog({ name: 'series' } as LogTopic, { series: 3 });
  for (const name of ['a', 'b', 'c']) catalog.intern(queue(name));
  const { mirror } = mirrorOf(catalog);
  const [all] = definitionTexts(catalog, 0);
  const [last] = definitionTexts(catalog, 2);
  expect(() => mirror.define(last!)).toThrow(RangeError);
  mirror.define(all!);
  mirror.define(last!);
  mirror.define(all!);
  expect(mirror.size).toBe(3);
  expect(() => mirror.intern(queue('d'))).toThrow(KybernError);
});

test('what a full catalogue has no room for is asked for once, until something new is told', () => {
  const catalog = createSeriesCatalog({ name: 'series' } as LogTopic, { series: 2 });
  catalog.intern(queue('a'));
  const { mirror, asked } = mirrorOf(catalog);
  mirror.intern(queue('b'));
  for (let window = 0; window < 3; window += 1) {
    for (const name of ['c', 'd']) expect(() => mirror.intern(queue(name))).toThrow('no room for queue.length');
  }
  expect(asked()).toBe(3);
  mirror.define(definitionTexts(catalog, 0)[0]!);
  expect(() => mirror.intern(queue('c'))).toThrow('no room');
  expect(asked()).toBe(3);
  const more = createSeriesCatalog({ name: 'series' } as LogTopic, { series: 3 });
  for (const name of ['a', 'b', 'e']) more.intern(queue(name));
  mirror.define(definitionTexts(more, 2)[0]!);
  expect(() => mirror.intern(queue('c'))).toThrow('no room');
  expect(asked()).toBe(4);
});
