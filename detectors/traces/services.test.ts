import { expect, test } from 'vitest';
import { canonicalLabels } from '../../model/index.ts';
import { createMemoryCatalog } from '../testing/memory-catalog.ts';
import { createServices } from './services.ts';

/** Names the service that a span of this service calls, as `namespace/name`. */
function setting() {
  const catalog = createMemoryCatalog();
  const services = createServices(catalog, { operationsPerService: 50, mostOperations: 1000 });
  return (namespace: string, service: string, called: Record<string, string>): string => {
    const labels = canonicalLabels([
      ['k8s.namespace.name', namespace],
      ['service.name', service],
      ...Object.entries(called),
    ]);
    const id = catalog.intern({ name: 'call', labels, kind: 'spans', unit: '', origin: 'received' });
    const { peer } = services.stream(id);
    return peer < 0 ? '' : `${services.targets[peer]!.entity.namespace}/${services.targets[peer]!.entity.name}`;
  };
}

test('a database of one name in two namespaces is two', () => {
  const calledBy = setting();
  expect(calledBy('shop', 'cart', { 'peer.service': 'redis' })).toBe('shop/redis');
  expect(calledBy('blog', 'posts', { 'peer.service': 'redis' })).toBe('blog/redis');
  expect(calledBy('blog', 'posts', { 'server.address': 'redis' })).toBe('blog/redis');
});

test('the namespace that a host name says is that of who is called', () => {
  const calledBy = setting();
  expect(calledBy('shop', 'cart', { 'server.address': 'redis.data.svc.cluster.local' })).toBe('data/redis');
  expect(calledBy('shop', 'cart', { 'server.address': 'redis' })).toBe('shop/redis');
  expect(calledBy('blog', 'posts', { 'server.address': 'redis.data.svc' })).toBe('data/redis');
});

test('a service that sends spans is known by its name from other namespaces, and so is a host of the internet', () => {
  const calledBy = setting();
  calledBy('shop', 'cart', {});
  expect(calledBy('web', 'frontend', { 'peer.service': 'cart' })).toBe('shop/cart');
  expect(calledBy('shop', 'cart', { 'server.address': 'api.example.com' })).toBe('shop/api.example.com');
  expect(calledBy('web', 'frontend', { 'server.address': 'api.example.com' })).toBe('shop/api.example.com');
});
