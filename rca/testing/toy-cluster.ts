import { Value } from 'typebox/value';
import {
  type Anomaly,
  type CallObservation,
  type ClusterEvent,
  type ClusterSnapshot,
  contentId,
  createRandom,
  type Incident,
  noMetrics,
  type PodState,
  type Rca,
  type SampleBatch,
  type SeriesCatalog,
  type SeriesIdentity,
  signalKindOf,
  toTimestamp,
} from '../../model/index.ts';
import { RcaConfig } from '../config.ts';
import { createRca } from '../create-rca.ts';
import { createTestCatalog } from './test-catalog.ts';

export interface ToyService {
  readonly name: string;
  readonly calls: readonly string[];
  readonly node: string;
  /** Without a workload of ours: known only from the calls to it. */
  readonly external?: boolean;
}

/** What a fault does to one service (or node) at one moment. */
export interface ToyEffect {
  readonly selfMs?: number;
  readonly errorRatio?: number;
  readonly traffic?: number;
  readonly cpu?: number;
  readonly memoryMiB?: number;
  readonly silent?: boolean;
  readonly ready?: boolean;
}

export interface ToyScript {
  readonly services: readonly ToyService[];
  readonly seconds: number;
  readonly seed?: number;
  /** Effects by service or node name, at a second after the start. */
  effects(second: number): Readonly<Record<string, ToyEffect>>;
  readonly events?: readonly (Omit<ClusterEvent, 'id' | 'atMs'> & { readonly second: number })[];
  readonly nodesDown?: (second: number) => readonly string[];
}

export const toyStartMs = Date.UTC(2026, 0, 5, 9, 0, 0);
export const podOf = (service: string) => `${service}-7d4b9c6f5d-x2x${service.length}x`;
const namespace = 'toy';
const mebibyte = 1_048_576;
export const memoryLimitMiB = 400;
const step = 5;

/** One moment of a script as the stages before rca would hand it on. */
export interface ToyMoment {
  readonly nowMs: number;
  readonly input: Parameters<Rca['observe']>[0];
}

/**
 * Plays a script: services with self-time that adds up along calls, errors that pass upwards, pods with CPU and memory,
 * call observations every 5 s, and a plain spotter in the place of the detectors (twice the usual for two windows fires).
 */
export function playToy(catalog: SeriesCatalog, script: ToyScript): ToyMoment[] {
  const random = createRandom(script.seed ?? 1);
  const noise = (value: number, share: number) => value * (1 + share * (random() + random() + random() - 1.5));
  const byName = new Map(script.services.map((service) => [service.name, service]));
  const spotter = createSpotter(catalog);
  const moments: ToyMoment[] = [];
  for (let second = step; second <= script.seconds; second += step) {
    const nowMs = toyStartMs + second * 1000;
    const effects = script.effects(second);
    const down = new Set(script.nodesDown?.(second) ?? []);
    const gone = (service: ToyService) => down.has(service.node) || effects[service.name]?.silent === true;
    const latency = new Map<string, number>();
    const errors = new Map<string, number>();
    const settle = (name: string): number => {
      const known = latency.get(name);
      if (known !== undefined) return known;
      const service = byName.get(name)!;
      let total = effects[name]?.selfMs ?? 20;
      let failed = effects[name]?.errorRatio ?? 0;
      for (const callee of service.calls) {
        total += gone(byName.get(callee)!) ? 5 : settle(callee);
        if (!gone(byName.get(callee)!)) settle(callee);
        failed = Math.max(failed, gone(byName.get(callee)!) ? 0.6 : errors.get(callee)!);
      }
      latency.set(name, total);
      errors.set(name, failed);
      return total;
    };
    const rows: [number, number][] = [];
    const put = (name: string, unit: string, labels: Record<string, string>, value: number) => {
      const identity: SeriesIdentity = {
        name,
        unit,
        kind: 'gauge',
        origin: 'received',
        labels: Object.entries(labels),
      };
      rows.push([catalog.intern(identity), value]);
    };
    const calls: CallObservation[] = [];
    const pods: PodState[] = [];
    for (const service of script.services) {
      settle(service.name);
      const effect = effects[service.name] ?? {};
      const labels = { 'service.name': service.name, 'k8s.namespace.name': namespace };
      const rate = 50 * (effect.traffic ?? 1);
      if (!gone(service)) {
        put('trace.request.rate', '1/s', labels, noise(rate, 0.05));
        put('trace.error.ratio', '1', labels, errors.get(service.name)! + 0.001 * random());
        put('trace.duration.p95', 'ms', labels, noise(latency.get(service.name)! * 1.6, 0.06));
        put('trace.self.duration.mean', 'ms', labels, noise(effect.selfMs ?? 20, 0.06));
      }
      for (const callee of service.calls) {
        const count = rate * step;
        const failing = gone(byName.get(callee)!);
        const meanMs = failing ? 5 : noise(latency.get(callee)!, 0.05);
        calls.push({
          caller: { kind: 'service', namespace, name: service.name },
          callee: { kind: 'service', namespace, name: callee },
          windowEndMs: nowMs,
          windowSeconds: step,
          calls: count,
          errors: count * (failing ? 0.6 : errors.get(callee)!),
          durationSumMs: count * meanMs,
        });
      }
      if (service.external === true) continue;
      const resource = {
        ...labels,
        'k8s.pod.name': podOf(service.name),
        'k8s.deployment.name': service.name,
        'k8s.node.name': service.node,
      };
      if (!gone(service)) {
        put('k8s.pod.cpu.usage', '{cpu}', resource, noise(effect.cpu ?? 0.3, 0.08));
        put('k8s.pod.memory.working_set', 'By', resource, noise((effect.memoryMiB ?? 150) * mebibyte, 0.01));
      }
      pods.push(toyPod(service, nowMs, !gone(service) && effect.ready !== false));
    }
    const samples = batchOf(rows, nowMs);
    const events = (script.events ?? [])
      .filter((event) => event.second > second - step && event.second <= second)
      .map(({ second: at, ...event }): ClusterEvent => {
        const atMs = toyStartMs + at * 1000;
        return { ...event, atMs, id: contentId('evt', event.reason, event.entity.name, atMs) };
      });
    const snapshot = toySnapshot(script, pods, down, nowMs);
    const cluster = [{ kind: 'cluster' as const, timeMs: nowMs, snapshot, events }];
    moments.push({ nowMs, input: { samples: [samples], calls, cluster, anomalies: spotter(samples), slos: [] } });
  }
  return moments;
}

function batchOf(rows: readonly (readonly [number, number])[], nowMs: number): SampleBatch {
  return {
    kind: 'samples',
    count: rows.length,
    series: Uint32Array.from(rows.map((row) => row[0])),
    timesMs: new Float64Array(rows.length).fill(nowMs),
    values: Float64Array.from(rows.map((row) => row[1])),
  };
}

function toyPod(service: ToyService, nowMs: number, ready: boolean): PodState {
  const amounts = { cpuCores: 1, memoryBytes: memoryLimitMiB * mebibyte };
  return {
    namespace,
    name: podOf(service.name),
    uid: service.name,
    resourceVersion: String(nowMs),
    phase: 'Running',
    ready,
    startedAtMs: toyStartMs - 3_600_000,
    node: service.node,
    owner: { kind: 'Deployment', namespace, name: service.name },
    labels: {},
    containers: [{ name: 'main', resources: { requests: amounts, limits: amounts }, restarts: 0, ready }],
  };
}

function toySnapshot(
  script: ToyScript,
  pods: readonly PodState[],
  down: ReadonlySet<string>,
  atMs: number,
): ClusterSnapshot {
  const nodes = [...new Set(script.services.filter((one) => one.external !== true).map((one) => one.node))];
  return {
    atMs,
    pods,
    workloads: [],
    nodes: nodes.map((name) => ({
      name,
      ready: !down.has(name),
      unschedulable: false,
      allocatable: {},
      pressures: [],
    })),
  };
}

const sloMs = 400;

/** Fires where a series is at twice its first minute's mean for two windows; the frontend's latency also breaks an SLO. */
function createSpotter(catalog: SeriesCatalog) {
  const usual = new Map<number, { sum: number; count: number }>();
  const runs = new Map<string, { high: number; low: number; onsetMs: number; anomaly?: Anomaly }>();
  const judge = (id: number, detector: string, high: boolean, value: number, expected: number, nowMs: number) => {
    const key = `${id}/${detector}`;
    const run = runs.get(key) ?? { high: 0, low: 0, onsetMs: nowMs };
    runs.set(key, run);
    if (high && run.high === 0) run.onsetMs = nowMs;
    run.high = high ? run.high + 1 : 0;
    run.low = high ? 0 : run.low + 1;
    const definition = catalog.get(id);
    if (run.anomaly === undefined && run.high >= 2) {
      run.anomaly = {
        id: contentId('anm', definition.fingerprint, detector, run.onsetMs),
        revision: 1,
        state: 'firing',
        entity: definition.entity,
        series: definition.fingerprint,
        metric: definition.name,
        signal: signalKindOf(definition.name),
        detector,
        onset: toTimestamp(run.onsetMs),
        detectedAt: toTimestamp(nowMs),
        observed: value,
        expected,
        lower: 0,
        upper: expected,
        unit: definition.unit,
        score: 12,
        severity: 0.99,
        reason: 'twice the usual',
      };
      return run.anomaly;
    }
    if (run.anomaly !== undefined && run.low >= 3) {
      const cleared: Anomaly = { ...run.anomaly, revision: 2, state: 'cleared', clearedAt: toTimestamp(nowMs) };
      delete run.anomaly;
      return cleared;
    }
    return undefined;
  };
  return (samples: SampleBatch): Anomaly[] => {
    const anomalies: (Anomaly | undefined)[] = [];
    for (let row = 0; row < samples.count; row += 1) {
      const [id, value, nowMs] = [samples.series[row], samples.values[row], samples.timesMs[row]];
      const definition = catalog.get(id);
      const known = usual.get(id) ?? { sum: 0, count: 0 };
      usual.set(id, known);
      if (known.count < 12) {
        known.sum += value;
        known.count += 1;
        continue;
      }
      const expected = known.sum / known.count;
      const floor = definition.name === 'trace.error.ratio' ? 0.05 : 0;
      anomalies.push(judge(id, 'seasonal', value > Math.max(2 * expected, floor), value, expected, nowMs));
      const door = definition.entity.name === 'frontend' && definition.name === 'trace.duration.p95';
      if (door) anomalies.push(judge(id, 'slo', value > sloMs, value, sloMs, nowMs));
    }
    return anomalies.filter((one) => one !== undefined);
  };
}

export interface ToyRun {
  readonly rca: Rca;
  /** All revisions, in order. */
  readonly revisions: readonly Incident[];
  /** The last revision of each incident, in order of opening. */
  readonly incidents: readonly Incident[];
}

export function runToy(script: ToyScript, config: Partial<RcaConfig> = {}): ToyRun {
  const catalog = createTestCatalog();
  const rca = createRca({ catalog, metrics: noMetrics, config: testConfig(config) });
  const revisions: Incident[] = [];
  for (const moment of playToy(catalog, script)) {
    rca.observe(moment.input);
    revisions.push(...rca.advance(moment.nowMs));
  }
  return { rca, revisions, incidents: lastOf(revisions) };
}

export function testConfig(config: Partial<RcaConfig> = {}): RcaConfig {
  return { ...(Value.Default(RcaConfig, {}) as RcaConfig), ...config };
}

export function lastOf(revisions: readonly Incident[]): Incident[] {
  return [...new Map(revisions.map((incident) => [incident.id, incident])).values()];
}
