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

test('operations of before a deployment make room for those that have their names now, after a restart too', () => {
  const catalog = createMemoryCatalog();
  const make = () => createServices(catalog, { operationsPerService: 2, mostOperations: 3 });
  let services = make();
  const labels = canonicalLabels([['service.name', 'cart']]);
  const targetOf = (name: string) => {
    const id = catalog.intern({ name, labels, kind: 'spans', unit: '', origin: 'received' });
    services.stream(id);
    return services.targets[services.operationOf(id)]!;
  };
  for (const name of ['GET /v1', 'PUT /v1']) targetOf(name).lastMs = 1000;
  expect(targetOf('GET /v2').operation).toBeUndefined();
  targetOf('PUT /v1').lastMs = 5000;
  services.forgetOperations(2000);
  const saved = JSON.parse(JSON.stringify(services.save()));
  services = make();
  services.load(saved);
  expect(targetOf('GET /v2')).toMatchObject({ operation: 'GET /v2', lastMs: 0 });
  expect(targetOf('PUT /v1')).toMatchObject({ operation: 'PUT /v1', lastMs: 5000 });
  expect(targetOf('PUT /v2').operation).toBeUndefined();
  expect(services.targets).toHaveLength(3);
});
