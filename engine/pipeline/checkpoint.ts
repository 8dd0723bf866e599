import type { Checkpointed, CheckpointedApart, ReceivedAt, SavedState } from '../../model/index.ts';
import { bytesOf, stretchOf } from './saved-state.ts';

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

/**
 * Undefined where the state is of another version or a part cannot use its own: then all start from the log. Rejects with
 * KYBERN_LOG_UNAVAILABLE where it lies in a file that cannot be read.
 */
export async function unpackCheckpoint(saved: SavedState, parts: Parts): Promise<CheckpointHead | undefined> {
  const trailerEnd = saved.length - endBytes;
  if (trailerEnd < prefixBytes) return undefined;
  const prefix = bufferOf(saved, 0, prefixBytes);
  if (prefix.readUInt32LE(0) !== magic || prefix.readUInt32LE(4) !== version) return undefined;
  const trailerBytes = bufferOf(saved, trailerEnd, endBytes).readUInt32LE(0);
  if (trailerBytes > trailerEnd) return undefined;
  const header = parseHeader(bufferOf(saved, trailerEnd - trailerBytes, trailerBytes).toString());
  if (header === undefined) return undefined;
  let offset = prefixBytes;
  for (const [name, length] of header.parts) {
    if (offset + length > saved.length) return undefined;
    if (!(await loadPart(parts[name], stretchOf(saved, offset, length)))) return undefined;
    offset += length;
  }
  return header.head;
}

function bufferOf(saved: SavedState, at: number, length: number): Buffer {
  const bytes = bytesOf(stretchOf(saved, at, length));
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

async function loadPart(part: Parts[string] | undefined, saved: SavedState): Promise<boolean> {
  if (part === undefined) return false;
  return 'isApart' in part ? part.load(saved) : part.load(bytesOf(saved));
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
