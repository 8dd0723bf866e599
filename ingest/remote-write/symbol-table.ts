import { KybernError } from '../../model/index.ts';
import { createBytesIndex } from '../catalog/bytes-index.ts';
import { decodeText, type WireReader } from '../wire/wire-reader.ts';

const mostSymbols = 1_000_000;
const fewSymbols = 1024;
/** Room for so many stays from request to request. */
const keptSymbols = 65_536;

/** The strings of a 2.0 request, which its series point at. */
export interface SymbolTable {
  readonly count: number;
  /** Forgets the symbols of the request before. */
  clear(): void;
  /** Adds the string that the reader's field holds. Throws KYBERN_BODY_UNREADABLE. */
  add(reader: WireReader): void;
  /** For each symbol the number that stands for it in every request of this process, 0 until it is asked for. */
  readonly numbers: Uint32Array;
  /** That number, looked up. */
  numberOf(ref: number, reader: WireReader): number;
  /** Throws KYBERN_BAD_REQUEST where it is not UTF-8. */
  textOf(ref: number, reader: WireReader): string;
  isEmpty(ref: number): boolean;
}

/** A string is looked up by its bytes once a request, when a series first uses it; it is decoded only for a new series. */
export function createSymbolTable(indexBytes: number): SymbolTable {
  const index = createBytesIndex(indexBytes);
  let starts = new Uint32Array(fewSymbols);
  let ends = new Uint32Array(fewSymbols);
  let numbers = new Uint32Array(fewSymbols);
  let count = 0;
  let lastNumber = 0;

  function grow(): void {
    const length = starts.length * 2;
    const [oldStarts, oldEnds, oldNumbers] = [starts, ends, numbers];
    starts = new Uint32Array(length);
    ends = new Uint32Array(length);
    numbers = new Uint32Array(length);
    starts.set(oldStarts);
    ends.set(oldEnds);
    numbers.set(oldNumbers);
  }

  return {
    get count() {
      return count;
    },
    get numbers() {
      return numbers;
    },
    clear() {
      count = 0;
      if (starts.length <= keptSymbols) return;
      starts = new Uint32Array(fewSymbols);
      ends = new Uint32Array(fewSymbols);
      numbers = new Uint32Array(fewSymbols);
    },
    add(reader) {
      if (count === mostSymbols) throw new KybernError('KYBERN_BODY_UNREADABLE', `more than ${mostSymbols} symbols`);
      if (count === starts.length) grow();
      const length = reader.length();
      starts[count] = reader.position;
      reader.position += length;
      ends[count] = reader.position;
      numbers[count++] = 0;
    },
    numberOf(ref, reader) {
      const found = index.find(0, reader.view, starts[ref], ends[ref]);
      if (found >= 0) {
        numbers[ref] = found;
        return found;
      }
      // Never given twice, so that what is remembered by it stays true when the index forgets.
      lastNumber++;
      index.add(0, reader.view, starts[ref], ends[ref], lastNumber);
      numbers[ref] = lastNumber;
      return lastNumber;
    },
    textOf(ref, reader) {
      const text = decodeText(reader.bytes, starts[ref], ends[ref]);
      if (text === undefined) throw new KybernError('KYBERN_BAD_REQUEST', 'a symbol is not UTF-8');
      return text;
    },
    isEmpty: (ref) => starts[ref] === ends[ref],
  };
}
