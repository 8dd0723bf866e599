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
  /** Spans name it as who they are from. */
  sends: boolean;
  operations: number;
  /** It was an operation that nobody asks for any more: another may have its place. */
  isFree?: boolean;
  series: TargetSeries | undefined;
  pathSeries: number | undefined;
}

export interface TargetSeries {
  readonly rate: number;
  readonly errorRatio: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
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
  /** Operations without requests since then give their places to others. */
  forgetOperations(silentSinceMs: number): void;
  seriesOf(target: Target): TargetSeries | undefined;
  /** The series of a service's share of its traces' critical paths; undefined where there is no room for one. */
  pathSeriesOf(target: Target): number | undefined;
  /** The series of calls from one service to another. */
  edgeSeriesOf(caller: number, callee: number): SeriesDefinition | undefined;
  /** For a checkpoint: what was seen, in order. */
  save(): unknown;
  load(saved: unknown): void;
}

/** Names beyond so many are no services: something writes ids into its service or host names. */
const serviceLimit = 5000;

type SavedTarget = Omit<Target, 'series' | 'pathSeries'>;

export interface ServicesOptions {
  readonly operationsPerService: number;
  /** Of all services together. */
  readonly mostOperations: number;
}

export function createServices(catalog: SeriesCatalog, options: ServicesOptions): Services {
  let targets: Target[] = [];
  let serviceCount = 0;
  let byKey = new Map<string, number>();
  let byName = new Map<string, number>();
  let streams: StreamInfo[] = [];
  let operations: (number | undefined)[] = [];
  let free: number[] = [];

  function add(key: string, entity: EntityRef, operation: string | undefined, service: number): number {
    const index = free.pop() ?? targets.length;
    const own = service < 0 ? index : service;
    if (service < 0) serviceCount += 1;
    targets[index] = {
      entity,
      operation,
      service: own,
      lastMs: 0,
      own: false,
      sends: false,
      operations: 0,
      series: undefined,
      pathSeries: undefined,
    };
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
    if (target.operations >= options.operationsPerService) return owner;
    if (targets.length - serviceCount - free.length >= options.mostOperations) return owner;
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
    targets[own]!.sends = true;
    const peer = peerOf(labels);
    return { service: own, peer: peer === undefined || peer.name === name ? -1 : peerIndex(peer, namespace) };
  }

  /** Who is called from a namespace by this name; -1 where there are too many names. */
  function peerIndex({ name, namespace }: Peer, from: string): number {
    const near = byKey.get(keyOf(namespace ?? from, name, undefined));
    if (near !== undefined) return near;
    const elsewhere = namespace === undefined ? byName.get(name) : undefined;
    // Each namespace has its own `redis`; a host on the internet, and who says who it is, are the same for all.
    if (elsewhere !== undefined && (targets[elsewhere]!.sends || name.includes('.'))) return elsewhere;
    return byName.size >= serviceLimit && !byName.has(name) ? -1 : service(namespace ?? from, name);
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
    forgetOperations: (silentSinceMs) => {
      const before = free.length;
      for (const [index, target] of targets.entries()) {
        if (target.operation === undefined || target.isFree === true) continue;
        if (target.lastMs === 0 || target.lastMs >= silentSinceMs) continue;
        target.isFree = true;
        target.lastMs = 0;
        targets[target.service]!.operations -= 1;
        byKey.delete(keyOf(target.entity.namespace, target.entity.name, target.operation));
        free.push(index);
      }
      // Those that found no room are looked at anew.
      if (free.length > before) operations = [];
    },
    seriesOf: (target) => {
      if (target.series !== undefined) return target.series;
      const labels = labelsOf(target);
      const intern = (name: string, unit: string): number | undefined =>
        internDerived(catalog, { name, labels, kind: 'gauge', unit, origin: 'traces' });
      const rate = intern('trace.request.rate', '1/s');
      const errorRatio = intern('trace.error.ratio', '1');
      const p50 = intern('trace.duration.p50', 'ms');
      const p95 = intern('trace.duration.p95', 'ms');
      const p99 = intern('trace.duration.p99', 'ms');
      const selfTime = intern('trace.self.duration.mean', 'ms');
      if (rate === undefined || errorRatio === undefined || selfTime === undefined) return undefined;
      if (p50 === undefined || p95 === undefined || p99 === undefined) return undefined;
      target.series = { rate, errorRatio, p50, p95, p99, selfTime };
      return target.series;
    },
    pathSeriesOf: (target) => {
      const identity = { name: 'trace.critical.path.share', kind: 'gauge', unit: '1', origin: 'traces' } as const;
      target.pathSeries ??= internDerived(catalog, { ...identity, labels: labelsOf(target) });
      return target.pathSeries;
    },
    edgeSeriesOf: (caller, callee) => {
      const { namespace, name } = targets[callee]!.entity;
      const labels = labelsOf(targets[caller]!, [
        ['peer.service', name],
        ['peer.namespace', namespace],
      ]);
      const identity = { name: 'trace.edge.rate', kind: 'gauge', unit: '1/s', origin: 'traces' } as const;
      const id = internDerived(catalog, { ...identity, labels });
      return id === undefined ? undefined : catalog.get(id);
    },
    save: () => targets.map(({ series: _, pathSeries: __, ...rest }) => rest),
    load: (saved) => {
      targets = (saved as SavedTarget[]).map((target) => ({ ...target, series: undefined, pathSeries: undefined }));
      serviceCount = targets.filter(({ operation: name }) => name === undefined).length;
      byKey = new Map();
      byName = new Map();
      streams = [];
      operations = [];
      free = [...targets.keys()].filter((index) => targets[index]!.isFree === true);
      for (const [index, target] of targets.entries()) {
        if (target.isFree === true) continue;
        byKey.set(keyOf(target.entity.namespace, target.entity.name, target.operation), index);
        if (target.operation === undefined && !byName.has(target.entity.name)) byName.set(target.entity.name, index);
      }
    },
  };
}

interface Peer {
  readonly name: string;
  /** undefined where it is not said: that of the caller, as Kubernetes' names are resolved. */
  readonly namespace: string | undefined;
}

/** What a client span calls by name: the service it says, or the host, of which a Kubernetes service's name is a part. */
function peerOf(labels: Labels): Peer | undefined {
  const service = firstLabel(labels, 'peer.service');
  if (service !== undefined) return { name: service, namespace: undefined };
  const host = firstLabel(labels, 'server.address', 'net.peer.name');
  if (host === undefined || host === 'localhost' || /^[0-9.]+$|:/.test(host)) return undefined;
  const inCluster = /^([^.]+)(?:\.([^.]+))?\.svc(\.|$)/.exec(host);
  return { name: inCluster?.[1] ?? host, namespace: inCluster?.[2] };
}

function labelsOf({ entity, operation }: Target, more: readonly [string, string][] = []): Labels {
  const pairs: [string, string][] = [['service.name', entity.name]];
  if (entity.namespace !== '') pairs.push(['k8s.namespace.name', entity.namespace]);
  if (operation !== undefined) pairs.push(['operation', operation]);
  return canonicalLabels([...pairs, ...more.filter(([, value]) => value !== '')]);
}

function keyOf(namespace: string, name: string, operation: string | undefined): string {
  return JSON.stringify([namespace, name, operation ?? null]);
}

/** Namespace of a service by its resource, as the entity rules have it. */
export function namespaceOf(labels: Labels): string {
  return firstLabel(labels, 'k8s.namespace.name', 'namespace', 'service.namespace') ?? '';
}
