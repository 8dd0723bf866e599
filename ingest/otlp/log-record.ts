import type { LogBatch } from '../../model/index.ts';
import { createByteColumn, createNumberColumn } from '../intake/byte-column.ts';
import { severityOf } from '../intake/severity.ts';
import type { WireReader } from '../wire/wire-reader.ts';
import { lastNanosAsMs } from './point-scanner.ts';

/** The fields of one LogRecord as ranges of the body, filled anew for each record. */
export interface LogRecord {
  timeMs: number;
  observedMs: number;
  severity: number;
  /** Its level by name, at [levelStart, levelEnd). */
  levelStart: number;
  levelEnd: number;
  /** The AnyValue of the body; `textEnd` > 0 where it is a string, at [textStart, textEnd). */
  bodyStart: number;
  bodyEnd: number;
  textStart: number;
  textEnd: number;
  /** Start of the id, or -1 where there is none of the right length. */
  traceId: number;
  spanId: number;
}

export function createRecord(): LogRecord {
  return {
    timeMs: 0,
    observedMs: 0,
    severity: 0,
    levelStart: 0,
    levelEnd: 0,
    bodyStart: 0,
    bodyEnd: 0,
    textStart: 0,
    textEnd: 0,
    traceId: -1,
    spanId: -1,
  };
}

const longestLevel = 16;
const emptyRecord: Readonly<LogRecord> = createRecord();

/** Reads the LogRecord that the reader stands in. */
export function readRecord(reader: WireReader, record: LogRecord): void {
  Object.assign(record, emptyRecord);
  while (reader.next()) {
    if (reader.field === 1) {
      reader.fixed64();
      record.timeMs = lastNanosAsMs(reader);
    } else if (reader.field === 11) {
      reader.fixed64();
      record.observedMs = lastNanosAsMs(reader);
    } else if (reader.field === 2) record.severity = Math.min(24, Math.max(0, reader.int()));
    else if (reader.field === 3) {
      const length = reader.length();
      record.levelStart = reader.position;
      reader.position += length;
      record.levelEnd = reader.position;
    } else if (reader.field === 5) readBody(reader, record);
    else if (reader.field === 9) record.traceId = idAt(reader, 16);
    else if (reader.field === 10) record.spanId = idAt(reader, 8);
    else reader.skip();
  }
  // Senders that know no number may give the name alone.
  if (record.severity === 0 && record.levelEnd > record.levelStart)
    record.severity = severityOf(levelOf(reader, record));
}

function levelOf({ bytes }: WireReader, { levelStart, levelEnd }: LogRecord): string {
  if (levelEnd - levelStart > longestLevel) return '';
  return String.fromCharCode(...bytes.subarray(levelStart, levelEnd));
}

function readBody(reader: WireReader, record: LogRecord): void {
  const outer = reader.enter();
  record.bodyStart = reader.position;
  record.bodyEnd = reader.end;
  while (reader.next()) {
    if (reader.field === 1) {
      record.textStart = reader.position;
      reader.skip();
      record.textEnd = reader.position;
    } else reader.skip();
  }
  reader.leave(outer);
}

/** Start of an id of this many bytes, which is skipped; -1 where it has another length. */
export function idAt(reader: WireReader, bytes: number): number {
  const length = reader.length();
  const start = reader.position;
  reader.position += length;
  return length === bytes ? start : -1;
}

/** Log records of one request, gathered as columns. */
export interface LogColumns {
  push(series: number, timeMs: number, severity: number, body: Uint8Array, bodyEnd: number): void;
  /** The ids of the record just pushed: 16 and 8 bytes of `source` from there on, zeros for -1. */
  pushIds(source: Uint8Array, traceId: number, spanId: number): void;
  batch(): LogBatch;
}

export function createLogColumns(bodyBytes: number): LogColumns {
  const series = createNumberColumn(64);
  const timesMs = createNumberColumn(64);
  const severities = createByteColumn(64);
  const offsets = createNumberColumn(65);
  const bodies = createByteColumn(bodyBytes);
  const traceIds = createByteColumn(1024);
  const spanIds = createByteColumn(512);
  offsets.push(0);

  return {
    push(id, timeMs, severity, body, bodyEnd) {
      series.push(id);
      timesMs.push(timeMs);
      severities.pushByte(severity);
      bodies.push(body, 0, bodyEnd);
      offsets.push(bodies.length);
    },
    pushIds(source, traceId, spanId) {
      pushId(traceIds, source, traceId, 16);
      pushId(spanIds, source, spanId, 8);
    },
    batch: () => ({
      kind: 'logs',
      count: series.length,
      series: Uint32Array.from(series.values),
      timesMs: timesMs.values,
      severities: severities.view(),
      bodies: { offsets: Uint32Array.from(offsets.values), bytes: bodies.view() },
      traceIds: traceIds.view(),
      spanIds: spanIds.view(),
    }),
  };
}

/** Appends an id of `width` bytes, or zeros where it starts at -1. */
export function pushId(column: ReturnType<typeof createByteColumn>, source: Uint8Array, start: number, width: number) {
  if (start < 0) column.pad(width);
  else column.push(source, start, start + width);
}
