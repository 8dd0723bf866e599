import {
  type CallObservation,
  type EntityRef,
  firstLabel,
  labelValue,
  type SampleBatch,
  type SeriesCatalog,
} from '../../model/index.ts';
import type { StateReader } from '../checkpoint/state-reader.ts';
import type { StateWriter } from '../checkpoint/state-writer.ts';
import type { Services } from './services.ts';

/** Calls from service-graph metrics (Tempo, Alloy, the OpenTelemetry servicegraph connector), where these arrive. */
export interface ServiceGraph {
  observe(batch: SampleBatch): void;
  advance(watermarkMs: number): CallObservation[];
  save(writer: StateWriter): void;
  load(reader: StateReader): void;
}

type Field = 'calls' | 'errors' | 'seconds';

const fields = new Map<string, Field>([
  ['traces_service_graph_request_total', 'calls'],
  ['traces_service_graph_request_failed_total', 'errors'],
  ['traces_service_graph_request_server_seconds_sum', 'seconds'],
]);

interface GraphSeries {
  readonly field: Field;
  readonly cumulative: boolean;
  readonly pair: string;
}

interface Pair {
  readonly caller: EntityRef;
  readonly callee: EntityRef;
  calls: number;
  errors: number;
  seconds: number;
  /** End of the window last told, 0 for never. */
  toldMs: number;
}

export function createServiceGraph(catalog: SeriesCatalog, services: Services, windowMs: number): ServiceGraph {
  /** By catalogue id: null where the series is none of these. */
  let known: (GraphSeries | null | undefined)[] = [];
  let readings = new Map<number, number>();
  let pairs = new Map<string, Pair>();
  let toldMs = 0;

  function entityOf(name: string, namespace: string | undefined): EntityRef {
    const seen = services.serviceNamed(name);
    if (namespace === undefined && seen !== undefined) return services.targets[seen]!.entity;
    return { kind: 'service', namespace: namespace ?? '', name };
  }

  function resolve(id: number): GraphSeries | null {
    const { name, kind, labels } = catalog.get(id);
    const field = fields.get(name);
    const client = labelValue(labels, 'client');
    const server = labelValue(labels, 'server');
    if (field === undefined || client === undefined || server === undefined) return null;
    const clientNamespace = firstLabel(labels, 'client_k8s_namespace_name', 'client_service_namespace', 'namespace');
    const serverNamespace = firstLabel(labels, 'server_k8s_namespace_name', 'server_service_namespace', 'namespace');
    const pair = JSON.stringify([clientNamespace, client, serverNamespace, server]);
    if (!pairs.has(pair)) {
      const [caller, callee] = [entityOf(client, clientNamespace), entityOf(server, serverNamespace)];
      pairs.set(pair, { caller, callee, calls: 0, errors: 0, seconds: 0, toldMs: 0 });
    }
    return { field, cumulative: kind !== 'delta', pair };
  }

  return {
    observe: (batch) => {
      for (let row = 0; row < batch.count; row += 1) {
        const id = batch.series[row]!;
        let series = known[id];
        if (series === undefined) {
          series = resolve(id);
          known[id] = series;
        }
        if (series === null) continue;
        const value = batch.values[row]!;
        let growth = value;
        if (series.cumulative) {
          const last = readings.get(id);
          readings.set(id, value);
          growth = last === undefined ? 0 : value < last ? value : value - last;
        }
        const pair = pairs.get(series.pair)!;
        pair[series.field] += growth;
      }
    },
    advance: (watermarkMs) => {
      const endMs = Math.floor(watermarkMs / windowMs) * windowMs;
      const told: CallObservation[] = [];
      if (pairs.size === 0 || endMs <= toldMs) return told;
      toldMs = endMs;
      for (const pair of pairs.values()) {
        if (pair.calls === 0) continue;
        const since = pair.toldMs === 0 ? windowMs : endMs - pair.toldMs;
        told.push({
          caller: pair.caller,
          callee: pair.callee,
          windowEndMs: endMs,
          windowSeconds: since / 1000,
          calls: pair.calls,
          errors: pair.errors,
          durationSumMs: pair.seconds * 1000,
        });
        pair.calls = 0;
        pair.errors = 0;
        pair.seconds = 0;
        pair.toldMs = endMs;
      }
      return told;
    },
    save: (writer) => writer.json({ readings: [...readings], pairs: [...pairs], toldMs }),
    load: (reader) => {
      const saved = reader.json<{ readings: [number, number][]; pairs: [string, Pair][]; toldMs: number }>();
      known = [];
      readings = new Map(saved.readings);
      pairs = new Map(saved.pairs);
      toldMs = saved.toldMs;
    },
  };
}
