import { crc32 } from 'node:zlib';
import type { BandBatch, LogBatch, SampleBatch, SpanBatch } from '../../model/index.ts';
import type { FingerprintColumns } from './fingerprint-columns.ts';
import { type InsertBody, nativeBody } from './insert-body.ts';
import { byteView, createStringColumn, ticksInto } from './native-block.ts';

/** Batches of one kind as rows in Native format for their table; undefined where there is no row. */
export type BlockEncoder<B> = (batches: readonly B[], fingerprints: FingerprintColumns) => InsertBody | undefined;

const rowsOf = (batches: readonly { readonly count: number }[]) => batches.reduce((sum, batch) => sum + batch.count, 0);

export const encodeSamples: BlockEncoder<SampleBatch> = (batches, fingerprints) => {
  const rows = rowsOf(batches);
  if (rows === 0) return undefined;
  const { series, times } = seriesAndTimes(batches, rows, fingerprints);
  return nativeBody(rows, [
    { name: 'series', type: 'UInt64', data: [series] },
    { name: 'time', type: 'DateTime64(3)', data: [times] },
    { name: 'value', type: 'Float64', data: batches.map((batch) => byteView(batch.values.subarray(0, batch.count))) },
  ]);
};

export const encodeBands: BlockEncoder<BandBatch> = (batches, fingerprints) => {
  const rows = rowsOf(batches);
  if (rows === 0) return undefined;
  const { series, times } = seriesAndTimes(batches, rows, fingerprints);
  const column = (name: 'expected' | 'lower' | 'upper') => ({
    name,
    type: 'Float64',
    data: batches.map((batch) => byteView(batch[name].subarray(0, batch.count))),
  });
  return nativeBody(rows, [
    { name: 'series', type: 'UInt64', data: [series] },
    { name: 'time', type: 'DateTime64(3)', data: [times] },
    column('expected'),
    column('lower'),
    column('upper'),
  ]);
};

export const encodeLogs: BlockEncoder<LogBatch> = (batches, fingerprints) => {
  const rows = rowsOf(batches);
  if (rows === 0) return undefined;
  const streams = new Uint32Array(rows * 2);
  const times = new Uint32Array(rows * 2);
  const ordinals = new Uint32Array(rows);
  const bodies = createStringColumn();
  let at = 0;
  for (const batch of batches) {
    fingerprints.fill(streams, at, batch.series, batch.count);
    ticksInto(times, at, batch.timesMs, batch.count, 1000);
    // The same text of one stream at one time twice is two records; told apart by their order, the same in every retry.
    const seen = new Map<string, number>();
    for (let row = 0; row < batch.count; row++) {
      const body = batch.bodies.bytes.subarray(batch.bodies.offsets[row], batch.bodies.offsets[row + 1]);
      bodies.push(body);
      const key = `${batch.series[row]} ${batch.timesMs[row]} ${body.byteLength} ${crc32(body)}`;
      const ordinal = seen.get(key) ?? 0;
      seen.set(key, ordinal + 1);
      ordinals[at + row] = ordinal;
    }
    at += batch.count;
  }
  return nativeBody(rows, [
    { name: 'stream', type: 'UInt64', data: [byteView(streams)] },
    { name: 'time', type: 'DateTime64(6)', data: [byteView(times)] },
    { name: 'ordinal', type: 'UInt32', data: [byteView(ordinals)] },
    { name: 'severity', type: 'UInt8', data: batches.map((batch) => batch.severities.subarray(0, batch.count)) },
    {
      name: 'trace_id',
      type: 'FixedString(16)',
      data: batches.map((batch) => batch.traceIds.subarray(0, batch.count * 16)),
    },
    {
      name: 'span_id',
      type: 'FixedString(8)',
      data: batches.map((batch) => batch.spanIds.subarray(0, batch.count * 8)),
    },
    { name: 'body', type: 'String', data: [bodies.bytes()] },
  ]);
};

export const encodeSpans: BlockEncoder<SpanBatch> = (batches, fingerprints) => {
  const rows = rowsOf(batches);
  if (rows === 0) return undefined;
  const streams = new Uint32Array(rows * 2);
  const times = new Uint32Array(rows * 2);
  let at = 0;
  for (const batch of batches) {
    fingerprints.fill(streams, at, batch.series, batch.count);
    ticksInto(times, at, batch.startsMs, batch.count, 1000);
    at += batch.count;
  }
  const bytes = (name: 'traceIds' | 'spanIds' | 'parentIds' | 'statuses' | 'kinds', width: number) =>
    batches.map((batch) => batch[name].subarray(0, batch.count * width));
  const durations = batches.map((batch) => byteView(batch.durationsMs.subarray(0, batch.count)));
  return nativeBody(rows, [
    { name: 'trace_id', type: 'FixedString(16)', data: bytes('traceIds', 16) },
    { name: 'span_id', type: 'FixedString(8)', data: bytes('spanIds', 8) },
    { name: 'parent_id', type: 'FixedString(8)', data: bytes('parentIds', 8) },
    { name: 'stream', type: 'UInt64', data: [byteView(streams)] },
    { name: 'time', type: 'DateTime64(6)', data: [byteView(times)] },
    { name: 'duration_ms', type: 'Float64', data: durations },
    { name: 'status', type: 'UInt8', data: bytes('statuses', 1) },
    { name: 'kind', type: 'UInt8', data: bytes('kinds', 1) },
  ]);
};

function seriesAndTimes(
  batches: readonly (SampleBatch | BandBatch)[],
  rows: number,
  fingerprints: FingerprintColumns,
): { readonly series: Uint8Array; readonly times: Uint8Array } {
  const series = new Uint32Array(rows * 2);
  const times = new Uint32Array(rows * 2);
  let at = 0;
  for (const batch of batches) {
    fingerprints.fill(series, at, batch.series, batch.count);
    ticksInto(times, at, batch.timesMs, batch.count, 1);
    at += batch.count;
  }
  return { series: byteView(series), times: byteView(times) };
}
