import {
  type Columns,
  type ColumnTypes,
  createColumns,
  ensureRows,
  loadColumns,
  loadRows,
  saveColumns,
  saveRows,
} from '../checkpoint/columns.ts';
import type { StateReader } from '../checkpoint/state-reader.ts';
import type { StateWriter } from '../checkpoint/state-writer.ts';
import { createSeasonRows, type SeasonRows } from './season-rows.ts';

/**
 * What a season keeps of each series that has one: a slot of columns, and at each of a few places (days, hours, weekdays) a
 * row of values, made when the place is first lived.
 */
export interface RowSlots<T extends ColumnTypes> {
  readonly columns: Columns<T>;
  readonly rows: SeasonRows;
  /** Slots ever given. */
  readonly size: number;
  /** A slot whose columns are zero, without rows. */
  allocate(): number;
  free(slot: number): void;
  /** The row at a place, -1 where there is none. */
  rowAt(slot: number, place: number): number;
  /** The row at a place, made where there is none. */
  ownRow(slot: number, place: number): number;
  /** What the place held is forgotten: its row is a new one. */
  renewRow(slot: number, place: number): void;
  /** Median of a cell over all places, NaN where fewer than `least` know it. Written to a column: a number that a call gives may become an object. */
  readMedian(slot: number, cell: number, least: number, into: Float64Array, at: number): void;
  /**
   * What a cell reaches, downwards and upwards, in so many places at least; written one behind the other. NaN where fewer know it; the
   * first above the second where fewer than twice as many do.
   */
  readRange(slot: number, cell: number, least: number, into: Float64Array): void;
  /** One slot with its rows, to be put back into one that was allocated. */
  saveSlot(slot: number, writer: StateWriter): void;
  loadSlot(slot: number, reader: StateReader): void;
  save(writer: StateWriter): void;
  load(reader: StateReader): void;
}

export function createRowSlots<T extends ColumnTypes>(types: T, places: number, cells: number): RowSlots<T> {
  const columns = createColumns(types, 16);
  const rows = createSeasonRows(cells);
  const placeTypes = { row: Uint32Array };
  /** Row of a slot's place, plus one; 0 where it has none. */
  const placed = createColumns(placeTypes, 16 * places);
  let size = 0;
  let freed: number[] = [];
  const scratch = new Float64Array(places);
  const one = new Float64Array(1);

  function dropRow(at: number): void {
    if (placed.row[at]! > 0) rows.free(placed.row[at]! - 1);
    placed.row[at] = 0;
  }

  function ownRow(slot: number, place: number): number {
    const at = slot * places + place;
    if (placed.row[at] === 0) placed.row[at] = rows.allocate() + 1;
    return placed.row[at]! - 1;
  }

  /** Puts what is known of a cell into `scratch` in order of size; gives how many. */
  function sortCell(slot: number, cell: number): number {
    let known = 0;
    for (let place = 0; place < places; place += 1) {
      const row = placed.row[slot * places + place]! - 1;
      if (row < 0) continue;
      rows.read(row, cell, one, 0);
      const value = one[0]!;
      if (Number.isNaN(value)) continue;
      // Sorted by insertion: there are a few, and a view of them to sort would be made for every bin.
      let rank = known;
      for (; rank > 0 && scratch[rank - 1]! > value; rank -= 1) scratch[rank] = scratch[rank - 1]!;
      scratch[rank] = value;
      known += 1;
    }
    return known;
  }

  function readMedian(slot: number, cell: number, least: number, into: Float64Array, at: number): void {
    const known = sortCell(slot, cell);
    const middle = known >> 1;
    if (known < least) into[at] = Number.NaN;
    else into[at] = known % 2 === 1 ? scratch[middle]! : (scratch[middle - 1]! + scratch[middle]!) / 2;
  }

  function readRange(slot: number, cell: number, least: number, into: Float64Array): void {
    const known = sortCell(slot, cell);
    const isKnown = known >= least;
    into[0] = isKnown ? scratch[least - 1]! : Number.NaN;
    into[1] = isKnown ? scratch[known - least]! : Number.NaN;
  }

  return {
    columns,
    rows,
    get size() {
      return size;
    },
    allocate() {
      const slot = freed.pop() ?? size;
      if (slot === size) {
        size += 1;
        ensureRows(types, columns, size);
        ensureRows(placeTypes, placed, size * places);
      }
      for (const name of Object.keys(types)) columns[name]![slot] = 0;
      return slot;
    },
    free(slot) {
      for (let place = 0; place < places; place += 1) dropRow(slot * places + place);
      freed.push(slot);
    },
    rowAt: (slot, place) => placed.row[slot * places + place]! - 1,
    ownRow,
    renewRow(slot, place) {
      dropRow(slot * places + place);
      ownRow(slot, place);
    },
    readMedian,
    readRange,
    saveSlot(slot, writer) {
      saveRows(types, columns, slot, slot + 1, writer);
      for (let place = 0; place < places; place += 1) {
        const row = placed.row[slot * places + place]! - 1;
        writer.number(row < 0 ? 0 : 1);
        if (row >= 0) rows.saveRow(row, writer);
      }
    },
    loadSlot(slot, reader) {
      loadRows(types, columns, slot, slot + 1, reader);
      for (let place = 0; place < places; place += 1)
        if (reader.number() === 1) rows.loadRow(ownRow(slot, place), reader);
    },
    save(writer) {
      saveColumns(types, columns, size, writer);
      saveColumns(placeTypes, placed, size * places, writer);
      rows.save(writer);
      writer.json(freed);
    },
    load(reader) {
      size = loadColumns(types, columns, reader);
      loadColumns(placeTypes, placed, reader);
      rows.load(reader);
      freed = reader.json<number[]>();
    },
  };
}
