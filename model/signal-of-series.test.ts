import { expect, test } from 'vitest';
import type { Labels } from './labels.ts';
import type { BadDirection, SignalKind } from './signal-kind.ts';
import { badDirectionOf, signalOfSeries } from './signal-of-series.ts';

const of = (name: string, labels: Labels = [], kind: 'gauge' | 'counter' = 'gauge') => {
  const signal = signalOfSeries({ name, kind, labels });
  return [signal, badDirectionOf({ name, labels }, signal)];
};

test.each<[string, SignalKind, BadDirection, Labels?]>([
  ['node_memory_MemFree_bytes', 'memory', 'down'],
  ['node_memory_MemAvailable_bytes', 'memory', 'down'],
  ['k8s.node.memory.available', 'memory', 'down'],
  ['node_filesystem_avail_bytes', 'disk', 'down'],
  ['kubelet_volume_stats_available_bytes', 'disk', 'down'],
  ['k8s.node.filesystem.available', 'disk', 'down'],
  ['node_filesystem_files_free', 'disk', 'down'],
  ['system.memory.usage', 'memory', 'down', [['state', 'free']]],
  ['system.filesystem.usage', 'disk', 'down', [['system.filesystem.state', 'free']]],
  ['node_cpu_seconds_total', 'cpu', 'down', [['mode', 'idle']]],
  ['node_cpu_seconds_total', 'cpu', 'up', [['mode', 'user']]],
  ['system.memory.usage', 'memory', 'up', [['state', 'used']]],
  ['container_memory_working_set_bytes', 'memory', 'up'],
  ['idle_connection_errors_total', 'errors', 'up'],
  ['cpu_usage_idle', 'cpu', 'down'],
  ['queue_remaining_capacity', 'queue', 'down'],
  ['FreeableMemory', 'memory', 'down'],
  ['x509_cert_expires_in_seconds', 'other', 'down'],
  ['ssl_certificate_expiry_seconds', 'other', 'down'],
  ['ssl_cert_days_remaining', 'other', 'down'],
  ['redis_expired_keys_total', 'other', 'both'],
  ['pg_replication_lag_seconds', 'queue', 'up'],
  ['idle.queue.depth', 'queue', 'up'],
  ['free_tier.memory.usage', 'memory', 'up'],
  ['go_memstats_heap_idle_bytes', 'memory', 'up'],
  ['kube_deployment_status_replicas_available', 'readiness', 'down'],
  ['kube_deployment_status_replicas_unavailable', 'readiness', 'up'],
])('%s says %s, and %s is bad', (name, signal, direction, labels = []) => {
  expect(of(name, labels)).toEqual([signal, direction]);
});

test.each<[string, string, string]>([
  ['http_requests_total', 'code', '500'],
  ['http_requests_total', 'code', '5xx'],
  ['http_requests_total', 'status', '503'],
  ['http_requests_total', 'status_code', '502'],
  ['http_requests_total', 'http_status_code', '500'],
  ['istio_requests_total', 'response_code', '503'],
  ['http.server.request.duration_count', 'http.response.status_code', '500'],
  ['grpc_server_handled_total', 'grpc_code', 'Unavailable'],
  ['grpc_server_handled_total', 'grpc_code', 'DeadlineExceeded'],
  ['rpc.server.duration_count', 'rpc.grpc.status_code', '14'],
  ['rpc_server_duration_milliseconds_count', 'rpc_grpc_status_code', '13'],
  ['grpc_server_handled_total', 'code', 'DATA_LOSS'],
])('%s with %s %s counts errors', (name, label, value) => {
  expect(of(name, [[label, value]], 'counter')).toEqual(['errors', 'up']);
});

test.each<[string, string, string]>([
  ['http_requests_total', 'code', '200'],
  ['http_requests_total', 'code', '404'],
  ['http_requests_total', 'status', '13'],
  ['http_requests_total', 'region_code', '512'],
  ['http_request_duration_seconds', 'code', '500'],
  ['grpc_server_handled_total', 'grpc_code', 'OK'],
  ['grpc_server_handled_total', 'grpc_code', 'NotFound'],
  ['grpc_server_handled_total', 'grpc_code', 'Canceled'],
  ['rpc.server.requests', 'rpc.grpc.status_code', '5'],
])('%s with %s %s counts none', (name, label, value) => {
  expect(signalOfSeries({ name, kind: 'counter', labels: [[label, value]] })).not.toBe('errors');
});
