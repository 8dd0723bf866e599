import type { StateReader } from './state-reader.ts';
import type { Column, StateWriter } from './state-writer.ts';

/** Constructors of the columns of a table. */
export type ColumnTypes = Readonly<Record<string, ColumnType>>;

interface ColumnType {
  readonly BYTES_PER_ELEMENT: number;
  new (length: number): Column;
  new (buffer: ArrayBuffer, byteOffset: number, length: number): Column;
}

/** A table as a struct of arrays: row i of every column is one item. Growing replaces the arrays: don't keep them. */
export type Columns<T extends ColumnTypes> = { [K in keyof T]: InstanceType<T[K]> };

export function createColumns<T extends ColumnTypes>(types: T, rows: number): Columns<T> {
  const columns: Record<string, Column> = {};
  for (const [name, ColumnType] of Object.entries(types)) columns[name] = new ColumnType(rows);
  // A copy, since V8 keeps a table that was filled by computed names as a hash map: each access then costs a look-up.
  return { ...columns } as Columns<T>;
}

/** Length for a table that is to grow from `length` to at least `needed`: twice as long, and by a quarter once it is large. */
export function grownLength(length: number, needed: number): number {
  return Math.max(needed, length < largeTable ? length * 2 : length + (length >> 2));
}

const largeTable = 4096;

/** Room for rows 0 to `rows` - 1; what is new is zero. */
export function ensureRows<T extends ColumnTypes>(types: T, columns: Columns<T>, rows: number): void {
  const table: Record<string, Column> = columns;
  // By name: entries would be made for each row, and most rows find room.
  for (const name in types) {
    const present = table[name]!;
    if (present.length >= rows) continue;
    const grown = createColumn(types[name]!, grownLength(present.length, Math.max(rows, 64)));
    new Uint8Array(grown.buffer).set(new Uint8Array(present.buffer, present.byteOffset, present.byteLength));
    table[name] = grown;
  }
}

/**
 * A column of a large table has pages of its own: the places of a row in its columns are then at the same distance from a
 * page's beginning, and a sample costs some percent less. Pages that are not touched take no memory.
 */
function createColumn(ColumnType: ColumnType, length: number): Column {
  const bytes = length * ColumnType.BYTES_PER_ELEMENT;
  if (length < largeTable) return new ColumnType(length);
  return new ColumnType(new ArrayBuffer(Math.max(bytes, leastOwnBytes)), 0, length);
}

/** From this size on memory is mapped by itself, unless an allocator is told otherwise. */
const leastOwnBytes = 131_072;

export function saveColumns<T extends ColumnTypes>(
  types: T,
  columns: Columns<T>,
  rows: number,
  writer: StateWriter,
): void {
  writer.number(rows);
  for (const name of Object.keys(types)) writer.column(columns[name]!, rows);
}

/** Replaces the rows by the saved ones; gives their number. */
export function loadColumns<T extends ColumnTypes>(types: T, columns: Columns<T>, reader: StateReader): number {
  const rows = reader.number();
  ensureRows(types, columns, rows);
  for (const name of Object.keys(types)) reader.column(columns[name]!);
  return rows;
}

/** Some rows by themselves, as numbers: not for columns of 64-bit integers. */
export function saveRows<T extends ColumnTypes>(
  types: T,
  columns: Columns<T>,
  from: number,
  to: number,
  writer: StateWriter,
): void {
  for (const column of numbersOf(types, columns)) for (let row = from; row < to; row += 1) writer.number(column[row]!);
}

/** Puts back what {@link saveRows} wrote, into rows that there is room for. */
export function loadRows<T extends ColumnTypes>(
  types: T,
  columns: Columns<T>,
  from: number,
  to: number,
  reader: StateReader,
): void {
  for (const column of numbersOf(types, columns))
    for (let row = from; row < to; row += 1) column[row] = reader.number();
}

function* numbersOf<T extends ColumnTypes>(types: T, columns: Columns<T>): Iterable<Exclude<Column, BigUint64Array>> {
  const table: Record<string, Column> = columns;
  for (const name of Object.keys(types)) {
    const column = table[name]!;
    if (column instanceof BigUint64Array) throw new TypeError(`${name} does not fit into numbers`);
    yield column;
  }
}
