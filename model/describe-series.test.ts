import { describe, expect, test } from 'vitest';
import { describeSeries, nameOfSeries } from './describe-series.ts';
import { entityOfLabels } from './entity-of-labels.ts';
import { canonicalLabels } from './labels.ts';

function series(name: string, labels: Record<string, string>) {
  const sorted = canonicalLabels(Object.entries(labels));
  return { name, labels: sorted, entity: entityOfLabels(name, sorted) };
}

const cart = { 'k8s.namespace.name': 'shop', 'service.name': 'cart' };
const pod = { namespace: 'shop', pod: 'cart-5d8-x2x9q' };

describe('a series is told by the labels that tell it from others of its entity', () => {
  test.each([
    ['an operation', { ...cart, operation: 'GET /cart' }, '{operation=GET /cart} of service shop/cart'],
    [
      'a quantile',
      { ...cart, job: 'shop/cart', code: '200', quantile: '0.99' },
      '{quantile=0.99, code=200} of service',
    ],
    ['a mount point', { instance: 'n1:9100', job: 'node', mountpoint: '/var' }, '{mountpoint=/var} of node n1:9100'],
    ['a state', { 'host.name': 'n1', 'os.type': 'linux', state: 'used' }, '{state=used} of node n1'],
    ['a second container', { ...pod, container: 'istio-proxy' }, '{container=istio-proxy} of pod shop/'],
    ['whatever there is where no entity is known', { job: 'batch', site: 'b' }, '{job=batch, site=b} of series m'],
  ])('%s', (_, labels, told) => {
    expect(describeSeries(series('m', labels))).toContain(`m${told}`);
  });
});

describe('what only says whose it is or who sent it is not told', () => {
  test.each([
    ['of a service', { ...cart, 'service.instance.id': 'a', 'telemetry.sdk.name': 'otel' }],
    ['of a pod with one container', { ...pod, container: 'cart', node: 'n1', uid: 'u', endpoint: 'http' }],
    [
      'of a container by its id',
      { ...pod, id: '/kubepods/x', name: 'k8s_cart_6f1c2a33-9f0e-4d1c-8c11-0a1b2c3d4e5f_0' },
    ],
  ])('%s', (_, labels) => {
    expect(nameOfSeries(series('m', labels))).toBe('m');
  });
});

test('however many and long its labels are, few and short ones are told', () => {
  const many = Object.fromEntries(Array.from({ length: 20 }, (_, at) => [`label${at}`, 'v'.repeat(500)]));
  const told = nameOfSeries(series('m', { ...cart, ...many, quantile: '0.5' }));
  expect(told).toMatch(/^m\{quantile=0\.5, label0=v{39}…, .*, …\}$/);
  expect(told.length).toBeLessThan(200);
});
