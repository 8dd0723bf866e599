import { KybernError } from '../../model/index.ts';
import { mostBytes, type SizeLimits, tooLarge } from './decompress.ts';

/** Uncompresses one snappy block, whose declared length was checked. Throws anything where it is not valid. */
export type SnappyBlock = (body: Uint8Array) => Uint8Array;

// The densest element is a copy of 64 bytes in three.
const bestRatio = 22;

/**
 * A snappy block (format_description.txt of google/snappy), not the framed format. The length that it declares is
 * checked before memory is taken for it, and against what comes out. Throws KYBERN_BODY_TOO_LARGE,
 * KYBERN_BODY_UNREADABLE.
 */
export function uncompressSnappy(body: Uint8Array, limits: SizeLimits, uncompress: SnappyBlock): Uint8Array {
  if (body.length === 0) return body;
  const { declared } = checkedLength(body, limits);
  let plain: Uint8Array;
  try {
    plain = uncompress(body);
  } catch (cause) {
    throw unreadableBlock('the block is damaged', cause);
  }
  if (plain.length !== declared) throw unreadableBlock('its length is not the declared one');
  return plain;
}

/** The length that a block declares, and where its elements start. Throws as {@link uncompressSnappy} does. */
export function checkedLength(body: Uint8Array, limits: SizeLimits): { declared: number; start: number } {
  if (body.length > limits.compressedBytes) throw tooLarge(limits.compressedBytes);
  const head = readDeclared(body);
  const most = mostBytes(body.length, limits);
  if (head.declared > most) throw tooLarge(most);
  if (head.declared > body.length * bestRatio) throw unreadableBlock('it declares more than it can hold');
  return head;
}

/** The native codec; where its binary does not load, the one in JavaScript, after the check that it leaves out. */
export async function loadSnappy(): Promise<SnappyBlock> {
  try {
    const { uncompressSync } = await import('snappy');
    return (body) => {
      // Copied out, which costs a sixth of a buffer that the garbage collector must know as foreign.
      const plain = uncompressSync(body, { asBuffer: true, copyOutputData: true });
      return typeof plain === 'string' ? Buffer.from(plain) : plain;
    };
  } catch {
    return await loadPureSnappy();
  }
}

/** snappyjs gives zeros where a block ends too soon: what the elements add up to is checked first. */
export async function loadPureSnappy(): Promise<SnappyBlock> {
  const { uncompress } = await import('snappyjs');
  return (body) => {
    const { declared, start } = readDeclared(body);
    if (elementsLength(body, start) !== declared) throw unreadableBlock('its elements do not add up');
    return uncompress(new Uint8Array(body.buffer, body.byteOffset, body.length), declared);
  };
}

function readDeclared(body: Uint8Array): { declared: number; start: number } {
  let declared = 0;
  for (let index = 0; index < 5 && index < body.length; index++) {
    declared += (body[index] & 0x7f) * 2 ** (7 * index);
    if (body[index] < 0x80) return { declared, start: index + 1 };
  }
  throw unreadableBlock('it declares no length');
}

/** Sum of the lengths of all elements: literals and copies. */
function elementsLength(body: Uint8Array, start: number): number {
  let total = 0;
  let index = start;
  while (index < body.length) {
    const tag = body[index++];
    const kind = tag & 3;
    if (kind === 0) {
      let length = tag >>> 2;
      if (length >= 60) {
        const extra = length - 59;
        length = 0;
        for (let byte = 0; byte < extra; byte++) length += (body[index + byte] ?? 0) * 2 ** (8 * byte);
        index += extra;
      }
      index += length + 1;
      total += length + 1;
    } else {
      total += kind === 1 ? ((tag >>> 2) & 7) + 4 : (tag >>> 2) + 1;
      index += kind === 3 ? 4 : kind;
    }
  }
  return index === body.length ? total : -1;
}

export function unreadableBlock(detail: string, cause?: unknown): KybernError {
  return new KybernError('KYBERN_BODY_UNREADABLE', `the body is not a snappy block: ${detail}`, { cause });
}
