import { KybernError, type LogBatch, type SeriesCatalog } from '../../model/index.ts';
import type { IngestLimits } from '../config.ts';
import { refusal } from '../intake/tally.ts';
import type { Tenant } from '../intake/tenant.ts';
import { checkJsonDepth } from '../otlp/json-depth.ts';
import { noStream, type PushDecoder } from './decode-push.ts';
import { clearMetadata, createEntryMetadata, noteMetadata } from './entry-metadata.ts';
import { createLogStreams, type LogStream, type LogStreams } from './log-streams.ts';
import { createPushColumns, type PushColumns } from './push-columns.ts';

// The body, its streams, a stream, its values, a value, the metadata.
const envelopeDepth = 6;
const textDecoder = new TextDecoder('utf-8', { fatal: true });
const nanosPattern = /^\d{1,20}$/;

/**
 * Decodes a push in JSON: `{"streams":[{"stream":{"app":"cart"},"values":[["<ns>","line",{"trace_id":"…"}]]}]}`. A
 * value that has not this form is refused, not its neighbours. Throws KYBERN_BODY_UNREADABLE, KYBERN_NESTING,
 * KYBERN_NO_STREAM.
 */
export function createJsonPushDecoder(catalog: SeriesCatalog, limits: IngestLimits): PushDecoder {
  const streams = createLogStreams(catalog, limits);
  const metadata = createEntryMetadata();

  function takeValue(stream: LogStream, value: unknown, columns: PushColumns): void {
    if (!Array.isArray(value) || typeof value[1] !== 'string') {
      columns.refuse();
      return;
    }
    clearMetadata(metadata);
    const more: unknown = value[2];
    if (isObject(more)) {
      for (const [name, text] of Object.entries(more)) {
        if (typeof text === 'string') noteMetadata(metadata, name, text);
      }
    }
    columns.take(stream, timeOf(value[0]), Buffer.from(value[1], 'utf8'), metadata);
  }

  return {
    decode(body, nowMs, tally, tenant): LogBatch {
      const message = parse(body);
      const list = isObject(message) && 'streams' in message ? message.streams : undefined;
      if (!Array.isArray(list)) {
        throw new KybernError('KYBERN_BODY_UNREADABLE', 'the body has no array of streams');
      }
      if (list.length === 0) throw noStream();
      const columns = createPushColumns(body.length >>> 1, nowMs, tally, limits);
      for (const item of list as unknown[]) {
        if (!isObject(item)) throw new KybernError('KYBERN_BODY_UNREADABLE', 'a stream is not an object');
        const { stream: labels, values } = item as { stream?: unknown; values?: unknown };
        const stream = streamOf(streams, labels, tenant);
        if (values !== undefined && !Array.isArray(values)) {
          throw new KybernError('KYBERN_BODY_UNREADABLE', "a stream's values are not an array");
        }
        for (const value of values ?? []) takeValue(stream, value, columns);
      }
      return columns.batch();
    },
  };
}

function parse(body: Uint8Array): unknown {
  checkJsonDepth(body, envelopeDepth);
  try {
    return JSON.parse(textDecoder.decode(body));
  } catch (cause) {
    throw new KybernError('KYBERN_BODY_UNREADABLE', 'the body is not JSON in UTF-8', { cause });
  }
}

function streamOf(streams: LogStreams, labels: unknown, tenant: Tenant): LogStream {
  const pairs = isObject(labels) ? Object.entries(labels) : [];
  const areTexts = pairs.every((pair): pair is [string, string] => typeof pair[1] === 'string');
  return areTexts ? streams.of(pairs, tenant) : streams.refused(refusal('labels'));
}

/** Epoch milliseconds of nanoseconds in digits; a double tells them to a quarter of a microsecond. */
function timeOf(value: unknown): number {
  if (typeof value === 'number') return value / 1_000_000;
  return typeof value === 'string' && nanosPattern.test(value) ? Number(value) / 1_000_000 : Number.NaN;
}

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
