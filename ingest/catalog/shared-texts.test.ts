import { expect, test } from 'vitest';
import type { SeriesIdentity } from '../../model/index.ts';
import { createSharedTexts } from './shared-texts.ts';

const identity = (pod: string): SeriesIdentity => ({
  kind: 'gauge',
  name: `memory_${'bytes'}`,
  unit: 'By',
  origin: 'received',
  labels: [
    ['namespace', 'shop'],
    ['pod', pod],
  ],
});

test('what two series have in common is one object, and each keeps what is its own', () => {
  const shared = createSharedTexts();
  const first = shared.identity(identity('cart-0'));
  const second = shared.identity(identity('cart-1'));
  expect(first).toEqual(identity('cart-0'));
  expect(second).toEqual(identity('cart-1'));
  expect(second.labels[0]).toBe(first.labels[0]);
  expect(shared.identity(identity('cart-0')).labels[1]).toBe(first.labels[1]);
});

test('entities of the same kind, namespace and name are one', () => {
  const shared = createSharedTexts();
  const entity = shared.entity({ kind: 'pod', namespace: 'shop', name: 'cart-0' });
  expect(shared.entity({ kind: 'pod', namespace: 'shop', name: 'cart-0' })).toBe(entity);
  expect(shared.entity({ kind: 'pod', namespace: 'bank', name: 'cart-0' })).not.toBe(entity);
});
