import { Value } from 'typebox/value';
import {
  type ClusterSnapshot,
  type ContainerResources,
  canonicalLabels,
  contentHash,
  entityOfLabels,
  type Incident,
  noMetrics,
  optInLabel,
  type Proposal,
  type SampleBatch,
  type SeriesCatalog,
  type SeriesDefinition,
  type SeriesIdentity,
  type Slo,
  type SloStatus,
  type Tuner,
  toTimestamp,
  type WorkloadRef,
} from '../../model/index.ts';
import { TunerConfig } from '../config.ts';
import { createTuner } from '../create-tuner.ts';

export const mebibyte = 1_048_576;
export const startMs = Date.UTC(2026, 0, 5, 12);
export const cart: WorkloadRef = { kind: 'Deployment', namespace: 'shop', name: 'cart' };

export function tunerSettings(): TunerConfig {
  return Value.Default(TunerConfig, {}) as TunerConfig;
}

export function createCatalog(): SeriesCatalog {
  const definitions: SeriesDefinition[] = [];
  const ids = new Map<string, number>();
  return {
    get size() {
      return definitions.length;
    },
    get: (id) => definitions[id],
    intern(identity) {
      const fingerprint = contentHash(identity.name, identity.kind, JSON.stringify(identity.labels));
      const known = ids.get(fingerprint);
      if (known !== undefined) return known;
      const id = definitions.length;
      definitions.push({ ...identity, id, fingerprint, entity: entityOfLabels(identity.name, identity.labels) });
      ids.set(fingerprint, id);
      return id;
    },
    find: (fingerprint) => definitions[ids.get(fingerprint) ?? -1],
  };
}

export function identity(
  name: string,
  labels: Readonly<Record<string, string>>,
  kind: SeriesIdentity['kind'] = 'gauge',
  unit = '',
): SeriesIdentity {
  return { name, labels: canonicalLabels(Object.entries(labels)), kind, unit, origin: 'received' };
}

export function samples(points: readonly (readonly [series: number, timeMs: number, value: number])[]): SampleBatch {
  return {
    kind: 'samples',
    count: points.length,
    series: Uint32Array.from(points, ([series]) => series),
    timesMs: Float64Array.from(points, ([, timeMs]) => timeMs),
    values: Float64Array.from(points, ([, , value]) => value),
  };
}

/** What is so at one second: a missing or undefined reading is not sent. */
export interface Moment {
  readonly cpuPerPod?: number | undefined;
  readonly memoryPerPod?: number | undefined;
  readonly rate?: number;
  readonly latencyP95Ms?: number;
  readonly met?: boolean;
  readonly replicas?: number;
  readonly readyReplicas?: number;
  readonly listed?: boolean;
}

export interface WorldOptions {
  readonly replicas?: number;
  readonly ref?: WorkloadRef;
  readonly resources?: ContainerResources;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly slos?: readonly Slo[];
  readonly config?: TunerConfig;
  readonly catalog?: SeriesCatalog;
}

/** A tuner and one workload, told of second by second, a sample of every pod each five seconds. */
export interface World {
  tuner: Tuner;
  readonly proposals: Proposal[];
  nowMs: number;
  /** Lets time pass; gives the proposals revised meanwhile. */
  pass(seconds: number, at: (second: number) => Moment): Proposal[];
  tell(incident: Incident): void;
  open(source?: Proposal['source']): Proposal[];
  reload(): void;
}

const usualResources: ContainerResources = {
  requests: { cpuCores: 0.5, memoryBytes: 256 * mebibyte },
  limits: { cpuCores: 1, memoryBytes: 512 * mebibyte },
};

export function createWorld(options: WorldOptions = {}): World {
  const ref = options.ref ?? cart;
  const resources = options.resources ?? usualResources;
  const catalog = options.catalog ?? createCatalog();
  const config = options.config ?? tunerSettings();
  const create = () =>
    createTuner({ catalog, metrics: noMetrics, config, ...(options.slos === undefined ? {} : { slos: options.slos }) });

  function snapshot(atMs: number, moment: Moment): ClusterSnapshot {
    const replicas = moment.replicas ?? options.replicas ?? 2;
    const ready = moment.readyReplicas ?? replicas;
    return {
      atMs,
      nodes: [],
      workloads: [
        {
          ref,
          uid: 'uid',
          resourceVersion: '1',
          generation: 1,
          observedGeneration: 1,
          labels: { [optInLabel]: 'true' },
          annotations: options.annotations ?? {},
          replicas,
          readyReplicas: ready,
          updatedReplicas: replicas,
          containers: [{ name: 'app', resources }],
        },
      ],
      pods: Array.from({ length: replicas }, (_, index) => ({
        namespace: ref.namespace,
        name: `${ref.name}-${index}`,
        uid: `uid-${index}`,
        resourceVersion: '1',
        phase: 'Running' as const,
        ready: index < ready,
        startedAtMs: startMs,
        owner: ref,
        labels: {},
        containers: [{ name: 'app', resources, restarts: 0, ready: true }],
      })),
    };
  }

  function podPoints(atMs: number, moment: Moment): [number, number, number][] {
    const points: [number, number, number][] = [];
    for (let index = 0; index < (moment.replicas ?? options.replicas ?? 2); index++) {
      const labels = { 'k8s.namespace.name': ref.namespace, 'k8s.pod.name': `${ref.name}-${index}` };
      if (moment.cpuPerPod !== undefined) {
        points.push([catalog.intern(identity('k8s.pod.cpu.usage', labels, 'gauge', '{cpu}')), atMs, moment.cpuPerPod]);
      }
      if (moment.memoryPerPod !== undefined) {
        const memory = identity('k8s.pod.memory.working_set', labels, 'gauge', 'By');
        points.push([catalog.intern(memory), atMs, moment.memoryPerPod]);
      }
    }
    return points;
  }

  const world: World = {
    tuner: create(),
    proposals: [],
    nowMs: startMs,
    pass(seconds, at) {
      const before = world.proposals.length;
      for (let second = 0; second < seconds; second++) {
        world.nowMs += 1000;
        const moment = at(second);
        const due = world.nowMs % 5000 === 0;
        world.tuner.observe({
          samples: due ? [samples(podPoints(world.nowMs, moment))] : [],
          cluster:
            world.nowMs % 10_000 === 0 && moment.listed !== false
              ? [{ kind: 'cluster', timeMs: world.nowMs, snapshot: snapshot(world.nowMs, moment), events: [] }]
              : [],
          slos: due && moment.rate !== undefined ? [standing(ref, world.nowMs, moment)] : [],
          incidents: [],
          calls: [],
        });
        world.proposals.push(...world.tuner.advance(world.nowMs));
      }
      return world.proposals.slice(before);
    },
    tell(incident) {
      world.tuner.observe({ samples: [], cluster: [], slos: [], calls: [], incidents: [incident] });
    },
    open(source) {
      const latest = new Map(world.proposals.map((proposal) => [proposal.id, proposal]));
      return [...latest.values()].filter(
        (proposal) => proposal.state === 'open' && (source === undefined || proposal.source === source),
      );
    },
    reload() {
      const bytes = world.tuner.save();
      world.tuner = create();
      if (!world.tuner.load(bytes)) throw new Error('the checkpoint was not taken');
    },
  };
  return world;
}

function standing(ref: WorkloadRef, atMs: number, moment: Moment): SloStatus {
  return {
    namespace: ref.namespace,
    service: ref.name,
    atMs,
    latencyP95Ms: moment.latencyP95Ms ?? 50,
    errorRatio: 0,
    requestRate: moment.rate ?? 0,
    met: moment.met ?? true,
  };
}

export function incident(atMs: number, changes: Partial<Incident> = {}): Incident {
  const entity = { kind: 'workload', namespace: 'shop', name: 'Deployment/cart' } as const;
  const at = toTimestamp(atMs);
  return {
    id: 'inc-1',
    revision: 1,
    state: 'open',
    severity: 'critical',
    title: 'cart is killed for memory',
    startedAt: at,
    openedAt: at,
    updatedAt: at,
    symptom: { kind: 'service', namespace: 'shop', name: 'frontend' },
    entities: [entity],
    anomalies: [],
    events: [],
    diagnosis: {
      at,
      abstained: false,
      checked: [],
      missing: [],
      causes: [
        {
          rank: 1,
          entity,
          code: 'memory-leak-oom-killed',
          title: 'Memory leak to OOMKilled',
          probability: 0.9,
          path: [],
          evidence: [{ kind: 'event', supports: true, weight: 4, text: 'cart-0 was OOMKilled' }],
        },
      ],
    },
    actions: [],
    ...changes,
  };
}
