/** What a metric says about its entity, whoever named it. Direction: which way is bad. */
export const signalKinds = [
  'cpu',
  'cpu-throttling',
  'memory',
  'memory-limit',
  'cpu-request',
  'memory-request',
  'latency',
  'errors',
  'traffic',
  'queue',
  'restarts',
  'readiness',
  'disk',
  'network',
  'garbage-collection',
  'log-rate',
  'other',
] as const;
export type SignalKind = (typeof signalKinds)[number];

export type BadDirection = 'up' | 'down' | 'both' | 'none';

const badDirections: Readonly<Record<SignalKind, BadDirection>> = {
  cpu: 'up',
  'cpu-throttling': 'up',
  memory: 'up',
  'memory-limit': 'none',
  'cpu-request': 'none',
  'memory-request': 'none',
  latency: 'up',
  errors: 'up',
  traffic: 'both',
  queue: 'up',
  restarts: 'up',
  readiness: 'down',
  disk: 'up',
  network: 'both',
  'garbage-collection': 'up',
  'log-rate': 'up',
  other: 'both',
};

export function badDirection(kind: SignalKind): BadDirection {
  return badDirections[kind];
}

/** Flags and counts of what fares well, by names that mean nothing else: messages that are ready wait in a queue. */
const health =
  /(^|_)((probe|check|scrape|collector|reload)_success(ful)?|has_leader|is_(up|running|ready|healthy)|(sql|io)_running|(?<!(messages|jobs|tasks|status|container)_)ready|healthy)$/;

// First match wins. Names are lower-cased with '.' and '/' as '_'. Prometheus, kube-state-metrics, cAdvisor and
// OpenTelemetry semantic-convention names first, then the plain words that home-made metrics use.
const rules: readonly (readonly [RegExp, SignalKind])[] = [
  [/^traces_service_graph_request_total$/, 'traffic'],
  [/^kube_pod_container_resource_limits.*|(^|_)(spec_)?memory_limit(_bytes)?$|limit.*memory/, 'memory-limit'],
  [/cpu_cfs_throttled|throttl/, 'cpu-throttling'],
  [/cpu.*request|request.*cpu/, 'cpu-request'],
  [/memory.*request|request.*memory/, 'memory-request'],
  [/(^|_)gc(_|$)|garbage/, 'garbage-collection'],
  [/restart/, 'restarts'],
  [/(mem(?!ber)|swap).*(?<!un)avail(able)?(_|$)/, 'memory'],
  [/((^|_)fs_|disk|filesystem|volume|inode).*(?<!un)avail(able)?(_|$)/, 'disk'],
  [/status_ready|container_ready|_up$|^up$|replicas_ready|ready_replicas|availab/, 'readiness'],
  [/success(ful)?_(rate|ratio|share|percent(age)?|pct)(_|$)/, 'readiness'],
  [/error|fail|5xx|exception|(?<!de)fault|under_?replicated/, 'errors'],
  [/latency|duration|response_?time|_rt_|elapsed|p9[0-9]|p50|_(milli)?seconds_max$/, 'latency'],
  [/queue|backlog|pending|depth|seconds_behind/, 'queue'],
  [/(?<!f)lag(_(sum|max|(milli)?seconds|ms|bytes|messages|records))?$/, 'queue'],
  [health, 'readiness'],
  [/cpu/, 'cpu'],
  [/mem(?!ber|cached)|rss|heap|working_set/, 'memory'],
  [/(?<!kuber)net|packet|receive|transmit|bytes_(in|out)|socket/, 'network'],
  [/disk|fs_|filesystem|inode|iops|_io_|volume/, 'disk'],
  [/^log(_|$)|log_records/, 'log-rate'],
  [/request|rate|qps|rps|throughput|traffic|calls|hits/, 'traffic'],
];

const known = new Map<string, SignalKind>();

/** Classifies a metric by its name, after the naming conventions of Prometheus and OpenTelemetry. Memoised. */
export function signalKindOf(metricName: string): SignalKind {
  const cached = known.get(metricName);
  if (cached !== undefined) return cached;
  const name = plain(metricName);
  const kind = rules.find(([pattern]) => pattern.test(name))?.[1] ?? 'other';
  if (known.size < 100_000) known.set(metricName, kind);
  return kind;
}

/** Whether a metric's name says that something is well, so that none of it left is bad and one less is not. */
export function saysHealth(metricName: string): boolean {
  return health.test(plain(metricName));
}

function plain(metricName: string): string {
  return metricName.toLowerCase().replaceAll(/[./-]/g, '_');
}
