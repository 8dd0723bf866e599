import {
  canonicalLabels,
  type EntityRef,
  firstLabel,
  type Labels,
  type SeriesCatalog,
  type SeriesDefinition,
} from '../../model/index.ts';
import { internDerived } from '../derived-samples.ts';

/** A service, or one operation of it, that requests are counted for. */
export interface Target {
  readonly entity: EntityRef;
  /** undefined for the service as a whole. */
  readonly operation: string | undefined;
  /** Index of the service's own target. */
  readonly service: number;
  /** End of the last window with requests; 0 for never. */
  lastMs: number;
  /** Requests seen by its own spans, not only by its callers'. */
  own: boolean;
  operations: number;
  series: TargetSeries | undefined;
}

export interface TargetSeries {
  readonly rate: number;
  readonly errorRatio: number;
  readonly p95: number;
  readonly selfTime: number;
}

/** What a span stream means: the same for every span of it. */
export interface StreamInfo {
  /** Target index of the service; -1 where the stream names none. */
  readonly service: number;
  /** Target index of a called peer that need not send spans itself; -1 where none is named. */
  readonly peer: number;
}

export interface Services {
  readonly targets: readonly Target[];
  /** Resolves a stream by its catalogue id; remembered. */
  stream(series: number): StreamInfo;
  /** Target index of a stream's operation (its span name); the service's where it has too many. Remembered. */
  operationOf(series: number): number;
  /** Index of a service's target, made now if new. */
  service(namespace: string, name: string): number;
  /** Index of the service of this name, in whatever namespace it was first seen. */
  serviceNamed(name: string): number | undefined;
  seriesOf(target: Target): TargetSeries | undefined;
  /** For a checkpoint: what was seen, in order. */
  save(): unknown;
  load(saved: unknown): void;
}

/** Names beyond so many are no services: something writes ids into its service or host names. */
const serviceLimit = 5000;

type SavedTarget = Omit<Target, 'series'>;

export function createServices(catalog: SeriesCatalog, operationsPerService: number): Services {
  let targets: Target[] = [];
  let byKey = new Map<string, number>();
  let byName = new Map<string, number>();
  let streams: StreamInfo[] = [];
  let operations: number[] = [];

  function add(key: string, entity: EntityRef, operation: string | undefined, service: number): number {
    const index = targets.length;
    const own = service < 0 ? index : service;
    targets.push({
      entity,
      operation,
      service: own,
      lastMs: 0,
      own: false,
      operations: 0,
      series: undefined,
    });
    byKey.set(key, index);
    return index;
  }

  function service(namespace: string, name: string): number {
    const key = keyOf(namespace, name, undefined);
    const known = byKey.get(key);
    if (known !== undefined) return known;
    const index = add(key, { kind: 'service', namespace, name }, undefined, -1);
    if (!byName.has(name)) byName.set(name, index);
    return index;
  }

  function operation(owner: number, name: string): number {
    const target = targets[owner]!;
    const key = keyOf(target.entity.namespace, target.entity.name, name);
    const known = byKey.get(key);
    if (known !== undefined) return known;
    if (target.operations >= operationsPerService) return owner;
    target.operations += 1;
    return add(key, target.entity, name, owner);
  }

  function resolve(definition: SeriesDefinition): StreamInfo {
    const { labels } = definition;
    const name = firstLabel(labels, 'service.name', 'service', 'service_name', 'app');
    if (name === undefined) return { service: -1, peer: -1 };
    const namespace = namespaceOf(labels);
    if (byName.size >= serviceLimit && !byName.has(name)) return { service: -1, peer: -1 };
    const own = service(namespace, name);
    const peerName = peerOf(labels);
    const known = peerName === undefined ? undefined : byName.get(peerName);
    const peer =
      peerName === undefined || peerName === name || (known === undefined && byName.size >= serviceLimit)
        ? -1
        : (known ?? service(namespace, peerName));
    return { service: own, peer };
  }

  return {
    get targets() {
      return targets;
    },
    service,
    serviceNamed: (name) => byName.get(name),
    stream: (series) => {
      const known = streams[series];
      if (known !== undefined) return known;
      const info = resolve(catalog.get(series));
      streams[series] = info;
      return info;
    },
    operationOf: (series) => {
      const known = operations[series];
      if (known !== undefined) return known;
      const index = operation(streams[series]!.service, catalog.get(series).name);
      operations[series] = index;
      return index;
    },
    seriesOf: (target) => {
      if (target.series !== undefined) return target.series;
      const pairs: [string, string][] = [['service.name', target.entity.name]];
      if (target.entity.namespace !== '') pairs.push(['k8s.namespace.name', target.entity.namespace]);
      if (target.operation !== undefined) pairs.push(['operation', target.operation]);
      const labels = canonicalLabels(pairs);
      const intern = (name: string, unit: string): number | undefined =>
        internDerived(catalog, { name, labels, kind: 'gauge', unit, origin: 'traces' });
      const rate = intern('trace.request.rate', '1/s');
      const errorRatio = intern('trace.error.ratio', '1');
      const p95 = intern('trace.duration.p95', 'ms');
      const selfTime = intern('trace.self.duration.mean', 'ms');
      if (rate === undefined || errorRatio === undefined || p95 === undefined || selfTime === undefined)
        return undefined;
      target.series = { rate, errorRatio, p95, selfTime };
      return target.series;
    },
    save: () => targets.map(({ series: _, ...rest }) => rest),
    load: (saved) => {
      targets = (saved as SavedTarget[]).map((target) => ({ ...target, series: undefined }));
      byKey = new Map();
      byName = new Map();
      streams = [];
      operations = [];
      for (const [index, target] of targets.entries()) {
        byKey.set(keyOf(target.entity.namespace, target.entity.name, target.operation), index);
        if (target.operation === undefined && !byName.has(target.entity.name)) byName.set(target.entity.name, index);
      }
    },
  };
}

/** What a client span calls by name: the service it says, or the host, of which a Kubernetes service's name is a part. */
function peerOf(labels: Labels): string | undefined {
  const service = firstLabel(labels, 'peer.service');
  if (service !== undefined) return service;
  const host = firstLabel(labels, 'server.address', 'net.peer.name');
  if (host === undefined || host === 'localhost' || /^[0-9.]+$|:/.test(host)) return undefined;
  const inCluster = /^([^.]+)(\.[^.]+)?\.svc(\.|$)/.exec(host);
  return inCluster?.[1] ?? host;
}

function keyOf(namespace: string, name: string, operation: string | undefined): string {
  return JSON.stringify([namespace, name, operation ?? null]);
}

/** Namespace of a service by its resource, as the entity rules have it. */
export function namespaceOf(labels: Labels): string {
  return firstLabel(labels, 'k8s.namespace.name', 'namespace', 'service.namespace') ?? '';
}
