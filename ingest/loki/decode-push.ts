import { KybernError, type LogBatch, type SeriesCatalog } from '../../model/index.ts';
import { createBytesIndex } from '../catalog/bytes-index.ts';
import type { IngestLimits } from '../config.ts';
import { refusal, refusalOf, type Tally } from '../intake/tally.ts';
import type { Tenant } from '../intake/tenant.ts';
import { WireReader } from '../wire/wire-reader.ts';
import { clearMetadata, createEntryMetadata, noteMetadata } from './entry-metadata.ts';
import { createLogStreams, type LogStream } from './log-streams.ts';
import { parseLabels } from './parse-labels.ts';
import { createPushColumns, type PushColumns } from './push-columns.ts';

/** Decodes `logproto.PushRequest` (grafana/loki pkg/push/push.proto). */
export interface PushDecoder {
  /** The lines of a body. Throws KYBERN_BODY_UNREADABLE, KYBERN_NO_STREAM. */
  decode(body: Uint8Array, nowMs: number, tally: Tally, tenant: Tenant): LogBatch;
}

const indexBytes = 16 * 1024 * 1024;
const nothing = new Uint8Array(0);

export function createPushDecoder(catalog: SeriesCatalog, limits: IngestLimits): PushDecoder {
  const reader = new WireReader();
  const streams = createLogStreams(catalog, limits);
  const metadata = createEntryMetadata();
  let byNumber: LogStream[] = [];
  const index = createBytesIndex(indexBytes, () => {
    byNumber = [];
  });

  /** The stream of the entry that the reader stands in: its labels are looked for before any line is read. */
  function streamHere(tenant: Tenant): LogStream {
    reader.locate(1);
    const { foundStart: start, foundEnd: end } = reader;
    const known = index.find(tenant.index, reader.view, start, end);
    if (known >= 0) return byNumber[known];
    const stream = streamOf(start, end, tenant);
    // What is at a limit now need not be so for ever.
    if (stream.id >= 0 && index.add(tenant.index, reader.view, start, end, byNumber.length)) byNumber.push(stream);
    return stream;
  }

  function streamOf(start: number, end: number, tenant: Tenant): LogStream {
    let text: string;
    try {
      text = textDecoder.decode(reader.bytes.subarray(start, end));
    } catch {
      return streams.refused(refusal('text'));
    }
    try {
      return streams.of(parseLabels(text), tenant);
    } catch (error) {
      return streams.refused(refusalOf(error));
    }
  }

  function readEntry(stream: LogStream, columns: PushColumns): void {
    clearMetadata(metadata);
    let timeMs = Number.NaN;
    let line: Uint8Array = nothing;
    while (reader.next()) {
      if (reader.field === 1) {
        const outer = reader.enter();
        timeMs = readTime();
        reader.leave(outer);
      } else if (reader.field === 2) {
        const length = reader.length();
        line = reader.bytes.subarray(reader.position, reader.position + length);
        reader.position += length;
      } else if (reader.field === 3) {
        const outer = reader.enter();
        readPair();
        reader.leave(outer);
      } else reader.skip();
    }
    columns.take(stream, timeMs, line, metadata);
  }

  /** google.protobuf.Timestamp: seconds and nanoseconds. */
  function readTime(): number {
    let seconds = 0;
    let nanos = 0;
    while (reader.next()) {
      if (reader.field === 1) seconds = reader.int();
      else if (reader.field === 2) nanos = reader.int();
      else reader.skip();
    }
    return nanos >= 0 && nanos < 1_000_000_000 ? seconds * 1000 + nanos / 1_000_000 : Number.NaN;
  }

  function readPair(): void {
    let name = '';
    let value = '';
    while (reader.next()) {
      if (reader.field === 1) name = reader.text() ?? '';
      else if (reader.field === 2) value = reader.text() ?? '';
      else reader.skip();
    }
    noteMetadata(metadata, name, value);
  }

  function readEntries(stream: LogStream, columns: PushColumns): void {
    while (reader.next()) {
      if (reader.field === 2) {
        const outer = reader.enter();
        readEntry(stream, columns);
        reader.leave(outer);
      } else reader.skip();
    }
  }

  function decodeBody(body: Uint8Array, nowMs: number, tally: Tally, tenant: Tenant): LogBatch {
    const columns = createPushColumns(body.length >>> 1, nowMs, tally, limits);
    let count = 0;
    while (reader.next()) {
      if (reader.field === 1) {
        count++;
        const outer = reader.enter();
        readEntries(streamHere(tenant), columns);
        reader.leave(outer);
      } else reader.skip();
    }
    if (count === 0) throw noStream();
    return columns.batch();
  }

  return {
    decode: (body, nowMs, tally, tenant) => reader.over(body, () => decodeBody(body, nowMs, tally, tenant)),
  };
}

const textDecoder = new TextDecoder('utf-8', { fatal: true });

/** Loki's own words for a push without a stream. */
export function noStream(): KybernError {
  return new KybernError('KYBERN_NO_STREAM', 'at least one valid stream is required for ingestion');
}
