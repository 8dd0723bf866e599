import { KybernError, type SignalBatch } from '../../model/index.ts';
import { decodeBlock, encodeBlock } from './block-codec.ts';
import { createByteReader } from './byte-reader.ts';
import { createByteWriter } from './byte-writer.ts';

const magic = 0x314b504b; // 'KPK1'

/** The fingerprint of a series, as two words. */
export interface Fingerprints {
  high(id: number): number;
  low(id: number): number;
}

export interface PortableBlock {
  /** When it was received, epoch milliseconds. */
  readonly receivedMs: number;
  readonly batches: readonly SignalBatch[];
}

export interface EncodedBlock {
  readonly bytes: Uint8Array;
  /** The ids of the series in it, each once; a view that the next call overwrites. */
  readonly series: Uint32Array;
}

export type PortableEncoder = (block: PortableBlock) => EncodedBlock;

/**
 * A block that any process can read: series are rows of a table of their fingerprints instead of ids. The time it was
 * received, the table, then the batches as {@link encodeBlock} has them. The encoder keeps its tables between calls.
 */
export function createPortableEncoder(fingerprints: Fingerprints): PortableEncoder {
  let rows = new Uint32Array(1024);
  let rounds = new Uint32Array(1024);
  let round = 0;
  let table = new Uint32Array(512);
  let members = new Uint32Array(256);

  function rowsOf(series: Uint32Array, count: number, size: number): { column: Uint32Array; size: number } {
    const column = new Uint32Array(count);
    let next = size;
    for (let i = 0; i < count; i++) {
      const id = series[i];
      if (id >= rows.length) {
        rows = grown(rows, id + 1);
        rounds = grown(rounds, id + 1);
      }
      if (rounds[id] !== round) {
        rounds[id] = round;
        rows[id] = next++;
        if (next > members.length) {
          table = grown(table, next * 2);
          members = grown(members, next);
        }
        members[next - 1] = id;
        table[next * 2 - 2] = fingerprints.high(id);
        table[next * 2 - 1] = fingerprints.low(id);
      }
      column[i] = rows[id];
    }
    return { column, size: next };
  }

  return ({ receivedMs, batches }) => {
    round += 1;
    let size = 0;
    const portable = batches.map((batch) => {
      if (batch.kind === 'cluster') return batch;
      const own = rowsOf(batch.series, batch.count, size);
      size = own.size;
      return { ...batch, series: own.column };
    });
    const block = encodeBlock(portable);
    const writer = createByteWriter(block.length + size * 8 + 64);
    writer.u32(magic);
    writer.floats(Float64Array.of(receivedMs));
    writer.u32(size);
    writer.words(table.subarray(0, size * 2));
    writer.u32(block.length);
    writer.bytes(block);
    return { bytes: writer.finish(), series: members.subarray(0, size) };
  };
}

/** The table of a portable block: two words a series, high then low. */
export interface OpenedBlock {
  readonly receivedMs: number;
  readonly table: Uint32Array;
  /** The batches, their series replaced by `ids`, one a row of the table; reads the bytes anew with each call. */
  batches(ids: Uint32Array): SignalBatch[];
}

/** Throws KYBERN_LOG_CORRUPT. */
export function openPortableBlock(bytes: Uint8Array): OpenedBlock {
  const reader = createByteReader(bytes);
  if (reader.u32() !== magic) reader.corrupt('not a portable block of this version');
  const [receivedMs] = reader.floats(1);
  const table = reader.words(reader.rows(reader.u32(), 8) * 2);
  const block = reader.bytes(reader.u32());
  return {
    receivedMs,
    table,
    batches: (ids) => decodeBlock(block).map((batch) => (batch.kind === 'cluster' ? batch : renumbered(batch, ids))),
  };
}

function renumbered<T extends Exclude<SignalBatch, { kind: 'cluster' }>>(batch: T, ids: Uint32Array): T {
  const series = new Uint32Array(batch.count);
  for (let row = 0; row < batch.count; row++) {
    const at = batch.series[row];
    if (at >= ids.length) throw new KybernError('KYBERN_LOG_CORRUPT', `block: series ${at} is not in its table`);
    series[row] = ids[at];
  }
  return { ...batch, series };
}

function grown(from: Uint32Array, least: number): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(Math.max(from.length * 2, least));
  larger.set(from);
  return larger;
}
