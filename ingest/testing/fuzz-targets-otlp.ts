import { KybernError, type SignalBatch } from '../../model/index.ts';
import { createSeriesCatalog } from '../catalog/series-catalog.ts';
import { createSampleWindow } from '../intake/sample-window.ts';
import { createTally, rejectedItems, type Tally } from '../intake/tally.ts';
import { defaultTenant, type Tenant } from '../intake/tenant.ts';
import { createLogsDecoder } from '../otlp/decode-logs.ts';
import { createMetricsDecoder } from '../otlp/decode-metrics.ts';
import { createTracesDecoder } from '../otlp/decode-traces.ts';
import { logsRequest, metricsRequest, tracesRequest } from '../otlp/json-schema.ts';
import { jsonToProtobuf } from '../otlp/json-to-protobuf.ts';
import { nowMs } from './door.ts';
import { ingestConfig } from './ingest-config.ts';
import { createMemoryTopic } from './memory-topic.ts';

type Decode = (body: Uint8Array, now: number, tally: Tally, tenant: Tenant) => SignalBatch & { readonly count: number };

/**
 * The decoders of OTLP by name, each used again and again as behind its door. A target takes any bytes, and throws only
 * where a decoder does what it never may: an error without a code, a tally that does not add up, a value that is not
 * finite.
 */
export function otlpFuzzTargets(): Readonly<Record<string, (bytes: Uint8Array) => void>> {
  const { limits } = ingestConfig({ series: 10_000 });
  const catalog = () => createSeriesCatalog(createMemoryTopic(), limits);
  const window = createSampleWindow(limits);
  const metrics = createMetricsDecoder(catalog(), limits, window).decode;
  const logs = createLogsDecoder(catalog(), limits).decode;
  const traces = createTracesDecoder(catalog(), limits).decode;
  const json = (schema: typeof metricsRequest, bytes: Uint8Array) =>
    jsonToProtobuf(bytes, schema, limits.nestingDepth + 16);
  return {
    'otlp-metrics': (bytes) => window.committed(coded(() => decoded(metrics, bytes)) ?? none),
    'otlp-logs': (bytes) => void coded(() => decoded(logs, bytes)),
    'otlp-traces': (bytes) => void coded(() => decoded(traces, bytes)),
    'otlp-metrics-json': (bytes) => void coded(() => decoded(metrics, json(metricsRequest, bytes))),
    'otlp-logs-json': (bytes) => void coded(() => decoded(logs, json(logsRequest, bytes))),
    'otlp-traces-json': (bytes) => void coded(() => decoded(traces, json(tracesRequest, bytes))),
  };
}

const none: SignalBatch = {
  kind: 'samples',
  count: 0,
  series: new Uint32Array(0),
  timesMs: new Float64Array(0),
  values: new Float64Array(0),
};

function coded<T>(decode: () => T): T | undefined {
  try {
    return decode();
  } catch (error) {
    if (error instanceof KybernError) return undefined;
    throw error;
  }
}

function decoded(decode: Decode, bytes: Uint8Array): SignalBatch {
  const tally = createTally();
  const batch = decode(bytes, nowMs, tally, defaultTenant);
  const dropped = Object.values(tally.dropped).reduce((sum, count) => sum + count, 0);
  const accounted = tally.accepted + rejectedItems(tally) + dropped;
  if (tally.received !== accounted) throw new Error(`${tally.received} received, ${accounted} accounted for`);
  if (batch.kind === 'samples') {
    if (!batch.values.every(Number.isFinite)) throw new Error('a sample that is not finite');
  } else if (batch.count !== tally.accepted) throw new Error(`${batch.count} rows of ${tally.accepted} accepted`);
  return batch;
}
