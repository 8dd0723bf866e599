import { describe, expect, it } from 'vitest';
import { type SignalKind, signalKindOf } from './signal-kind.ts';

const names: readonly (readonly [string, SignalKind])[] = [
  ['k8s.pod.memory.working_set', 'memory'],
  ['k8s.pod.memory_limit_utilization', 'memory'],
  ['k8s.container.memory_limit', 'memory-limit'],
  ['k8s.pod.network.io.receive', 'network'],
  ['system.disk.io', 'disk'],
  ['node_disk_io_time_seconds_total', 'disk'],
  ['http.server.request.duration', 'latency'],
  ['service.availability', 'readiness'],
  ['traces_service_graph_request_total', 'traffic'],
  ['trace.error.ratio', 'errors'],
  ['jvm.gc.time', 'garbage-collection'],
  ['container_cpu_cfs_throttled_periods_total', 'cpu-throttling'],
  ['messaging.queue.depth', 'queue'],
  ['kafka_consumergroup_lag', 'queue'],
  ['kafka_consumer_fetch_manager_records_lag_max', 'queue'],
  ['pg_replication_lag_seconds', 'queue'],
  ['mysql_slave_status_seconds_behind_master', 'queue'],
  ['checkout_feature_flag', 'other'],
  ['default_pool_size', 'other'],
  ['kubernetes_build_info', 'other'],
  ['kafka_server_replicamanager_underreplicatedpartitions', 'errors'],
  ['kafka_consumergroup_members', 'other'],
  ['memcached_commands_total', 'other'],
  ['MemoryUtilization', 'memory'],
  ['http_server_requests_seconds_max', 'latency'],
  ['rabbitmq_queue_messages_ready', 'queue'],
  ['rabbitmq_detailed_messages_ready', 'other'],
  ['mysql_global_status_threads_running', 'other'],
];

describe('signalKindOf', () => {
  it.each(names)('%s says %s', (name, kind) => expect(signalKindOf(name)).toBe(kind));
});
