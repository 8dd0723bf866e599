import { crc32 } from 'node:zlib';

/** A value of some megabytes does not fit into one message: it goes in chunks, each a message with a key of its own. */
export interface Chunk {
  readonly key: string;
  readonly bytes: Buffer;
}

/** Which put a chunk belongs to. A higher epoch wins, then a higher sequence. */
export interface PutMark {
  readonly epoch: number;
  readonly sequence: number;
}

const chunkBytes = 512 * 1024;
const headBytes = 32;

/**
 * One put as chunks. Two slots are used in turn and each epoch has its own, so that a put which is cut short, or one of a
 * process that lost its partition and does not know it yet, never overwrites the last whole one, not in compaction either.
 */
export function chunksOf(name: string, value: Uint8Array, mark: PutMark): Chunk[] {
  const count = Math.max(1, Math.ceil(value.length / chunkBytes));
  const checksum = crc32(value);
  return Array.from({ length: count }, (_, index) => {
    const part = value.subarray(index * chunkBytes, (index + 1) * chunkBytes);
    const head = Buffer.alloc(headBytes);
    head.writeDoubleLE(mark.epoch, 0);
    head.writeDoubleLE(mark.sequence, 8);
    head.writeUInt32LE(index, 16);
    head.writeUInt32LE(count, 20);
    head.writeUInt32LE(checksum, 24);
    return { key: keyOf(name, mark, index), bytes: Buffer.concat([head, part]) };
  });
}

function keyOf(name: string, { epoch, sequence }: PutMark, index: number): string {
  return `${epoch}/${sequence % 2}/${index}/${name}`;
}

export interface StateSlots {
  /** The next message of the topic, in order. What is no chunk is left out. */
  take(key: string, bytes: Uint8Array | null): void;
  /** The newest whole value. */
  latest(name: string): { readonly mark: PutMark; readonly bytes: Uint8Array } | undefined;
  /** The highest epoch that anything was put under, 0 where there is nothing. */
  readonly highestEpoch: number;
  /** Keys of epochs below this one. */
  keysBefore(epoch: number): string[];
}

export function createStateSlots(): StateSlots {
  const messages = new Map<string, Buffer>();
  let highestEpoch = 0;

  return {
    take(key, bytes) {
      if (bytes === null || bytes.length < headBytes) {
        messages.delete(key);
        return;
      }
      messages.set(key, Buffer.from(bytes));
      highestEpoch = Math.max(highestEpoch, Number(key.slice(0, key.indexOf('/'))) || 0);
    },
    latest(name) {
      let best: { mark: PutMark; bytes: Uint8Array } | undefined;
      for (const [key, bytes] of messages) {
        if (!key.endsWith(`/0/${name}`) || key.split('/').slice(3).join('/') !== name) continue;
        const mark = { epoch: bytes.readDoubleLE(0), sequence: bytes.readDoubleLE(8) };
        if (best !== undefined && !isNewer(mark, best.mark)) continue;
        const value = wholeOf(name, mark, messages);
        if (value !== undefined) best = { mark, bytes: value };
      }
      return best;
    },
    get highestEpoch() {
      return highestEpoch;
    },
    keysBefore: (epoch) => [...messages.keys()].filter((key) => Number(key.slice(0, key.indexOf('/'))) < epoch),
  };
}

function isNewer(a: PutMark, b: PutMark): boolean {
  return a.epoch > b.epoch || (a.epoch === b.epoch && a.sequence > b.sequence);
}

function wholeOf(name: string, mark: PutMark, messages: ReadonlyMap<string, Buffer>): Uint8Array | undefined {
  const first = messages.get(keyOf(name, mark, 0));
  if (first === undefined) return undefined;
  const count = first.readUInt32LE(20);
  const parts: Buffer[] = [];
  for (let index = 0; index < count; index++) {
    const part = messages.get(keyOf(name, mark, index));
    if (part === undefined || part.readDoubleLE(8) !== mark.sequence || part.readDoubleLE(0) !== mark.epoch)
      return undefined;
    parts.push(part.subarray(headBytes));
  }
  const value = Buffer.concat(parts);
  return crc32(value) === first.readUInt32LE(24) ? new Uint8Array(value) : undefined;
}
