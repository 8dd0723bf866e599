import { expect, test } from 'vitest';
import { createMemoryCatalog } from '../testing/memory-catalog.ts';
import { createStatusFamilies } from './status-families.ts';

test('counters by the text of an error are no family: each that is new would ask all those before it', () => {
  const catalog = createMemoryCatalog();
  const families = createStatusFamilies();
  const counter = (text: string) => {
    const labels = [
      ['code', '500'],
      ['error', text],
      ['service.name', 'shop'],
    ] as const;
    const id = catalog.intern({ name: 'http_requests_total', labels, kind: 'counter', unit: '', origin: 'received' });
    return catalog.get(id);
  };
  const first = counter('cart 0 is not there');
  families.add(0, first);
  for (let slot = 1; slot < 256; slot += 1) families.add(slot, counter(`cart ${slot} is not there`));
  expect([...families.of(first)]).toHaveLength(256);
  families.add(256, counter('cart 256 is not there'));
  expect([...families.of(first)]).toEqual([]);
  families.remove(0, first);
  expect([...families.of(first)]).toHaveLength(256);
});
