import { KybernError } from '../../model/index.ts';
import { mostBytes, type SizeLimits, tooLarge } from './decompress.ts';

/** Uncompresses one snappy block. */
export type SnappyBlock = (body: Uint8Array) => Uint8Array;

// The densest element is a copy of 64 bytes in three.
const bestRatio = 22;

/**
 * The length that a snappy block (format_description.txt of google/snappy, not the framed format) declares, and where its
 * elements start: checked before memory is taken for it. Throws KYBERN_BODY_TOO_LARGE, KYBERN_BODY_UNREADABLE.
 */
export function checkedLength(body: Uint8Array, limits: SizeLimits): { declared: number; start: number } {
  if (body.length > limits.compressedBytes) throw tooLarge(limits.compressedBytes);
  const head = readDeclared(body);
  const most = mostBytes(body.length, limits);
  if (head.declared > most) throw tooLarge(most);
  if (head.declared > body.length * bestRatio) throw unreadableBlock('it declares more than it can hold');
  return head;
}

function readDeclared(body: Uint8Array): { declared: number; start: number } {
  let declared = 0;
  for (let index = 0; index < 5 && index < body.length; index++) {
    declared += (body[index] & 0x7f) * 2 ** (7 * index);
    if (body[index] < 0x80) return { declared, start: index + 1 };
  }
  throw unreadableBlock('it declares no length');
}

export function unreadableBlock(detail: string, cause?: unknown): KybernError {
  return new KybernError('KYBERN_BODY_UNREADABLE', `the body is not a snappy block: ${detail}`, { cause });
}
