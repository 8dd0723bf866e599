import type { LogBatch } from '../../model/index.ts';

/** The batch with bodies of at most `mostBytes`, cut between characters; itself where none is longer. */
export function trimLogs(batch: LogBatch, mostBytes: number, cut: (count: number) => void): LogBatch {
  const { offsets, bytes } = batch.bodies;
  let tooLong = 0;
  for (let row = 0; row < batch.count; row++) if (offsets[row + 1] - offsets[row] > mostBytes) tooLong += 1;
  if (tooLong === 0) return batch;
  cut(tooLong);
  const ends = new Uint32Array(batch.count);
  const newOffsets = new Uint32Array(batch.count + 1);
  for (let row = 0; row < batch.count; row++) {
    ends[row] = endOfText(bytes, offsets[row], offsets[row + 1], mostBytes);
    newOffsets[row + 1] = newOffsets[row] + ends[row] - offsets[row];
  }
  const kept = new Uint8Array(newOffsets[batch.count]);
  for (let row = 0; row < batch.count; row++) kept.set(bytes.subarray(offsets[row], ends[row]), newOffsets[row]);
  return { ...batch, bodies: { offsets: newOffsets, bytes: kept } };
}

/** Where a UTF-8 text is cut to be no longer than `mostBytes`. */
function endOfText(bytes: Uint8Array, from: number, to: number, mostBytes: number): number {
  if (to - from <= mostBytes) return to;
  let end = from + mostBytes;
  while (end > from && (bytes[end] & 0xc0) === 0x80) end -= 1;
  return end;
}
