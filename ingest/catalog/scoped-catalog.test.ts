import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SeriesIdentity } from '../../model/index.ts';
import { createFingerprintIndex } from './fingerprint-index.ts';
import { createProcessCatalog, meetingPlaceOf } from './process-catalog.ts';
import { createScopedCatalog } from './scoped-catalog.ts';

const limits = { series: 10_000 };
const open = () => createProcessCatalog({ limits, partitions: 12 });
const gauge = (name: string, service = 'cart', kind: SeriesIdentity['kind'] = 'gauge'): SeriesIdentity => ({
  name,
  labels: [
    ['k8s.namespace.name', 'shop'],
    ['service.name', service],
  ],
  kind,
  unit: '',
  origin: 'received',
});

test('the index of fingerprints finds what was added, and nothing else', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.tuple(fc.nat(0xffffffff), fc.nat(0xff)), { selector: String, maxLength: 3000 }),
      (fingerprints) => {
        const index = createFingerprintIndex();
        fingerprints.forEach(([high, low], value) => {
          expect(index.find(high, low)).toBe(-1);
          index.add(high, low, value);
        });
        expect(fingerprints.map(([high, low]) => index.find(high, low))).toEqual(fingerprints.map((_, i) => i));
      },
    ),
    { numRuns: 20 },
  );
});

test('asking a partition for a series of another one does not make it its own', () => {
  const process = open();
  const elsewhere = process.intern(gauge('depth'));
  const scope = createScopedCatalog(process);
  const { fingerprint } = process.get(elsewhere);
  expect([scope.find(fingerprint), scope.size]).toEqual([undefined, 0]);
  const id = scope.intern(gauge('depth'));
  expect(scope.find(fingerprint)).toMatchObject({ id, name: 'depth' });
});

describe('the catalogue of a process', () => {
  test('finds a series by the two words of its fingerprint', () => {
    const catalog = open();
    const ids = Array.from({ length: 3000 }, (_, i) => catalog.intern(gauge(`metric ${i}`)));
    for (const id of ids) {
      expect(catalog.idOf(catalog.high(id), catalog.low(id))).toBe(id);
      const hex = (word: number) => word.toString(16).padStart(8, '0');
      expect(hex(catalog.high(id)) + hex(catalog.low(id))).toBe(catalog.get(id).fingerprint);
    }
  });

  test('all signals of an entity meet in one partition, in every process, and entities spread evenly', () => {
    const [one, other] = [open(), open()];
    other.intern(gauge('something before'));
    const counts = new Array<number>(12).fill(0);
    for (let service = 0; service < 1200; service++) {
      const [a, b] = ['a', 'b'].map((name) => one.partitionOf(one.intern(gauge(name, `service-${service}`))));
      expect(b).toBe(a);
      expect(other.partitionOf(other.intern(gauge('a', `service-${service}`)))).toBe(a);
      counts[a] += 1;
    }
    expect(Math.min(...counts)).toBeGreaterThan(60);
    expect(Math.max(...counts)).toBeLessThan(140);
  });

  test('spans of one namespace meet, whatever their services: traces go across services; what is derived from them is there too', () => {
    const placeOf = (identity: SeriesIdentity) => {
      const catalog = open();
      return meetingPlaceOf(catalog.get(catalog.intern(identity)));
    };
    expect(placeOf(gauge('GET /', 'cart', 'spans'))).toBe(placeOf(gauge('POST /', 'orders', 'spans')));
    const derived: SeriesIdentity = { ...gauge('trace.request.rate', 'orders'), origin: 'traces' };
    expect(placeOf(derived)).toBe(placeOf(gauge('GET /', 'cart', 'spans')));
    expect(placeOf(gauge('log', 'cart', 'logs'))).not.toBe(placeOf(gauge('log', 'orders', 'logs')));
  });

  test('refuses a new series at the limit', () => {
    const catalog = createProcessCatalog({ limits: { series: 1 }, partitions: 2 });
    catalog.intern(gauge('a'));
    expect(() => catalog.intern(gauge('b'))).toThrow(expect.objectContaining({ code: 'KYBERN_SERIES_LIMIT' }));
    expect(catalog.intern(gauge('a'))).toBe(0);
  });
});

describe('a scoped catalogue', () => {
  test('goes on in another process with the same ids, whatever that process calls its series', () => {
    const names = Array.from({ length: 600 }, (_, i) => `metric ${i}`);
    const first = open();
    const scoped = createScopedCatalog(first);
    for (const name of names) first.intern(gauge(name));
    // In another order than the process met them.
    for (const name of names.toReversed()) scoped.intern(gauge(name));
    const second = open();
    for (const name of [...names, 'another'].sort()) second.intern(gauge(name));
    const moved = createScopedCatalog(second);
    expect(moved.load(scoped.save())).toBe(true);
    expect(moved.size).toBe(scoped.size);
    for (let id = 0; id < scoped.size; id++) {
      expect(moved.get(id)).toEqual(scoped.get(id));
      expect(moved.idOf(moved.processIdOf(id))).toBe(id);
    }
    expect(moved.intern(gauge('new'))).toBe(scoped.size);
    expect(moved.find(scoped.get(3).fingerprint)?.id).toBe(3);
  });

  test('cannot be loaded where a series of it is not known', () => {
    const scoped = createScopedCatalog(open());
    scoped.intern(gauge('a'));
    expect(createScopedCatalog(open()).load(scoped.save())).toBe(false);
  });
});
