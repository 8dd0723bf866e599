import { decodeBlock, encodeBlock } from '../../ingest/index.ts';
import type { SignalBatch } from '../../model/index.ts';

export interface SignalRecord {
  /** When it was received, epoch milliseconds: event time never runs ahead of it, whatever a sender's clock says. */
  readonly receivedMs: number;
  readonly batches: SignalBatch[];
}

const prefixBytes = 8;

/** A record of the `signals` topic: the time it was received, then the block. */
export function encodeSignalRecord(receivedMs: number, batches: readonly SignalBatch[]): Uint8Array {
  const block = encodeBlock([...batches]);
  const record = new Uint8Array(prefixBytes + block.length);
  new DataView(record.buffer).setFloat64(0, receivedMs, true);
  record.set(block, prefixBytes);
  return record;
}

export function decodeSignalRecord(bytes: Uint8Array): SignalRecord {
  const receivedMs = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getFloat64(0, true);
  return { receivedMs, batches: decodeBlock(bytes.subarray(prefixBytes)) };
}
