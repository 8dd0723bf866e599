import { expect, test } from 'vitest';
import type { SeriesIdentity } from '../../../model/index.ts';
import { createSeriesCatalog } from '../../catalog/series-catalog.ts';
import { createMemoryTopic } from '../../testing/memory-topic.ts';
import { createResidency } from './residency.ts';
import { createResidentCatalog } from './resident-catalog.ts';

const refuse = { otherwise: 'refuse', region: 'eu', namespace: '', tenant: '' } as const;
const config = {
  region: 'us',
  pins: [
    { ...refuse, namespace: 'shop', tenant: 'acme', region: 'us' },
    { ...refuse, namespace: 'shop' },
    { ...refuse, tenant: 'acme', otherwise: 'label' },
  ] as const,
};
const judge = createResidency({ ...config, pins: [...config.pins] });

test('the first pin that fits is in force, and the region of this installation is no reason', () => {
  expect(judge('shop', 'acme')).toBeUndefined();
  expect(judge('shop', 'default')?.otherwise).toBe('refuse');
  expect(judge('other', 'acme')?.otherwise).toBe('label');
  expect(judge('other', 'default')).toBeUndefined();
});

test('pins without a region of this, or that name nobody, are refused', () => {
  expect(() => createResidency({ region: '', pins: [{ ...refuse, tenant: 'a' }] })).toThrow('region');
  expect(() => createResidency({ region: 'us', pins: [refuse] })).toThrow('nobody');
});

function identity(labels: SeriesIdentity['labels'], origin: SeriesIdentity['origin'] = 'received'): SeriesIdentity {
  return { name: 'up', labels, kind: 'gauge', unit: '', origin };
}

test('series are refused each time, labelled, or left alone', () => {
  const inner = createSeriesCatalog(createMemoryTopic(), { series: 10 });
  const catalog = createResidentCatalog(inner, judge);
  for (let time = 0; time < 2; time++) {
    expect(() => catalog.intern(identity([['namespace', 'shop']]))).toThrow('eu');
    expect(() => catalog.intern(identity([['k8s.namespace.name', 'shop']]))).toThrow('eu');
  }
  const labelled = catalog.intern(
    identity([
      ['region', 'forged'],
      ['tenant', 'acme'],
    ]),
  );
  expect(inner.get(labelled).labels).toEqual([
    ['region', 'eu'],
    ['tenant', 'acme'],
  ]);
  expect(inner.get(catalog.intern(identity([['namespace', 'other']]))).labels).toEqual([['namespace', 'other']]);
  expect(inner.size).toBe(2);
});
