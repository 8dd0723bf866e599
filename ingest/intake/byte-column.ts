/** A growing column of bytes: ids of fixed width, or texts end to end. */
export interface ByteColumn {
  /** Appends `bytes[start .. end)`. */
  push(bytes: Uint8Array, start: number, end: number): void;
  pushByte(value: number): void;
  /** Appends that many zeros. */
  pad(count: number): void;
  readonly length: number;
  /** A view of what is there; no more may be pushed after it. */
  view(): Uint8Array;
}

export function createByteColumn(capacity: number): ByteColumn {
  let column = new Uint8Array(Math.max(16, capacity));
  let length = 0;

  function reserve(count: number): void {
    if (length + count <= column.length) return;
    const grown = new Uint8Array(Math.max(column.length * 2, length + count));
    grown.set(column);
    column = grown;
  }

  return {
    push(bytes, start, end) {
      reserve(end - start);
      if (end - start > 64) column.set(bytes.subarray(start, end), length);
      else for (let index = start; index < end; index++) column[length + index - start] = bytes[index];
      length += end - start;
    },
    pushByte(value) {
      reserve(1);
      column[length++] = value;
    },
    pad(count) {
      reserve(count);
      length += count;
    },
    get length() {
      return length;
    },
    view: () => column.subarray(0, length),
  };
}

/** A growing column of doubles. */
export interface NumberColumn {
  push(value: number): void;
  readonly length: number;
  readonly values: Float64Array;
}

export function createNumberColumn(capacity: number): NumberColumn {
  let column = new Float64Array(Math.max(16, capacity));
  let length = 0;
  return {
    push(value) {
      if (length === column.length) {
        const grown = new Float64Array(column.length * 2);
        grown.set(column);
        column = grown;
      }
      column[length++] = value;
    },
    get length() {
      return length;
    },
    get values() {
      return column.subarray(0, length);
    },
  };
}
