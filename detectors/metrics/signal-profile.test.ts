import { expect, test } from 'vitest';
import type { SeriesIdentity } from '../../model/index.ts';
import { createMemoryCatalog } from '../testing/memory-catalog.ts';
import { signalProfileOf } from './signal-profile.ts';

function profileOf(identity: Partial<SeriesIdentity> & { name: string }) {
  const catalog = createMemoryCatalog();
  const id = catalog.intern({ labels: [], kind: 'gauge', unit: '', origin: 'received', ...identity });
  return signalProfileOf(catalog.get(id), { minimumRelative: 0.2, burstMs: 180_000, silenceMs: 600_000 });
}

test('buckets, settings and clocks are not scored', () => {
  const unscored = [
    'http_request_duration_seconds_bucket',
    'kube_pod_info',
    'kube_deployment_spec_replicas',
    'process_start_time_seconds',
    'container_spec_memory_limit_bytes',
    'kube_pod_container_resource_requests_cpu_cores',
  ];
  for (const name of unscored) expect(profileOf({ name }), name).toBeUndefined();
  expect(profileOf({ name: 'latency', labels: [['le', '0.5']] })).toBeUndefined();
});

test('of a histogram of durations the count is traffic, the sum is not scored, and a quantile is latency', () => {
  const name = 'http_request_duration_seconds';
  expect(profileOf({ name: `${name}_count`, kind: 'counter' })).toMatchObject({ signal: 'traffic', direction: 0 });
  expect(profileOf({ name: `${name}_sum`, kind: 'counter' })).toBeUndefined();
  const quantile = profileOf({ name, labels: [['quantile', '0.99']], unit: 's', origin: 'histograms' });
  expect(quantile).toMatchObject({ signal: 'latency', direction: 1, minimumAbsolute: 0.005 });
});

test('a share of critical paths deviates by rising alone, and by more than it wavers', () => {
  const share = profileOf({ name: 'trace.critical.path.share', unit: '1', origin: 'traces' });
  expect(share).toMatchObject({ direction: 1, minimumAbsolute: 0.02 });
  expect(share!.relativeUp).toBeCloseTo(0.3);
});

test('of the log counts only errors are scored', () => {
  const rate = (severity: string) =>
    profileOf({ name: 'log.records.rate', origin: 'logs', labels: [['severity', severity]] });
  expect(rate('error')).toMatchObject({ signal: 'log-rate', direction: 1 });
  expect(rate('info')).toBeUndefined();
  expect(profileOf({ name: 'log.template.rate', origin: 'logs', labels: [['template', 'ab']] })).toBeUndefined();
});

test('what matters is said in the unit of the metric', () => {
  expect(profileOf({ name: 'http.latency', unit: 'ms' })).toMatchObject({ direction: 1, minimumAbsolute: 5 });
  expect(profileOf({ name: 'request_duration_seconds' })).toMatchObject({ minimumAbsolute: 0.005 });
  expect(profileOf({ name: 'container_memory_working_set_bytes' })).toMatchObject({
    signal: 'memory',
    minimumAbsolute: 8 * 1024 * 1024,
    trends: true,
  });
  expect(profileOf({ name: 'container.restarts' })).toMatchObject({ immediate: true });
});

test('readiness is read the right way round, and a replica less is no outage', () => {
  expect(profileOf({ name: 'kube_deployment_status_replicas_unavailable' })).toMatchObject({ direction: 1 });
  expect(profileOf({ name: 'kube_pod_status_ready', labels: [['condition', 'false']] })).toBeUndefined();
  expect(profileOf({ name: 'kube_pod_status_ready', labels: [['condition', 'true']] })).toMatchObject({
    direction: -1,
  });
  const available = profileOf({ name: 'k8s.deployment.available' });
  expect(available!.relativeDown).toBeGreaterThan(0.9);
  expect(available!.relativeDown).toBeLessThan(1);
});

test('what goes to nothing and comes again with each deployment is not scored', () => {
  for (const name of ['kube_replicaset_status_ready_replicas', 'k8s.replicaset.available', 'k8s.replicaset.desired'])
    expect(profileOf({ name }), name).toBeUndefined();
  for (const name of ['kube_deployment_status_replicas_updated', 'k8s.statefulset.updated_pods'])
    expect(profileOf({ name }), name).toBeUndefined();
  expect(profileOf({ name: 'k8s.deployment.available' })).toBeDefined();
});

test('a share of what succeeds is told by hundredths, though its name speaks of availability or of a rate', () => {
  for (const name of ['slo_availability_ratio', 'success_rate', 'service.availability']) {
    const profile = profileOf({ name })!;
    expect(profile, name).toMatchObject({ signal: 'readiness', direction: -1 });
    expect(0.999 * profile.relativeDown, name).toBeLessThan(0.05);
  }
  expect(profileOf({ name: 'kube_deployment_status_replicas_available' })!.relativeDown).toBeGreaterThan(0.9);
});

test('what counts is no setting, whatever its name speaks of; the longest duration is none either', () => {
  expect(profileOf({ name: 'orders_created_total', kind: 'counter' })).toMatchObject({ direction: 0 });
  expect(profileOf({ name: 'rate_limit_rejections_total', kind: 'counter' })).toBeDefined();
  expect(profileOf({ name: 'orders.created', kind: 'delta' })).toBeDefined();
  expect(profileOf({ name: 'http_server_requests_seconds_max' })).toMatchObject({ signal: 'latency', direction: 1 });
  expect(profileOf({ name: 'jvm_gc_pause_seconds_max' })).toMatchObject({ signal: 'garbage-collection' });
  for (const name of ['http_requests_created', 'app_build_info', 'request_size_bucket', 'process_uptime_seconds'])
    expect(profileOf({ name, kind: 'counter' }), name).toBeUndefined();
  for (const name of ['rate_limit', 'jvm_memory_max_bytes', 'kube_pod_created', 'http_max_latency_ms'])
    expect(profileOf({ name }), name).toBeUndefined();
});

test('a period now and then in which a container was throttled does not matter, two hundredths of them do', () => {
  const minimum = (name: string, unit = '') => profileOf({ name, unit, kind: 'counter' })!.minimumAbsolute;
  expect(minimum('container_cpu_cfs_throttled_periods_total')).toBeCloseTo(0.2);
  expect(minimum('container_cpu_cfs_throttled_seconds_total')).toBeCloseTo(0.02);
  expect(minimum('k8s.container.cpu.throttled.time', 'ns')).toBeCloseTo(2e7);
  expect(profileOf({ name: 'container_cpu_throttling_ratio' })).toMatchObject({ minimumAbsolute: 0.02 });
});

test('of what is left growth is no trend towards an end', () => {
  expect(profileOf({ name: 'node_memory_MemFree_bytes' })).toMatchObject({ direction: -1, trends: false });
  expect(profileOf({ name: 'system.memory.usage', labels: [['state', 'used']] })).toMatchObject({ trends: true });
});
