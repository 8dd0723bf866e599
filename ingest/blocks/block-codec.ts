import {
  type ClusterBatch,
  type EndBatch,
  KybernError,
  type LogBatch,
  type SampleBatch,
  type SignalBatch,
  type SpanBatch,
  type TextColumn,
} from '../../model/index.ts';
import { type ByteReader, createByteReader } from './byte-reader.ts';
import { type ByteWriter, createByteWriter } from './byte-writer.ts';
import { readFloats, writeFloats } from './float-column.ts';

const magic = 0x314c424b; // 'KBL1'
const kinds = ['samples', 'logs', 'spans', 'cluster', 'ends'] as const;
const textDecoder = new TextDecoder();
const textEncoder = new TextEncoder();

/**
 * Batches as one log record: a header (magic with the version, number of batches), then each batch as its kind, its
 * count and its columns. Little-endian as every machine Kybern runs on, columns aligned to eight bytes.
 */
export function encodeBlock(batches: readonly SignalBatch[]): Uint8Array {
  const writer = createByteWriter(batches.reduce((sum, batch) => sum + estimateBytes(batch), 64));
  writer.u32(magic);
  writer.u32(batches.length);
  for (const batch of batches) {
    writer.u32(kinds.indexOf(batch.kind));
    if (batch.kind === 'samples') writeSamples(writer, batch);
    else if (batch.kind === 'logs') writeLogs(writer, batch);
    else if (batch.kind === 'spans') writeSpans(writer, batch);
    else if (batch.kind === 'ends') writeEnds(writer, batch);
    else writeCluster(writer, batch);
  }
  return writer.finish();
}

/**
 * The reverse of {@link encodeBlock}. Columns are views into `bytes` where their alignment allows: keep `bytes`
 * unchanged as long as they are used. Throws KYBERN_LOG_CORRUPT.
 */
export function decodeBlock(bytes: Uint8Array): SignalBatch[] {
  const reader = createByteReader(bytes);
  if (reader.u32() !== magic) reader.corrupt('not a block of this version');
  const batches: SignalBatch[] = [];
  for (let left = reader.u32(); left > 0; left--) {
    const kind = kinds[reader.u32()];
    if (kind === 'samples') batches.push(readSamples(reader));
    else if (kind === 'logs') batches.push(readLogs(reader));
    else if (kind === 'spans') batches.push(readSpans(reader));
    else if (kind === 'cluster') batches.push(readCluster(reader));
    else if (kind === 'ends') batches.push(readEnds(reader));
    else reader.corrupt('unknown kind of batch');
  }
  return batches;
}

function estimateBytes(batch: SignalBatch): number {
  if (batch.kind === 'samples' || batch.kind === 'ends') return 64 + batch.count * 20;
  if (batch.kind === 'logs') return 128 + batch.count * 41 + batch.bodies.offsets[batch.count];
  return batch.kind === 'spans' ? 128 + batch.count * 54 : 4096;
}

function writeSamples(writer: ByteWriter, batch: SampleBatch): void {
  writer.u32(batch.count);
  writer.words(batch.series.subarray(0, batch.count));
  writeFloats(writer, batch.timesMs, batch.count);
  writeFloats(writer, batch.values, batch.count);
}

function readSamples(reader: ByteReader): SampleBatch {
  const count = reader.rows(reader.u32(), 4);
  return {
    kind: 'samples',
    count,
    series: reader.words(count),
    timesMs: readFloats(reader, count),
    values: readFloats(reader, count),
  };
}

function writeEnds(writer: ByteWriter, batch: EndBatch): void {
  writer.u32(batch.count);
  writer.words(batch.series.subarray(0, batch.count));
  writeFloats(writer, batch.timesMs, batch.count);
}

function readEnds(reader: ByteReader): EndBatch {
  const count = reader.rows(reader.u32(), 4);
  return { kind: 'ends', count, series: reader.words(count), timesMs: readFloats(reader, count) };
}

function writeLogs(writer: ByteWriter, batch: LogBatch): void {
  const { count } = batch;
  writer.u32(count);
  writer.words(batch.series.subarray(0, count));
  writeFloats(writer, batch.timesMs, count);
  writer.bytes(batch.severities.subarray(0, count));
  writeTexts(writer, batch.bodies, count);
  writer.bytes(batch.traceIds.subarray(0, count * 16));
  writer.bytes(batch.spanIds.subarray(0, count * 8));
}

function readLogs(reader: ByteReader): LogBatch {
  const count = reader.rows(reader.u32(), 4);
  return {
    kind: 'logs',
    count,
    series: reader.words(count),
    timesMs: readFloats(reader, count),
    severities: reader.bytes(count),
    bodies: readTexts(reader, count),
    traceIds: reader.bytes(count * 16),
    spanIds: reader.bytes(count * 8),
  };
}

function writeSpans(writer: ByteWriter, batch: SpanBatch): void {
  const { count } = batch;
  writer.u32(count);
  writer.words(batch.series.subarray(0, count));
  writeFloats(writer, batch.startsMs, count);
  writeFloats(writer, batch.durationsMs, count);
  writer.bytes(batch.traceIds.subarray(0, count * 16));
  writer.bytes(batch.spanIds.subarray(0, count * 8));
  writer.bytes(batch.parentIds.subarray(0, count * 8));
  writer.bytes(batch.statuses.subarray(0, count));
  writer.bytes(batch.kinds.subarray(0, count));
}

function readSpans(reader: ByteReader): SpanBatch {
  const count = reader.rows(reader.u32(), 4);
  return {
    kind: 'spans',
    count,
    series: reader.words(count),
    startsMs: readFloats(reader, count),
    durationsMs: readFloats(reader, count),
    traceIds: reader.bytes(count * 16),
    spanIds: reader.bytes(count * 8),
    parentIds: reader.bytes(count * 8),
    statuses: reader.bytes(count),
    kinds: reader.bytes(count),
  };
}

function writeCluster(writer: ByteWriter, batch: ClusterBatch): void {
  const bytes = textEncoder.encode(JSON.stringify(batch));
  writer.u32(bytes.length);
  writer.bytes(bytes);
}

function readCluster(reader: ByteReader): ClusterBatch {
  const bytes = reader.bytes(reader.u32());
  try {
    const batch = JSON.parse(textDecoder.decode(bytes)) as ClusterBatch;
    if (batch.kind === 'cluster' && Number.isFinite(batch.timeMs) && Array.isArray(batch.events)) return batch;
  } catch (cause) {
    throw new KybernError('KYBERN_LOG_CORRUPT', 'block: a cluster batch is not readable', { cause });
  }
  return reader.corrupt('a cluster batch has an unknown form');
}

function writeTexts(writer: ByteWriter, column: TextColumn, count: number): void {
  const start = column.offsets[0];
  const offsets = column.offsets.subarray(0, count + 1).map((offset) => offset - start);
  writer.words(offsets);
  writer.bytes(column.bytes.subarray(start, start + offsets[count]));
}

function readTexts(reader: ByteReader, count: number): TextColumn {
  const offsets = reader.words(count + 1);
  if (offsets[0] !== 0) reader.corrupt('texts do not start at 0');
  for (let row = 0; row < count; row++) if (offsets[row] > offsets[row + 1]) reader.corrupt('texts overlap');
  return { offsets, bytes: reader.bytes(offsets[count]) };
}
