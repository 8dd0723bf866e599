import type { Column } from './state-writer.ts';

/** Takes off, in order, what a {@link StateWriter} wrote. Every call throws RangeError where the bytes end too early. */
export interface StateReader {
  number(): number;
  text(): string;
  bytes(): Uint8Array;
  /** Fills the front of `target`, which must be long enough; gives the number of elements. */
  column(target: Column): number;
  /** JSON as it was written; the caller vouches for its shape by the version before it. */
  json<T>(): T;
}

const decoder = new TextDecoder();

export function createStateReader(source: Uint8Array): StateReader {
  const view = new DataView(source.buffer, source.byteOffset, source.byteLength);
  let at = 0;

  function number(): number {
    const value = view.getFloat64(at, true);
    at += 8;
    return value;
  }

  function bytes(): Uint8Array {
    const length = number();
    if (!(length >= 0) || at + length > source.length) throw new RangeError('the state ends too early');
    at += length;
    return source.subarray(at - length, at);
  }

  return {
    number,
    bytes,
    text: () => decoder.decode(bytes()),
    json: <T>() => JSON.parse(decoder.decode(bytes())) as T,
    column: (target) => {
      const taken = bytes();
      new Uint8Array(target.buffer, target.byteOffset, target.byteLength).set(taken);
      return taken.length / target.BYTES_PER_ELEMENT;
    },
  };
}
