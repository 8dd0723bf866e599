import type { SeriesCatalog, SpanBatch } from '../../model/index.ts';
import { createBytesIndex } from '../catalog/bytes-index.ts';
import type { IngestLimits } from '../config.ts';
import { type RejectReason, refusal, refusalReason, type Tally } from '../intake/tally.ts';
import type { Tenant } from '../intake/tenant.ts';
import { decodeText, WireReader } from '../wire/wire-reader.ts';
import { eachInScopes } from './each-in-scopes.ts';
import { createResourceScopes, type ResourceScope } from './resource-scopes.ts';
import { createSpan, createSpanColumns, peerKeys, readSpan } from './span-record.ts';
import { createStreamInterner } from './stream-interner.ts';

/** Decodes `ExportTraceServiceRequest` (opentelemetry-proto 1.x). */
export interface TracesDecoder {
  /** The spans of a body, with `tally` telling what became of each. Throws KYBERN_BODY_UNREADABLE. */
  decode(body: Uint8Array, nowMs: number, tally: Tally, tenant: Tenant): SpanBatch;
}

const indexBytes = 64 * 1024 * 1024;
const attributesField = 9;
const clientKind = 3;
const kindNames = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'];

/**
 * A span's stream is its resource, its name, its kind (label `span.kind`), and for a client span the peer it names. A
 * span without ids, or that ends before it starts, is refused.
 */
export function createTracesDecoder(catalog: SeriesCatalog, limits: IngestLimits): TracesDecoder {
  const reader = new WireReader();
  let lastScope = 0;
  const resources = createResourceScopes(limits, () => ++lastScope);
  const interner = createStreamInterner(catalog, limits);
  const known = createBytesIndex(indexBytes);
  const span = createSpan();
  let key = new Uint8Array(1024);
  let keyView = new DataView(key.buffer);

  /** Key of the span's stream in `key`: kind, name, and the raw peer attributes. Answers its length. */
  function writeKey(): number {
    const nameLength = span.nameEnd - span.nameStart;
    const peersLength = span.kind === clientKind ? span.peersLength : 0;
    const length = 2 + nameLength + peersLength;
    if (length > key.length) {
      key = new Uint8Array(length * 2);
      keyView = new DataView(key.buffer);
    }
    key[0] = span.kind;
    key.set(reader.bytes.subarray(span.nameStart, span.nameEnd), 1);
    // 0xff stands in no UTF-8 text: it keeps the name and what follows apart.
    key[1 + nameLength] = 0xff;
    key.set(span.peers.subarray(0, peersLength), 2 + nameLength);
    return length;
  }

  /** Id of the stream of the span just read, which started at `start`; or a refusal. */
  function streamOf(resource: ResourceScope, start: number): number {
    const length = writeKey();
    const id = known.find(resource.scope, keyView, 0, length);
    if (id >= 0) return id;
    const name = decodeText(reader.bytes, span.nameStart, span.nameEnd);
    if (name === undefined) return refusal('text');
    const interned = interner.internMessage(
      { resource, name: name === '' ? 'unnamed' : name, kind: 'spans', unit: 'ms' },
      reader,
      start,
      reader.end,
      attributesField,
      [['span.kind', kindNames[span.kind]]],
      (attribute) => span.kind === clientKind && peerKeys.includes(attribute),
    );
    if (interned >= 0) known.add(resource.scope, keyView, 0, length, interned);
    return interned;
  }

  function refusedFor(latestMs: number): RejectReason | undefined {
    if (!isId(reader.bytes, span.traceId, 16) || !isId(reader.bytes, span.spanId, 8)) return 'invalid';
    if (span.startMs <= 0 || span.durationMs < 0) return 'time';
    return span.startMs > latestMs ? 'future' : undefined;
  }

  function decodeBody(nowMs: number, tally: Tally, tenant: Tenant): SpanBatch {
    const columns = createSpanColumns();
    const latestMs = nowMs + limits.futureSeconds * 1000;
    let resource: ResourceScope | undefined;

    function decodeSpan(): void {
      const start = reader.position;
      readSpan(reader, span);
      tally.received++;
      const refused = refusedFor(latestMs);
      if (refused !== undefined || resource === undefined) {
        tally.rejected[refused ?? 'invalid']++;
        return;
      }
      const id = streamOf(resource, start);
      if (id < 0) {
        tally.rejected[refusalReason(id)]++;
        return;
      }
      columns.push(id, span, reader.bytes);
      tally.accepted++;
    }

    eachInScopes(
      reader,
      'ExportTraceServiceRequest',
      () => {
        resource = resources.of(reader, tenant);
      },
      decodeSpan,
    );
    return columns.batch();
  }

  return {
    decode: (body, nowMs, tally, tenant) => reader.over(body, () => decodeBody(nowMs, tally, tenant)),
  };
}

/** Whether an id starts there: present, and not all zeros. */
function isId(bytes: Uint8Array, start: number, width: number): boolean {
  if (start < 0) return false;
  for (let index = start; index < start + width; index++) if (bytes[index] !== 0) return true;
  return false;
}
