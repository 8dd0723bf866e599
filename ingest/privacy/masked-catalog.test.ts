import { expect, test } from 'vitest';
import { createSeriesCatalog } from '../catalog/series-catalog.ts';
import { createMemoryTopic } from '../testing/memory-topic.ts';
import { createMaskedCatalog } from './masked-catalog.ts';
import { maskerOf } from './testing/privacy-config.ts';

test('a secret in a label or a span name is never in the catalogue', () => {
  const inner = createSeriesCatalog(createMemoryTopic(), { series: 10 });
  const catalog = createMaskedCatalog(inner, maskerOf({ rules: ['credential'] }));
  const identity = {
    name: 'GET /?secret=abc',
    labels: [['url', 'http://ann:pw1@shop/']] as const,
    kind: 'spans' as const,
    unit: '',
    origin: 'received' as const,
  };
  const id = catalog.intern(identity);
  expect(inner.get(id).name).toBe('GET /?secret=<credential>');
  expect(inner.get(id).labels).toEqual([['url', 'http://ann:<credential>@shop/']]);
  expect(catalog.intern(identity)).toBe(id);
});
