import { type Columns, createColumns, ensureRows, loadColumns, saveColumns } from '../checkpoint/columns.ts';
import type { StateReader } from '../checkpoint/state-reader.ts';
import type { StateWriter } from '../checkpoint/state-writer.ts';

const binMs = 900_000;
const binsPerDay = 96;
const days = 7;
const cells = days * binsPerDay;
/** A season is believed once its time of day was seen on this many days (Datadog asks for three periods as well). */
const knownDays = 3;

const columnTypes = {
  /** Number of the 15-minute bin since the epoch that is being filled. */
  bin: Float64Array,
  sum: Float64Array,
  points: Uint32Array,
  /** Median of this time of day at the last bin border and at the next one; NaN while unknown. */
  here: Float64Array,
  next: Float64Array,
};

/** Daily profiles, one slot a series: the median, over the last seven days, of the 15-minute mean at a time of day. */
export interface SeasonProfiles {
  /** A new, empty slot. */
  allocate(): number;
  free(slot: number): void;
  /** Takes a value in. True when the profile has just moved to another bin. */
  observe(slot: number, timeMs: number, value: number): boolean;
  /** The season's value at a time within the bin last observed, interpolated; NaN while unknown. */
  at(slot: number, timeMs: number): number;
  save(writer: StateWriter): void;
  load(reader: StateReader): void;
}

/**
 * Seven-day medians of bins need no care about incidents: one bad day of three does not move a median. The cost is
 * 2.7 KiB a series, which is why a slot is given only to series that move and have lived for a bin.
 */
export function createSeasonProfiles(): SeasonProfiles {
  const columns: Columns<typeof columnTypes> = createColumns(columnTypes, 16);
  let means = new Float32Array(16 * cells).fill(Number.NaN);
  let size = 0;
  let freed: number[] = [];
  const scratch = new Float64Array(days);

  function clear(slot: number): void {
    columns.bin[slot] = Number.NaN;
    columns.sum[slot] = 0;
    columns.points[slot] = 0;
    columns.here[slot] = Number.NaN;
    columns.next[slot] = Number.NaN;
    means.fill(Number.NaN, slot * cells, (slot + 1) * cells);
  }

  function reserve(rows: number): void {
    ensureRows(columnTypes, columns, rows);
    if (means.length >= rows * cells) return;
    const grown = new Float32Array(Math.max(rows * cells, means.length * 2)).fill(Number.NaN);
    grown.set(means);
    means = grown;
  }

  function medianAt(slot: number, bin: number): number {
    let known = 0;
    const first = slot * cells + positiveModulo(bin, binsPerDay) * days;
    for (let day = 0; day < days; day += 1) {
      const mean = means[first + day]!;
      if (!Number.isNaN(mean)) {
        scratch[known] = mean;
        known += 1;
      }
    }
    if (known < knownDays) return Number.NaN;
    const sorted = scratch.subarray(0, known).sort();
    const middle = known >> 1;
    return known % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
  }

  function enter(slot: number, bin: number): void {
    const left = columns.bin[slot]!;
    if (columns.points[slot]! > 0) {
      const day = positiveModulo(Math.floor(left / binsPerDay), days);
      means[slot * cells + positiveModulo(left, binsPerDay) * days + day] = columns.sum[slot]! / columns.points[slot]!;
    }
    // Bin means sit at bin middles; a border lies half-way between two of them.
    const before = medianAt(slot, bin - 1);
    const own = medianAt(slot, bin);
    const after = medianAt(slot, bin + 1);
    columns.here[slot] = (before + own) / 2;
    columns.next[slot] = (own + after) / 2;
    columns.bin[slot] = bin;
    columns.sum[slot] = 0;
    columns.points[slot] = 0;
  }

  return {
    allocate: () => {
      const slot = freed.pop() ?? size;
      if (slot === size) {
        size += 1;
        reserve(size);
      }
      clear(slot);
      return slot;
    },
    free: (slot) => {
      freed.push(slot);
    },
    observe: (slot, timeMs, value) => {
      const bin = Math.floor(timeMs / binMs);
      const moved = bin !== columns.bin[slot];
      if (moved) enter(slot, bin);
      columns.sum[slot] = columns.sum[slot]! + value;
      columns.points[slot] = columns.points[slot]! + 1;
      return moved;
    },
    at: (slot, timeMs) => {
      const share = timeMs / binMs - columns.bin[slot]!;
      const here = columns.here[slot]!;
      return here + (columns.next[slot]! - here) * Math.min(Math.max(share, 0), 1);
    },
    save: (writer) => {
      saveColumns(columnTypes, columns, size, writer);
      writer.column(means, size * cells);
      writer.json(freed);
    },
    load: (reader) => {
      size = loadColumns(columnTypes, columns, reader);
      reserve(size);
      reader.column(means);
      freed = reader.json<number[]>();
    },
  };
}

function positiveModulo(value: number, by: number): number {
  return ((value % by) + by) % by;
}
