import type { SavedState } from '../../model/index.ts';
import { readFilePart } from './read-file-part.ts';
import type { Column } from './state-writer.ts';

/**
 * Takes off, in order, what a {@link StateWriter} wrote. Every call throws RangeError where the bytes end too early, and
 * KYBERN_LOG_UNAVAILABLE where they are in a file that cannot be read.
 */
export interface StateReader {
  number(): number;
  text(): string;
  /** Large ones out of a file are in memory that other threads may read too. */
  bytes(): Uint8Array;
  /** Fills the front of `target`, which must be long enough; gives the number of elements. */
  column(target: Column): number;
  /** JSON as it was written; the caller vouches for its shape by the version before it. */
  json<T>(): T;
}

const decoder = new TextDecoder();

/** What is small is read from a file in stretches of this size; what is larger straight to its place. */
const stretchBytes = 1 << 18;

export function createStateReader(saved: SavedState): StateReader {
  const total = saved.length;
  /** What is in memory of it, and how far that reaches. */
  let stretch = saved instanceof Uint8Array ? saved : new Uint8Array(0);
  let view = new DataView(stretch.buffer, stretch.byteOffset, stretch.byteLength);
  let reached = stretch.length;
  let at = 0;

  const left = (): number => total - reached + stretch.length - at;

  /** Takes what follows of the file straight to its place. */
  function follow(into: Uint8Array): void {
    if (saved instanceof Uint8Array || reached + into.length > total) throw new RangeError('the state ends too early');
    readFilePart(saved, reached, into);
    reached += into.length;
  }

  /** From here on so many bytes are in memory, end to end. */
  function gather(bytes: number): void {
    const rest = stretch.subarray(at);
    if (bytes <= rest.length) return;
    const next = new Uint8Array(Math.min(left(), Math.max(bytes, stretchBytes)));
    if (next.length < bytes) throw new RangeError('the state ends too early');
    next.set(rest);
    follow(next.subarray(rest.length));
    stretch = next;
    view = new DataView(next.buffer);
    at = 0;
  }

  function number(): number {
    gather(8);
    const value = view.getFloat64(at, true);
    at += 8;
    return value;
  }

  function length(): number {
    const bytes = number();
    if (!(bytes >= 0 && bytes <= left())) throw new RangeError('the state ends too early');
    return bytes;
  }

  function fill(target: Uint8Array): void {
    const here = stretch.subarray(at, at + target.length);
    target.set(here);
    at += here.length;
    if (here.length < target.length) follow(target.subarray(here.length));
  }

  function bytes(): Uint8Array {
    const count = length();
    if (count > stretchBytes && !(saved instanceof Uint8Array)) {
      const whole = new Uint8Array(new SharedArrayBuffer(count));
      fill(whole);
      return whole;
    }
    gather(count);
    at += count;
    return stretch.subarray(at - count, at);
  }

  return {
    number,
    bytes,
    text: () => decoder.decode(bytes()),
    json: <T>() => JSON.parse(decoder.decode(bytes())) as T,
    column: (target) => {
      const count = length();
      if (count > target.byteLength) throw new RangeError('the state has more rows than there is room for');
      fill(new Uint8Array(target.buffer, target.byteOffset, count));
      return count / target.BYTES_PER_ELEMENT;
    },
  };
}
