import { expect, test } from 'vitest';
import { logBatch } from '../../detectors/testing/log-lines.ts';
import { createMemoryCatalog } from '../../detectors/testing/memory-catalog.ts';
import { spanBatch } from '../../detectors/testing/spans.ts';
import { sampleBatch } from '../../detectors/testing/synthetic.ts';
import { type SampleBatch, type SignalBatch, textAt } from '../../model/index.ts';
import { copiedBatch } from './copied-batch.ts';
import { createSampleColumns } from './sample-columns.ts';

const catalog = createMemoryCatalog();
const span = { service: 'cart', name: 'Get', id: 7, parent: 3, startMs: 5.25, durationMs: 2, kind: 2, error: true };
const line = { pod: 'cart-1', timeMs: 9, severity: 17, body: 'größer als gedacht' };
const samples = sampleBatch([
  [1, 1000, 2.5],
  [4, 1001, -0],
]);
const ends: SignalBatch = { kind: 'ends', count: 1, series: Uint32Array.of(3), timesMs: Float64Array.of(8) };

test.each<[string, SignalBatch]>([
  ['samples', samples],
  ['ends', ends],
  ['log lines', logBatch(catalog, [line, { ...line, body: '' }])],
  ['spans', spanBatch(catalog, [span, { ...span, id: 8 }])],
])('a copy of %s says the same, and stands in buffers of its own', (_what, batch) => {
  const { batch: copy, buffers } = copiedBatch(batch);
  expect(copy).toEqual(batch);
  const columns = Object.values(batch).filter((value) => ArrayBuffer.isView(value));
  for (const { buffer } of columns) expect(buffers).not.toContain(buffer);
  const sent = structuredClone(copy, { transfer: buffers });
  expect(sent).toEqual(batch);
});

test('of texts in a Buffer, which shares its memory with others, nothing but the texts goes along', () => {
  const neighbour = Buffer.from('somebody else');
  const bytes = Buffer.from('größer');
  const batch = logBatch(catalog, [line]);
  const texts = { ...batch, bodies: { offsets: Uint32Array.of(0, bytes.length), bytes } };
  const { batch: copy, buffers } = copiedBatch(texts);
  structuredClone(copy, { transfer: buffers });
  expect([neighbour.toString(), bytes.toString()]).toEqual(['somebody else', 'größer']);
});

test('rows beyond the valid ones, and what else lies in their buffers, stay behind', () => {
  const wide: SampleBatch = { ...samples, count: 1, timesMs: new Float64Array(1000).subarray(3) };
  const { batch, buffers } = copiedBatch(wide);
  expect([batch.series.length, batch.timesMs.length]).toEqual([1, 1]);
  expect(buffers.map(({ byteLength }) => byteLength)).toEqual([4, 8, 8]);
});

test('shared columns hold the latest batch, whatever its size, and grow no more once they are large enough', () => {
  const columns = createSampleColumns();
  const of = (rows: number) => sampleBatch(Array.from({ length: rows }, (_, at) => [at, at * 10, at / 3] as const));
  const buffers = new Set<unknown>();
  for (const rows of [0, 3, 5000, 4999, 1, 8192]) {
    const shared = columns.share(of(rows));
    expect(shared.count).toBe(rows);
    expect([...shared.values.subarray(0, rows)]).toEqual([...of(rows).values]);
    expect([...shared.series.subarray(0, rows)]).toEqual([...of(rows).series]);
    expect([...shared.timesMs.subarray(0, rows)]).toEqual([...of(rows).timesMs]);
    if (rows > 0) expect(shared.values.buffer).toBeInstanceOf(SharedArrayBuffer);
    if (rows > 3) buffers.add(shared.values.buffer);
  }
  expect(buffers.size).toBe(1);
});

test('of a stretch of lines that shares its texts with others only its own are copied', () => {
  const lines = Array.from({ length: 100 }, (_, at) => ({ ...line, body: `line ${at}` }));
  const whole = logBatch(catalog, lines);
  let copied = 0;
  for (let from = 0; from < 100; from += 10) {
    const bodies = { offsets: whole.bodies.offsets.subarray(from, from + 11), bytes: whole.bodies.bytes };
    const { batch } = copiedBatch({ ...whole, count: 10, series: whole.series.subarray(from, from + 10), bodies });
    copied += batch.bodies.bytes.length;
    expect(textAt(batch.bodies, 3)).toBe(`line ${from + 3}`);
  }
  expect(copied).toBe(whole.bodies.offsets[100]);
});
