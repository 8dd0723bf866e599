import type { SeriesCatalog, SeriesDefinition } from '../../model/index.ts';
import type { StateReader } from '../checkpoint/state-reader.ts';
import type { StateWriter } from '../checkpoint/state-writer.ts';

const unseen = -1;
const unscored = -2;
/** And below: it was put aside, at row 0 and following. */
const firstAside = -3;

/** Which dense slot a catalogue id has. Slots of forgotten series are given out again. */
export interface SlotTable {
  readonly unseen: typeof unseen;
  /** Slots ever given out: the length of tables by slot. */
  readonly size: number;
  /** Slots in use. */
  readonly used: number;
  /** The slot, `unseen`, or another negative number for a series that is never scored. */
  slotOf(series: number): number;
  /** Gives an unseen series a slot, or notes that it is not to be scored. */
  take(series: number): number;
  release(slot: number, series: number): void;
  /** The row that a series without a slot was put aside at, from what `slotOf` says; negative where it was not. */
  rowAside(slot: number): number;
  /** A series without a slot was put aside at this row; -1: it is unseen again. */
  putAside(series: number, row: number): void;
  /** Slots in use, ascending; releasing the current one meanwhile is fine. */
  forEachSlot(visit: (slot: number) => void): void;
  save(writer: StateWriter): void;
  /** Throws RangeError where the catalogue does not hold these series. */
  load(reader: StateReader): void;
}

export function createSlotTable(
  catalog: SeriesCatalog,
  isScored: (definition: SeriesDefinition) => boolean,
): SlotTable {
  let slots = new Int32Array(1024).fill(unseen);
  let seriesOf: number[] = [];
  let free: number[] = [];

  function reserve(series: number): void {
    if (series < slots.length) return;
    const grown = new Int32Array(Math.max(series + 1, slots.length * 2)).fill(unseen);
    grown.set(slots);
    slots = grown;
  }

  return {
    unseen,
    get size() {
      return seriesOf.length;
    },
    get used() {
      return seriesOf.length - free.length;
    },
    slotOf: (series) => (series < slots.length ? slots[series]! : unseen),
    take: (series) => {
      reserve(series);
      if (!isScored(catalog.get(series))) {
        slots[series] = unscored;
        return unscored;
      }
      const slot = free.pop() ?? seriesOf.length;
      seriesOf[slot] = series;
      slots[series] = slot;
      return slot;
    },
    release: (slot, series) => {
      slots[series] = unseen;
      seriesOf[slot] = -1;
      free.push(slot);
    },
    rowAside: (slot) => firstAside - slot,
    putAside: (series, row) => {
      reserve(series);
      slots[series] = row < 0 ? unseen : firstAside - row;
    },
    forEachSlot: (visit) => {
      for (let slot = 0; slot < seriesOf.length; slot += 1) if (seriesOf[slot]! >= 0) visit(slot);
    },
    save: (writer) => {
      writer.json({ seriesOf, free });
      // Numbers are this installation's; the fingerprints tell whether it is still the same one.
      writer.json(seriesOf.map((series) => (series < 0 ? '' : catalog.get(series).fingerprint)));
    },
    load: (reader) => {
      const saved = reader.json<{ seriesOf: number[]; free: number[] }>();
      const fingerprints = reader.json<string[]>();
      slots.fill(unseen);
      seriesOf = saved.seriesOf;
      free = saved.free;
      for (const [slot, series] of seriesOf.entries()) {
        if (series < 0) continue;
        if (series >= catalog.size || catalog.get(series).fingerprint !== fingerprints[slot]) {
          throw new RangeError(`series ${series} of the state is not in the catalogue`);
        }
        reserve(series);
        slots[series] = slot;
      }
    },
  };
}
