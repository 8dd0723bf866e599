import { isUtf8 } from 'node:buffer';
import type { LogBatch, SeriesCatalog } from '../../model/index.ts';
import type { IngestLimits } from '../config.ts';
import { refusalOf, refusalReason, type Tally } from '../intake/tally.ts';
import type { Tenant } from '../intake/tenant.ts';
import { WireReader } from '../wire/wire-reader.ts';
import { anyValueText } from './any-value.ts';
import { cutAt } from './cut-text.ts';
import { eachInScopes } from './each-in-scopes.ts';
import { createLogColumns, createRecord, readRecord } from './log-record.ts';
import { createResourceScopes, type ResourceScope } from './resource-scopes.ts';
import { createStreamInterner } from './stream-interner.ts';

/** Decodes `ExportLogsServiceRequest` (opentelemetry-proto 1.x). */
export interface LogsDecoder {
  /** The records of a body, with `tally` telling what became of each. Throws KYBERN_BODY_UNREADABLE. */
  decode(body: Uint8Array, nowMs: number, tally: Tally, tenant: Tenant): LogBatch;
}

/**
 * A record's stream is its resource. A body that is not a string becomes JSON; one over the limit is cut at a character;
 * bytes that are not UTF-8 are replaced. A record without a time has its observed time, or now.
 */
export function createLogsDecoder(catalog: SeriesCatalog, limits: IngestLimits): LogsDecoder {
  const reader = new WireReader();
  let lastScope = 0;
  const resources = createResourceScopes(limits, () => ++lastScope);
  const interner = createStreamInterner(catalog, limits);
  const streams = new WeakMap<ResourceScope, number>();
  const record = createRecord();

  function streamOf(resource: ResourceScope): number {
    const known = streams.get(resource);
    if (known !== undefined) return known;
    const id = interner.intern({ resource, name: 'log', kind: 'logs', unit: '' }, []);
    if (id >= 0) streams.set(resource, id);
    return id;
  }

  /** The body of the record just read as UTF-8, or a refusal. */
  function bodyOf(): Uint8Array | number {
    if (record.textEnd > 0) return textBody();
    const [position, end] = [reader.position, reader.end];
    [reader.position, reader.end] = [record.bodyStart, record.bodyEnd];
    try {
      return Buffer.from(anyValueText(reader, limits.nestingDepth));
    } catch (error) {
      return refusalOf(error);
    } finally {
      [reader.position, reader.end] = [position, end];
    }
  }

  function textBody(): Uint8Array {
    // The field holds its length before its bytes: a varint that the last byte below 0x80 ends.
    let start = record.textStart;
    while (reader.bytes[start] >= 0x80) start++;
    const text = reader.bytes.subarray(start + 1, record.textEnd);
    return isUtf8(text) ? text : Buffer.from(new TextDecoder().decode(text));
  }

  function decodeBody(body: Uint8Array, nowMs: number, tally: Tally, tenant: Tenant): LogBatch {
    const columns = createLogColumns(body.length >>> 1);
    const latestMs = nowMs + limits.futureSeconds * 1000;
    let stream = 0;

    function decodeRecord(): void {
      readRecord(reader, record);
      tally.received++;
      const timeMs = record.timeMs || record.observedMs || nowMs;
      if (stream < 0 || timeMs > latestMs) {
        tally.rejected[stream < 0 ? refusalReason(stream) : 'future']++;
        return;
      }
      const text = bodyOf();
      if (typeof text === 'number') {
        tally.rejected[refusalReason(text)]++;
        return;
      }
      const end = cutAt(text, limits.logBodyBytes);
      if (end < text.length) tally.truncated++;
      columns.push(stream, timeMs, record.severity, text, end);
      columns.pushIds(reader.bytes, record.traceId, record.spanId);
      tally.accepted++;
    }

    eachInScopes(
      reader,
      'ExportLogsServiceRequest',
      () => {
        stream = streamOf(resources.of(reader, tenant));
      },
      decodeRecord,
    );
    return columns.batch();
  }

  return {
    decode: (body, nowMs, tally, tenant) => reader.over(body, () => decodeBody(body, nowMs, tally, tenant)),
  };
}
