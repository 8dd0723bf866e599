import {
  type Columns,
  createColumns,
  ensureRows,
  grownLength,
  loadColumns,
  loadRows,
  saveColumns,
  saveRows,
} from '../checkpoint/columns.ts';
import type { StateReader } from '../checkpoint/state-reader.ts';
import type { StateWriter } from '../checkpoint/state-writer.ts';

const scales = 4;
const blocks = 12;
/** Samples in a block of the finest scale; each further scale's block holds four of the one before. */
const blockSamples = 4;
/** Of the 66 pairs of 12 blocks so many more must rise than fall: 3.4 standard deviations of Mann-Kendall's S. */
const criticalPairs = 50;
/** Growth over the blocks must be so many times what a block scatters around the rising line. */
const noiseFactor = 4;

/** One row a slot and scale: row `slot * scales + scale`. */
const columnTypes = {
  /** Block means in the ring, and values in the open block with their sum. */
  filled: Uint8Array,
  open: Uint8Array,
  sum: Float64Array,
  /** Growth over the ring; 0 where there is no trend. */
  growth: Float64Array,
  /** Highest healthy block mean that has left the ring: what the series is known to reach. */
  highWater: Float64Array,
};

/** One row a slot: the first block mean of its life, which the others are kept as distances from. */
const slotTypes = { origin: Float64Array };

/** Of what is farther from the origin single precision would make infinity. */
const farthest = 3e38;

/** What a trend takes in: a value, and how much growth matters. An object that is used again. */
export interface TrendSample {
  readonly value: number;
  readonly material: number;
}

/**
 * Slow growth of what fills up. A leak's single steps are too small for any residual, so block means of 4, 16, 64 and
 * 256 samples are kept, twelve of each, and tested for a monotone rise (Mann 1945, Kendall 1975), for a size beyond the
 * scatter, and for new territory: a level that the series was never seen at before, which daily rhythms and garbage
 * collection saw-teeth don't reach.
 */
export interface TrendView {
  allocate(): number;
  free(slot: number): void;
  /** Begins the windows anew, after a step that is no trend. What the series is known to reach stays. */
  restart(slot: number): void;
  /**
   * Takes a value in. `healthy` false keeps it out of what the series is known to reach. Growth of `material` size that
   * is half given back is forgotten at once, and not only when it has left the window. `age` in samples: windows longer
   * than half of a series' life say nothing, since what has just started fills up.
   */
  observe(slot: number, sample: TrendSample, healthy: boolean, age: number): void;
  /** Growth, in the series' unit, of the largest present trend; 0 where there is none. */
  growth(slot: number): number;
  /** Where the window of the largest present trend began, as a value. */
  start(slot: number): number;
  /** One slot, to be put back into one that was allocated. */
  saveSlot(slot: number, writer: StateWriter): void;
  loadSlot(slot: number, reader: StateReader): void;
  save(writer: StateWriter): void;
  load(reader: StateReader): void;
}

export function createTrendView(): TrendView {
  const columns: Columns<typeof columnTypes> = createColumns(columnTypes, 16 * scales);
  const slots: Columns<typeof slotTypes> = createColumns(slotTypes, 16);
  /** Twelve block means a row, oldest first, less the slot's origin: so they keep seven digits of what moves. */
  let rings = new Float32Array(16 * scales * blocks);
  let size = 0;
  let freed: number[] = [];

  function reserve(rows: number): void {
    ensureRows(columnTypes, columns, rows);
    ensureRows(slotTypes, slots, rows / scales);
    if (rings.length >= rows * blocks) return;
    const grown = new Float32Array(blocks * grownLength(rings.length / blocks, rows));
    grown.set(rings);
    rings = grown;
  }

  function clear(slot: number): void {
    const first = slot * scales;
    columns.filled.fill(0, first, first + scales);
    columns.open.fill(0, first, first + scales);
    columns.sum.fill(0, first, first + scales);
    columns.growth.fill(0, first, first + scales);
  }

  /** A value goes into the finest scale's block; a full block's mean into the next scale's. */
  function add(slot: number, sample: TrendSample, healthy: boolean, age: number): void {
    let { value } = sample;
    for (let scale = 0; scale < scales; scale += 1) {
      const row = slot * scales + scale;
      const sum = columns.sum[row]! + value;
      if (columns.open[row]! + 1 < blockSamples) {
        columns.sum[row] = sum;
        columns.open[row] = columns.open[row]! + 1;
        return;
      }
      columns.sum[row] = 0;
      columns.open[row] = 0;
      value = sum / blockSamples;
      const ring = row * blocks;
      if (columns.filled[slot * scales] === 0) slots.origin[slot] = value;
      const distance = Math.max(-farthest, Math.min(farthest, value - slots.origin[slot]!));
      if (columns.filled[row]! < blocks) {
        rings[ring + columns.filled[row]!] = distance;
        columns.filled[row] = columns.filled[row]! + 1;
      } else {
        const leaving = slots.origin[slot]! + rings[ring]!;
        if (healthy && !(columns.highWater[row]! >= leaving)) columns.highWater[row] = leaving;
        rings.copyWithin(ring, ring + 1, ring + blocks);
        rings[ring + blocks - 1] = distance;
      }
      const ripe = columns.filled[row] === blocks && age >= 2 * blocks * blockSamples ** (scale + 1);
      columns.growth[row] = ripe ? growthOf(slot, row) : 0;
    }
  }

  /** The tests in the order of what they cost: of most series the first ones say no. */
  function growthOf(slot: number, row: number): number {
    const ring = row * blocks;
    const last = rings[ring + blocks - 1]!;
    const growth = last - rings[ring]!;
    const known = columns.highWater[row]! - slots.origin[slot]!;
    if (!(growth > 0) || last < known + growth / 2) return 0;
    let bends = 0;
    for (let at = 1; at < blocks - 1; at += 1) {
      // Second differences vanish on a line and hold six times the variance of the noise.
      const bend = rings[ring + at + 1]! - 2 * rings[ring + at]! + rings[ring + at - 1]!;
      bends += bend * bend;
    }
    const noise = Math.sqrt(bends / (6 * (blocks - 2)));
    if (growth < noiseFactor * noise || risingPairs(ring) < criticalPairs) return 0;
    // Without a past at this scale the rise may be a rhythm: it counts half.
    return Number.isNaN(known) ? growth / 2 : growth;
  }

  function risingPairs(ring: number): number {
    let pairs = 0;
    for (let late = 1; late < blocks; late += 1) {
      for (let early = 0; early < late; early += 1) {
        const difference = rings[ring + late]! - rings[ring + early]!;
        pairs += difference > 0 ? 1 : difference < 0 ? -1 : 0;
      }
    }
    return pairs;
  }

  /** The last block mean of the finest scale, from the origin. */
  function newest(slot: number): number {
    const row = slot * scales;
    return rings[row * blocks + columns.filled[row]! - 1]!;
  }

  function largest(slot: number): number {
    let best = slot * scales;
    for (let row = best + 1; row < (slot + 1) * scales; row += 1) {
      if (columns.growth[row]! > columns.growth[best]!) best = row;
    }
    return best;
  }

  return {
    allocate: () => {
      const slot = freed.pop() ?? size;
      if (slot === size) {
        size += 1;
        reserve(size * scales);
      }
      clear(slot);
      columns.highWater.fill(Number.NaN, slot * scales, (slot + 1) * scales);
      return slot;
    },
    free: (slot) => {
      freed.push(slot);
    },
    restart: clear,
    observe: (slot, sample, healthy, age) => {
      add(slot, sample, healthy, age);
      // Only with a full block is there anything new.
      if (columns.open[slot * scales] !== 0) return;
      const row = largest(slot);
      if (columns.growth[row]! < sample.material) return;
      if (newest(slot) < rings[row * blocks]! + columns.growth[row]! / 2) clear(slot);
    },
    growth: (slot) => columns.growth[largest(slot)]!,
    start: (slot) => slots.origin[slot]! + rings[largest(slot) * blocks]!,
    saveSlot(slot, writer) {
      saveRows(columnTypes, columns, slot * scales, (slot + 1) * scales, writer);
      saveRows(slotTypes, slots, slot, slot + 1, writer);
      writer.column(rings.subarray(slot * scales * blocks, (slot + 1) * scales * blocks), scales * blocks);
    },
    loadSlot(slot, reader) {
      loadRows(columnTypes, columns, slot * scales, (slot + 1) * scales, reader);
      loadRows(slotTypes, slots, slot, slot + 1, reader);
      reader.column(rings.subarray(slot * scales * blocks, (slot + 1) * scales * blocks));
    },
    save: (writer) => {
      saveColumns(columnTypes, columns, size * scales, writer);
      saveColumns(slotTypes, slots, size, writer);
      writer.column(rings, size * scales * blocks);
      writer.json(freed);
    },
    load: (reader) => {
      size = loadColumns(columnTypes, columns, reader) / scales;
      loadColumns(slotTypes, slots, reader);
      reserve(size * scales);
      reader.column(rings);
      freed = reader.json<number[]>();
    },
  };
}
