import type { Checkpointed, CheckpointedApart, ReceivedAt } from '../../model/index.ts';

export interface CheckpointHead {
  readonly position: number;
  readonly newestMs: number;
  readonly advancedToMs: number;
  /** Absent in older ones. */
  readonly received?: ReceivedAt;
  /** Revisions of actions and words of operators that the stages were told of. */
  readonly actionsTaken: number;
}

const magic = 0x4b59_4250; // "KYBP"
const version = 3;
const prefixBytes = 8;
const endBytes = 4;

type Parts = Readonly<Record<string, Checkpointed | CheckpointedApart>>;

/**
 * All parts' states in one value, so that they can never disagree about their log offset. Handed to `write` piece by piece,
 * so that receivers go on answering and nothing is held twice: nothing may be observed by the parts until it resolves.
 * Rejects as `write` does.
 */
export async function writeCheckpoint(
  head: CheckpointHead,
  parts: Parts,
  write: (piece: Uint8Array) => Promise<void>,
): Promise<void> {
  const prefix = Buffer.alloc(prefixBytes);
  prefix.writeUInt32LE(magic, 0);
  prefix.writeUInt32LE(version, 4);
  await write(prefix);
  const lengths: [string, number][] = [];
  for (const [name, part] of Object.entries(parts)) {
    let length = 0;
    await part.settle?.();
    for (const made of piecesOf(part)) {
      const piece = await made;
      length += piece.length;
      await write(piece);
    }
    lengths.push([name, length]);
  }
  const trailer = Buffer.from(JSON.stringify({ head, parts: lengths }));
  const end = Buffer.alloc(endBytes);
  end.writeUInt32LE(trailer.length, 0);
  await write(Buffer.concat([trailer, end]));
}

function piecesOf(part: Checkpointed | CheckpointedApart): Iterable<Uint8Array | Promise<Uint8Array>> {
  return 'save' in part ? (part.pieces?.() ?? [part.save()]) : part.pieces();
}

/** The same in one go, with `breathe` between two pieces. */
export async function packCheckpoint(
  head: CheckpointHead,
  parts: Parts,
  breathe: () => Promise<void> = nextTurn,
): Promise<readonly Uint8Array[]> {
  const pieces: Uint8Array[] = [];
  await writeCheckpoint(head, parts, async (piece) => {
    pieces.push(piece.slice());
    await breathe();
  });
  return pieces;
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Undefined where the file is of another version or a part cannot use its state: then all start from the log. */
export async function unpackCheckpoint(bytes: Uint8Array, parts: Parts): Promise<CheckpointHead | undefined> {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.length < prefixBytes + endBytes) return undefined;
  if (view.readUInt32LE(0) !== magic || view.readUInt32LE(4) !== version) return undefined;
  const trailerEnd = view.length - endBytes;
  const header = parseHeader(view.toString('utf8', trailerEnd - view.readUInt32LE(trailerEnd), trailerEnd));
  if (header === undefined) return undefined;
  let offset = prefixBytes;
  for (const [name, length] of header.parts) {
    if ((await parts[name]?.load(bytes.subarray(offset, offset + length))) !== true) return undefined;
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
