import { type WireReader, wireType } from '../wire/wire-reader.ts';
import type { SymbolTable } from './symbol-table.ts';

/** The references of one series or exemplar to symbols: names and values by turns. */
export interface LabelRefs {
  readonly count: number;
  /** True where there are more than were allowed for; those beyond are not kept. */
  readonly tooMany: boolean;
  readonly isOdd: boolean;
  /** The largest reference, -1 where there is none. */
  readonly largest: number;
  clear(): void;
  /** Reads a repeated uint32, packed or not. */
  read(reader: WireReader): void;
  at(index: number): number;
  /** The bytes [0, end) of `view` that stand for these labels and this metric type; good until the next call. */
  key(type: number, symbols: SymbolTable, reader: WireReader): { readonly view: DataView; readonly end: number };
}

export function createLabelRefs(mostLabels: number): LabelRefs {
  const refs = new Uint32Array(mostLabels * 2);
  const words = new Uint32Array(1 + refs.length);
  const key = { view: new DataView(words.buffer), end: 0 };
  let count = 0;
  let seen = 0;
  let largest = -1;

  function keep(ref: number): void {
    seen++;
    if (ref > largest) largest = ref;
    if (count < refs.length) refs[count++] = ref;
  }

  /** Most references have one byte or two: these are read here, and the counts kept in locals meanwhile. */
  function readPacked(reader: WireReader): void {
    const { bytes, end } = reader;
    let { position } = reader;
    let kept = count;
    let most = largest;
    while (position < end && kept < refs.length) {
      let ref = bytes[position++];
      if (ref >= 0x80) {
        if (position < end && bytes[position] < 0x80) ref = (ref & 0x7f) | (bytes[position++] << 7);
        else {
          reader.position = position - 1;
          ref = reader.rawUint();
          position = reader.position;
        }
      }
      if (ref > most) most = ref;
      refs[kept++] = ref;
    }
    seen += kept - count;
    count = kept;
    largest = most;
    reader.position = position;
    while (reader.position < end) keep(reader.rawUint());
  }

  return {
    get count() {
      return count;
    },
    get tooMany() {
      return seen > count;
    },
    get isOdd() {
      return seen % 2 === 1;
    },
    get largest() {
      return largest;
    },
    clear() {
      count = 0;
      seen = 0;
      largest = -1;
    },
    read(reader) {
      if (reader.wire !== wireType.bytes) {
        keep(reader.uint());
        return;
      }
      const outer = reader.enter();
      readPacked(reader);
      reader.leave(outer);
    },
    at: (index) => refs[index],
    key(type, symbols, reader) {
      const { numbers } = symbols;
      words[0] = type;
      for (let index = 0; index < count; index++) {
        const number = numbers[refs[index]];
        words[index + 1] = number !== 0 ? number : symbols.numberOf(refs[index], reader);
      }
      key.end = 4 + count * 4;
      return key;
    },
  };
}
