import type { StateReader } from '../checkpoint/state-reader.ts';
import { createStateWriter, type StateWriter } from '../checkpoint/state-writer.ts';
import type { ForecastModel, Normaliser } from '../lstm/index.ts';
import type { SeriesColumns } from './series-columns.ts';

/** Places in the network and its normaliser, given to the series that move. */
export interface ModelSlots {
  /** The place of a series, given on first need; -1 for one that stands still. */
  of(slot: number): number;
  /** The network forgets what it saw of this place. */
  reset(place: number): void;
  /** The series is no more: its place may go to another. */
  release(slot: number): void;
  /** What the normaliser knows of a series that has a place; the network's memory of it is not among it. */
  saveSlot(slot: number, writer: StateWriter): void;
  /** Gives a series a place with what was saved of another time. */
  loadSlot(slot: number, reader: StateReader): void;
  /** What the normaliser knows, and who has which place. */
  save(writer: StateWriter): void;
  saveNetwork(writer: StateWriter): void;
  /** The same in pieces, made without keeping this thread and without a further copy. */
  networkPieces(): Iterable<Promise<Uint8Array>>;
  /** Reads what `save` wrote. Throws a RangeError where the normaliser is of another shape. */
  load(reader: StateReader): void;
  /** Reads what `saveNetwork` wrote, behind `load`; false where it is of other weights: the network then starts anew on every series. */
  loadNetwork(reader: StateReader): boolean;
}

/** A series that moved less often than this is a setting, and is not forecast. */
export const settledChanges = 8;
/** A gap of so many intervals makes the network's memory of a series void. */
export const forgetIntervals = 60;
/** Three megabytes of states. */
const placesPerPiece = 4096;

export function createModelSlots(deps: {
  readonly model: Pick<ForecastModel, 'ensure' | 'reset' | 'save' | 'savedBytes' | 'saveSoon' | 'load'>;
  readonly normaliser: Normaliser;
  readonly columns: Pick<SeriesColumns, 'model' | 'changes'>;
}): ModelSlots {
  const { model, normaliser, columns } = deps;
  let size = 0;
  let free: number[] = [];

  function give(slot: number): number {
    const taken = free.pop() ?? size;
    if (taken === size) {
      size += 1;
      model.ensure(size);
      normaliser.ensure(size);
    }
    model.reset(taken);
    normaliser.reset(taken);
    columns.model[slot] = taken + 1;
    return taken;
  }

  return {
    of(slot) {
      const given = columns.model[slot]!;
      if (given > 0) return given - 1;
      return columns.changes[slot]! < settledChanges ? -1 : give(slot);
    },
    reset: (place) => model.reset(place),
    release(slot) {
      const place = columns.model[slot]! - 1;
      if (place < 0) return;
      model.reset(place);
      normaliser.reset(place);
      free.push(place);
    },
    saveSlot(slot, writer) {
      const known = normaliser.take(columns.model[slot]! - 1);
      writer.column(known, known.length);
    },
    loadSlot(slot, reader) {
      const place = give(slot);
      const known = normaliser.take(place);
      reader.column(known);
      normaliser.put(place, known);
    },
    save(writer) {
      writer.json({ size, free });
      writer.bytes(normaliser.save(size));
    },
    saveNetwork: (writer) => writer.bytes(model.save(size)),
    *networkPieces() {
      const writer = createStateWriter();
      writer.number(model.savedBytes(size));
      yield Promise.resolve(writer.finish());
      yield model.saveSoon(0, Math.min(size, placesPerPiece));
      for (let from = placesPerPiece; from < size; from += placesPerPiece)
        yield model.saveSoon(from, Math.min(size, from + placesPerPiece));
    },
    load(reader) {
      ({ size, free } = reader.json<{ size: number; free: number[] }>());
      model.ensure(size);
      normaliser.ensure(size);
      if (!normaliser.load(reader.bytes())) throw new RangeError('the normaliser is of another shape');
    },
    loadNetwork(reader) {
      const isOurs = model.load(reader.bytes());
      if (!isOurs) for (let place = 0; place < size; place += 1) model.reset(place);
      return isOurs;
    },
  };
}
