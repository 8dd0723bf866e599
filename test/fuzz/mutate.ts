import { numbers, tokens, varints } from './dictionary.ts';
import type { Below } from './random.ts';

/** Inputs never grow beyond this. */
export const mostBytes = 64 * 1024;

type Step = (bytes: Buffer, below: Below, corpus: readonly Uint8Array[]) => Buffer;

const steps: readonly Step[] = [
  (bytes, below) => changed(bytes, below, (byte) => byte ^ (1 << below(8))),
  (bytes, below) => changed(bytes, below, () => below(256)),
  // What a length or a tag is mostly wrong by.
  (bytes, below) => changed(bytes, below, (byte) => byte + below(33) - 16),
  (bytes, below) => insert(bytes, below, randomBytes(1 + below(8), below)),
  (bytes, below) => cut(bytes, below),
  (bytes, below) => insert(bytes, below, rangeOf(bytes, below)),
  (bytes, below) => insert(bytes, below, repeated(rangeOf(bytes, below, 32), 1 + below(below(20) === 0 ? 2000 : 40))),
  (bytes, below, corpus) => spliced(bytes, below, corpus[below(corpus.length)]),
  (bytes, below, corpus) => insert(bytes, below, rangeOf(corpus[below(corpus.length)], below)),
  (bytes, below) => insert(bytes, below, tokens[below(tokens.length)]),
  (bytes, below) => overwrite(bytes, below, tokens[below(tokens.length)]),
  (bytes, below) => insert(bytes, below, varints[below(varints.length)]),
  (bytes, below) => overwrite(bytes, below, varints[below(varints.length)]),
  (bytes, below) => overwrite(bytes, below, numbers[below(numbers.length)]),
  (bytes, below) => bytes.subarray(0, below(bytes.length + 1)),
];

/** One of the corpus with one to eight blind changes: it knows nothing of what the bytes mean. */
export function mutate(corpus: readonly Uint8Array[], below: Below): Buffer {
  let bytes = Buffer.from(corpus[below(corpus.length)]);
  for (let rest = 1 + below(1 + below(8)); rest > 0; rest--) {
    bytes = Buffer.from(steps[below(steps.length)](bytes, below, corpus));
    if (bytes.length > mostBytes) bytes = bytes.subarray(0, mostBytes);
  }
  return bytes;
}

function changed(bytes: Buffer, below: Below, change: (byte: number) => number): Buffer {
  if (bytes.length === 0) return bytes;
  const at = below(bytes.length);
  bytes[at] = change(bytes[at]);
  return bytes;
}

function insert(bytes: Buffer, below: Below, more: Uint8Array): Buffer {
  const at = below(bytes.length + 1);
  return Buffer.concat([bytes.subarray(0, at), more, bytes.subarray(at)]);
}

function overwrite(bytes: Buffer, below: Below, more: Uint8Array): Buffer {
  const at = below(bytes.length + 1);
  return Buffer.concat([bytes.subarray(0, at), more, bytes.subarray(at + more.length)]);
}

function cut(bytes: Buffer, below: Below): Buffer {
  const at = below(bytes.length + 1);
  const length = below(4) === 0 ? below(bytes.length + 1) : 1 + below(8);
  return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)]);
}

function rangeOf(bytes: Uint8Array, below: Below, most = 256): Uint8Array {
  const at = below(bytes.length + 1);
  return bytes.subarray(at, at + 1 + below(most));
}

function repeated(bytes: Uint8Array, times: number): Buffer {
  return Buffer.concat(Array.from({ length: times }, () => bytes));
}

function spliced(bytes: Buffer, below: Below, other: Uint8Array): Buffer {
  return Buffer.concat([bytes.subarray(0, below(bytes.length + 1)), other.subarray(below(other.length + 1))]);
}

function randomBytes(length: number, below: Below): Buffer {
  return Buffer.from(Array.from({ length }, () => below(256)));
}
