import { KybernError, type SeriesCatalog, type SignalBatch } from '../../../model/index.ts';
import { cloudEventsBatch } from '../../cloudevents/events-batch.ts';
import type { IngestLimits } from '../../config.ts';
import { createTally, type Tally } from '../../intake/tally.ts';
import type { Tenant } from '../../intake/tenant.ts';
import { createLogsDecoder } from '../../otlp/decode-logs.ts';
import { createMetricsDecoder } from '../../otlp/decode-metrics.ts';
import { createTracesDecoder } from '../../otlp/decode-traces.ts';
import { type JsonMessage, logsRequest, metricsRequest, tracesRequest } from '../../otlp/json-schema.ts';
import { jsonToProtobuf } from '../../otlp/json-to-protobuf.ts';
import { undecodableReason } from '../client/undecodable-batch.ts';
import type { KafkaTopic } from '../config.ts';
import { detectFormat, type OtlpSignal, signalOfTopic } from './detect-format.ts';
import { createJsonMetricsDecoder } from './json-metrics.ts';
import { type KafkaRecord, textHeaders } from './kafka-record.ts';

/** What a record turned out to be. */
export type DecodedRecord =
  /** A null value: the record that says its key is deleted. */
  | { readonly kind: 'tombstone' }
  /** Stands for a record of a batch whose bytes are kept with the batch's first record. */
  | { readonly kind: 'undecodable-rest' }
  | {
      readonly kind: 'items';
      readonly signal: string;
      readonly batches: readonly (SignalBatch & { readonly count: number })[];
      readonly tally: Tally;
    };

/** Throws a KybernError (not 503) where the record can never be taken. */
export type RecordDecoder = (record: KafkaRecord, nowMs: number, tenant: Tenant) => DecodedRecord;

const schemas: Readonly<Record<OtlpSignal, JsonMessage>> = {
  metrics: metricsRequest,
  logs: logsRequest,
  traces: tracesRequest,
};
// Brackets around an attribute's value, as at the OTLP/HTTP door.
const jsonEnvelopeDepth = 16;

/** The decoder of all topics of a source: the doors' own decoders, by format. Throws KYBERN_CONFIG. */
export function createRecordDecoder(
  topics: readonly KafkaTopic[],
  catalog: SeriesCatalog,
  limits: IngestLimits,
): RecordDecoder {
  const otlp = {
    metrics: createMetricsDecoder(catalog, limits),
    logs: createLogsDecoder(catalog, limits),
    traces: createTracesDecoder(catalog, limits),
  };
  const jsonMetrics = createJsonMetricsDecoder(catalog, limits);
  const byTopic = new Map(topics.map((topic) => [topic.topic, topic]));
  for (const topic of topics) checkSignal(topic);

  function decodeOtlp(
    topic: KafkaTopic,
    body: Uint8Array,
    isJson: boolean,
    nowMs: number,
    tenant: Tenant,
  ): DecodedRecord {
    const signal = signalOf(topic);
    if (signal === undefined) {
      throw new KybernError('KYBERN_CONTENT_TYPE', `what OTLP records of ${topic.topic} hold is not configured`);
    }
    const tally = createTally();
    const plain = isJson ? plainOfJson(body, signal) : body;
    return { kind: 'items', signal, batches: [otlp[signal].decode(plain, nowMs, tally, tenant)], tally };
  }

  /** Fields that OTLP doesn't know are ignored in it, but what has no other fields is not OTLP. */
  function plainOfJson(body: Uint8Array, signal: OtlpSignal): Uint8Array {
    const plain = jsonToProtobuf(body, schemas[signal], limits.nestingDepth + jsonEnvelopeDepth);
    if (plain.length > 0 || isEmptyObject(body)) return plain;
    throw new KybernError('KYBERN_BODY_UNREADABLE', `the value is JSON, but not ${signal} of OTLP`);
  }

  return (record, nowMs, tenant) => {
    const { value, headers, timestamp } = record.message;
    const undecodable = undecodableReason(headers);
    if (undecodable !== undefined && value === null) return { kind: 'undecodable-rest' };
    if (undecodable !== undefined) throw new KybernError('KYBERN_CONTENT_ENCODING', undecodable);
    if (value === null) return { kind: 'tombstone' };
    if (value.length > limits.bodyBytes) {
      throw new KybernError('KYBERN_BODY_TOO_LARGE', `${value.length} bytes, at most ${limits.bodyBytes} are taken`);
    }
    const topic = byTopic.get(record.topic);
    if (topic === undefined) throw new KybernError('KYBERN_CONTENT_TYPE', `topic ${record.topic} is not configured`);
    const format = topic.format === 'auto' ? detectFormat(record.message, value) : topic.format;
    if (format === 'json_metrics') {
      const tally = createTally();
      const batch = jsonMetrics.decode(value, Number(timestamp), nowMs, tally, tenant);
      return { kind: 'items', signal: 'metrics', batches: [batch], tally };
    }
    if (format === 'cloudevents') {
      const tally = createTally();
      const message = { headers: textHeaders(headers), body: value };
      return {
        kind: 'items',
        signal: 'events',
        batches: [cloudEventsBatch(message, 'kafka', nowMs, tally, tenant, limits)],
        tally,
      };
    }
    return decodeOtlp(topic, value, format === 'otlp_json', nowMs, tenant);
  };
}

function isEmptyObject(json: Uint8Array): boolean {
  return /^\s*\{\s*\}\s*$/.test(Buffer.from(json.buffer, json.byteOffset, Math.min(json.length, 64)).toString());
}

function signalOf(topic: KafkaTopic): OtlpSignal | undefined {
  return topic.signal === 'auto' ? signalOfTopic(topic.topic) : topic.signal;
}

function checkSignal(topic: KafkaTopic): void {
  if (!topic.format.startsWith('otlp') || signalOf(topic) !== undefined) return;
  throw new KybernError(
    'KYBERN_CONFIG',
    `ingest.kafka: the name of topic ${topic.topic} doesn't tell what it holds; give it a signal: metrics, logs or traces`,
  );
}
