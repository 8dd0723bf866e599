import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fingerprintOf } from '../../ingest/catalog/index.ts';
import { canonicalLabels, entityOfLabels, type SeriesIdentity } from '../../model/index.ts';
import { createCompactTable } from './compact-table.ts';

const identity = fc.record({
  name: fc.constantFrom('up', 'queue.length', 'log', 'naïve'),
  labels: fc
    .array(fc.tuple(fc.constantFrom('pod', 'namespace', 'le', 'host.name'), fc.string({ minLength: 1, maxLength: 8 })))
    .map(canonicalLabels),
  kind: fc.constantFrom('gauge', 'counter', 'logs'),
  unit: fc.constantFrom('', 'By'),
  origin: fc.constantFrom('received', 'traces'),
}) as fc.Arbitrary<SeriesIdentity>;

test('definitions are what was added, by number and by fingerprint, and nothing else', () => {
  fc.assert(
    fc.property(fc.uniqueArray(identity, { selector: fingerprintOf, maxLength: 60 }), (identities) => {
      const table = createCompactTable();
      for (const one of identities) table.add(fingerprintOf(one), one);
      expect(table.size).toBe(identities.length);
      for (const [id, one] of identities.entries()) {
        const fingerprint = fingerprintOf(one);
        const definition = { ...one, id, fingerprint, entity: entityOfLabels(one.name, one.labels) };
        expect([table.get(id), table.get(id)]).toEqual([definition, definition]);
        expect(table.idOf(fingerprint)).toBe(id);
      }
      expect(table.idOf('00000000ffffffff')).toBe(-1);
      expect(() => table.get(identities.length)).toThrow(/not in the catalogue/);
      expect(() => table.get(-1)).toThrow(/not in the catalogue/);
    }),
  );
});

test('more series than are kept as definitions come out as they went in', () => {
  const table = createCompactTable();
  const identityOf = (at: number): SeriesIdentity => ({
    name: 'app.load',
    labels: [['pod', `web-${at}`]],
    kind: 'gauge',
    unit: '',
    origin: 'received',
  });
  for (let at = 0; at < 5000; at += 1) table.add(fingerprintOf(identityOf(at)), identityOf(at));
  for (let at = 4999; at >= 0; at -= 7) expect(table.get(at)).toMatchObject({ id: at, labels: [['pod', `web-${at}`]] });
});

test('a name and a unit that only together read like another pair are told apart', () => {
  const table = createCompactTable();
  const identityOf = (name: string, unit: string): SeriesIdentity => ({
    ...{ name, unit, kind: 'gauge', labels: [], origin: 'received' },
  });
  const both = [identityOf('a\0gauge\0b', ''), identityOf('a', 'b\0gauge\0')];
  for (const one of both) table.add(fingerprintOf(one), one);
  expect([0, 1].map((id) => table.get(id).name)).toEqual(['a\0gauge\0b', 'a']);
});
