import { describe, expect, test } from 'vitest';
import { createCatalog, identity } from '../testing/fake-world.ts';
import { createSlot, readPod, takeSample } from './pod-usage.ts';
import { usageRoleOf } from './usage-role.ts';

const pod = { namespace: 'shop', pod: 'cart-1' };
const otelPod = { 'k8s.namespace.name': 'shop', 'k8s.pod.name': 'cart-1' };

function roleOf(name: string, labels: Record<string, string>, kind: 'gauge' | 'counter' = 'gauge', unit = '') {
  const catalog = createCatalog();
  return usageRoleOf(catalog.get(catalog.intern(identity(name, labels, kind, unit))));
}

describe('usage of pods', () => {
  test('is recognised under the names of OpenTelemetry and of cAdvisor', () => {
    expect(roleOf('k8s.pod.cpu.usage', otelPod, 'gauge', '{cpu}')).toMatchObject({
      resource: 'cpu',
      cumulative: false,
      container: '',
    });
    expect(roleOf('k8s.pod.memory.working_set', otelPod, 'gauge', 'By')).toMatchObject({
      resource: 'memory',
      preference: 0,
    });
    expect(roleOf('container_cpu_usage_seconds_total', { ...pod, container: 'app' }, 'counter')).toMatchObject({
      resource: 'cpu',
      cumulative: true,
      container: 'app',
    });
    expect(roleOf('container_memory_working_set_bytes', { ...pod, container: 'app' })).toMatchObject({
      resource: 'memory',
    });
  });

  test.each([
    ['k8s.pod.memory_limit_utilization', otelPod],
    ['k8s.pod.cpu_limit_utilization', otelPod],
    ['k8s.pod.cpu.throttled_ratio', otelPod],
    ['kube_pod_container_resource_requests', { ...pod, resource: 'cpu' }],
    ['container_spec_memory_limit_bytes', pod],
    ['container_memory_failures_total', pod],
    ['container_memory_cache', pod],
    ['jvm.memory.used', otelPod],
    ['k8s.node.cpu.usage', { 'k8s.node.name': 'node-1' }],
    ['container_memory_working_set_bytes', { ...pod, container: 'POD' }],
  ])('is not what %s says', (name, labels) => {
    expect(roleOf(name, labels as Record<string, string>)).toBeUndefined();
  });
});

describe('readings', () => {
  const counter = { resource: 'cpu', cumulative: true, container: 'app', preference: 1 } as const;

  test('of a counter are its rate; a reset starts anew, going back in time is ignored', () => {
    const slot = createSlot(1, counter);
    takeSample(slot, 10_000, 100);
    expect(slot.value).toBeNaN();
    takeSample(slot, 20_000, 105);
    expect(slot.value).toBe(0.5);
    takeSample(slot, 15_000, 500);
    takeSample(slot, 30_000, 2);
    expect(slot.value).toBe(0.5);
    takeSample(slot, 40_000, 4);
    expect(slot.value).toBeCloseTo(0.2);
  });

  test('that are no numbers or negative are left out', () => {
    const slot = createSlot(1, { ...counter, cumulative: false });
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, -1]) takeSample(slot, 10_000, value);
    expect(slot.atMs).toBe(0);
  });

  test('of a pod are its own series, else the sum of its containers, and only fresh ones', () => {
    const gauge = (container: string) => ({ resource: 'memory', cumulative: false, container, preference: 0 }) as const;
    const slots = ['', 'app', 'proxy'].map((container, series) => createSlot(series, gauge(container)));
    for (const [index, value] of [300, 200, 50].entries()) takeSample(slots[index], 10_000, value);
    expect(readPod(slots, 'memory', 0)?.value).toBe(300);
    expect(readPod(slots.slice(1), 'memory', 0)?.value).toBe(250);
    expect(readPod(slots, 'memory', 0, 'proxy')?.value).toBe(50);
    expect(readPod(slots, 'memory', 10_001)).toBeUndefined();
  });
});
