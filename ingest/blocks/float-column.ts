import type { ByteReader } from './byte-reader.ts';
import type { ByteWriter } from './byte-writer.ts';

// A column of doubles is written in the shortest of three forms. Times of one export are often one and the same, times
// of one scrape integers close together, counters small integers.
const form = { raw: 0, constant: 1, offsets: 2 } as const;

/** Writes `count` doubles, bit for bit. */
export function writeFloats(writer: ByteWriter, column: Float64Array, count: number): void {
  const chosen = formOf(column, count);
  writer.u32(chosen);
  if (chosen === form.constant) {
    writer.floats(column.subarray(0, 1));
  } else if (chosen === form.offsets) {
    const offsets = new Int32Array(count);
    for (let row = 0; row < count; row++) offsets[row] = column[row] - column[0];
    writer.floats(column.subarray(0, 1));
    writer.bytes(new Uint8Array(offsets.buffer));
  } else {
    writer.floats(column.subarray(0, count));
  }
}

/** The reverse of {@link writeFloats}; a view where the form and the alignment allow. */
export function readFloats(reader: ByteReader, count: number): Float64Array {
  const chosen = reader.u32();
  if (chosen === form.raw) return reader.floats(count);
  const column = new Float64Array(reader.rows(count, chosen === form.offsets ? 4 : 0));
  const [first] = reader.floats(1);
  if (chosen === form.constant) return column.fill(first);
  if (chosen !== form.offsets) reader.corrupt(`unknown form ${chosen} of a column`);
  const offsets = reader.ints(count);
  for (let row = 0; row < count; row++) column[row] = first + offsets[row];
  return column;
}

function formOf(column: Float64Array, count: number): number {
  if (count === 0) return form.raw;
  const first = column[0];
  let constant = true;
  let small = Number.isSafeInteger(first);
  for (let row = 0; row < count; row++) {
    const value = column[row];
    constant &&= Object.is(value, first) && !Number.isNaN(value);
    // -0 is an integer that first + offset cannot give back.
    small &&= Number.isSafeInteger(value) && Math.abs(value - first) < 2_147_483_648 && !Object.is(value, -0);
    if (!constant && !small) return form.raw;
  }
  return constant ? form.constant : form.offsets;
}
