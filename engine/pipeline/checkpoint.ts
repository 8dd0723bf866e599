import type { Checkpointed } from '../../model/index.ts';

export interface CheckpointHead {
  readonly position: number;
  readonly newestMs: number;
  readonly advancedToMs: number;
  /** Revisions of actions and words of operators that the stages were told of. */
  readonly actionsTaken: number;
}

const magic = 0x4b59_4250; // "KYBP"
const version = 2;

/**
 * All parts' states in one value, so that they can never disagree about their log offset. Taken piece by piece, with
 * `breathe` between two, so that receivers go on answering: nothing may be observed by the parts until it resolves.
 */
export async function packCheckpoint(
  head: CheckpointHead,
  parts: Readonly<Record<string, Checkpointed>>,
  breathe: () => Promise<void> = nextTurn,
): Promise<readonly Uint8Array[]> {
  const pieces: Uint8Array[] = [];
  const lengths: [string, number][] = [];
  for (const [name, part] of Object.entries(parts)) {
    let length = 0;
    await part.settle?.();
    for (const made of part.pieces?.() ?? [part.save()]) {
      const piece = await made;
      pieces.push(piece);
      length += piece.length;
      await breathe();
    }
    lengths.push([name, length]);
  }
  const header = Buffer.from(JSON.stringify({ head, parts: lengths }));
  const prefix = Buffer.alloc(12);
  prefix.writeUInt32LE(magic, 0);
  prefix.writeUInt32LE(version, 4);
  prefix.writeUInt32LE(header.length, 8);
  return [prefix, header, ...pieces];
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Undefined where the file is of another version or a part cannot use its state: then all start from the log. */
export function unpackCheckpoint(
  bytes: Uint8Array,
  parts: Readonly<Record<string, Checkpointed>>,
): CheckpointHead | undefined {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.length < 12 || view.readUInt32LE(0) !== magic || view.readUInt32LE(4) !== version) return undefined;
  const start = 12 + view.readUInt32LE(8);
  const header = parseHeader(view.toString('utf8', 12, start));
  if (header === undefined) return undefined;
  let offset = start;
  for (const [name, length] of header.parts) {
    const state = new Uint8Array(bytes.subarray(offset, offset + length));
    if (parts[name]?.load(state) !== true) return undefined;
    offset += length;
  }
  return header.head;
}

interface Header {
  readonly head: CheckpointHead;
  readonly parts: readonly [string, number][];
}

function parseHeader(text: string): Header | undefined {
  try {
    return JSON.parse(text) as Header;
  } catch {
    return undefined;
  }
}
