import type { SpanBatch } from '../../model/index.ts';
import { createByteColumn, createNumberColumn } from '../intake/byte-column.ts';
import type { WireReader } from '../wire/wire-reader.ts';
import { idAt, pushId } from './log-record.ts';
import { fractionOfMs, nanosAsMs } from './point-scanner.ts';

/** The fields of one Span as ranges of the body, filled anew for each span. */
export interface SpanRecord {
  nameStart: number;
  nameEnd: number;
  kind: number;
  status: number;
  startMs: number;
  durationMs: number;
  /** Start of the id, or -1 where there is none of the right length. */
  traceId: number;
  spanId: number;
  parentId: number;
  /** Raw KeyValue messages of the peer attributes, end to end. */
  peers: Uint8Array;
  peersLength: number;
}

export function createSpan(): SpanRecord {
  return {
    nameStart: 0,
    nameEnd: 0,
    kind: 0,
    status: 0,
    startMs: 0,
    durationMs: 0,
    traceId: -1,
    spanId: -1,
    parentId: -1,
    peers: new Uint8Array(256),
    peersLength: 0,
  };
}

const maxKind = 5;
const maxStatus = 2;
const textEncoder = new TextEncoder();
/** What a client span says of the other side; the other attributes of a span vary from one to the next. */
export const peerKeys: readonly string[] = ['peer.service', 'server.address'];
const peerKeyBytes = peerKeys.map((key) => textEncoder.encode(key));

/** Reads the Span that the reader stands in. */
export function readSpan(reader: WireReader, span: SpanRecord): void {
  let startLow = 0;
  let startHigh = 0;
  let endLow = 0;
  let endHigh = 0;
  span.nameStart = span.nameEnd = span.kind = span.status = span.peersLength = 0;
  span.traceId = span.spanId = span.parentId = -1;
  while (reader.next()) {
    switch (reader.field) {
      case 1:
        span.traceId = idAt(reader, 16);
        break;
      case 2:
        span.spanId = idAt(reader, 8);
        break;
      case 4:
        span.parentId = idAt(reader, 8);
        break;
      case 5: {
        const length = reader.length();
        span.nameStart = reader.position;
        reader.position += length;
        span.nameEnd = reader.position;
        break;
      }
      case 6:
        span.kind = within(reader.int(), maxKind);
        break;
      case 7:
        reader.fixed64();
        startLow = reader.low;
        startHigh = reader.high;
        break;
      case 8:
        reader.fixed64();
        endLow = reader.low;
        endHigh = reader.high;
        break;
      case 9:
        readAttribute(reader, span);
        break;
      case 15:
        readStatus(reader, span);
        break;
      default:
        reader.skip();
    }
  }
  span.startMs = nanosAsMs(startHigh, startLow) + fractionOfMs(startHigh, startLow);
  // The difference is taken in whole nanoseconds, where the times themselves no longer fit a double.
  span.durationMs = ((endHigh - startHigh) * 4_294_967_296 + (endLow - startLow)) / 1e6;
}

/** Unknown enum numbers become 0, unspecified. */
function within(value: number, max: number): number {
  return value >= 0 && value <= max ? value : 0;
}

function readStatus(reader: WireReader, span: SpanRecord): void {
  const outer = reader.enter();
  while (reader.next()) {
    if (reader.field === 3) span.status = within(reader.int(), maxStatus);
    else reader.skip();
  }
  reader.leave(outer);
}

function readAttribute(reader: WireReader, span: SpanRecord): void {
  const length = reader.length();
  const start = reader.position;
  reader.position += length;
  if (!peerKeyBytes.some((key) => hasKey(reader.bytes, start, key))) return;
  if (span.peersLength + length > span.peers.length) {
    const grown = new Uint8Array((span.peersLength + length) * 2);
    grown.set(span.peers.subarray(0, span.peersLength));
    span.peers = grown;
  }
  span.peers.set(reader.bytes.subarray(start, reader.position), span.peersLength);
  span.peersLength += length;
}

/** Whether the KeyValue at `start` begins with this key. */
function hasKey(bytes: Uint8Array, start: number, key: Uint8Array): boolean {
  if (bytes[start] !== 0x0a || bytes[start + 1] !== key.length) return false;
  for (let index = 0; index < key.length; index++) if (bytes[start + 2 + index] !== key[index]) return false;
  return true;
}

/** Spans of one request, gathered as columns. */
export interface SpanColumns {
  push(series: number, span: SpanRecord, source: Uint8Array): void;
  batch(): SpanBatch;
}

export function createSpanColumns(): SpanColumns {
  const series = createNumberColumn(64);
  const startsMs = createNumberColumn(64);
  const durationsMs = createNumberColumn(64);
  const traceIds = createByteColumn(1024);
  const spanIds = createByteColumn(512);
  const parentIds = createByteColumn(512);
  const statuses = createByteColumn(64);
  const kinds = createByteColumn(64);
  return {
    push(id, span, source) {
      series.push(id);
      startsMs.push(span.startMs);
      durationsMs.push(span.durationMs);
      pushId(traceIds, source, span.traceId, 16);
      pushId(spanIds, source, span.spanId, 8);
      pushId(parentIds, source, span.parentId, 8);
      statuses.pushByte(span.status);
      kinds.pushByte(span.kind);
    },
    batch: () => ({
      kind: 'spans',
      count: series.length,
      series: Uint32Array.from(series.values),
      startsMs: startsMs.values,
      durationsMs: durationsMs.values,
      traceIds: traceIds.view(),
      spanIds: spanIds.view(),
      parentIds: parentIds.view(),
      statuses: statuses.view(),
      kinds: kinds.view(),
    }),
  };
}
