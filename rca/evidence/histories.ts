import { blockPoints, createPointPool, type PointPool } from './point-pool.ts';

/**
 * What is kept of many series besides their points, by row. Columns are replaced as they grow: don't keep them. Objects and
 * lists of blocks of each series' own would take as much as some twenty points.
 */
export interface Histories {
  readonly pool: PointPool;
  /** Time that points are whole milliseconds after. */
  baseMs: Float64Array;
  /** The oldest and the newest of its blocks, points of the oldest that are given up, and points there are. */
  oldest: Uint32Array;
  newest: Uint32Array;
  start: Uint8Array;
  length: Uint32Array;
  /** Raw value and time of the last sample, for rates of counters. */
  rawTimeMs: Float64Array;
  rawValue: Float64Array;
  /** When the graph last heard of it. */
  announcedMs: Float64Array;
}

export interface HistoryRows extends Histories {
  /** A row without points that nobody has. */
  take(): number;
  /** Gives up all of its points: nothing of it is to be used afterwards. */
  give(row: number): void;
}

const firstRows = 16;

export function createHistories(pool: PointPool = createPointPool()): HistoryRows {
  const free: number[] = [];
  let used = 0;

  const histories: HistoryRows = {
    pool,
    baseMs: new Float64Array(firstRows),
    oldest: new Uint32Array(firstRows),
    newest: new Uint32Array(firstRows),
    start: new Uint8Array(firstRows),
    length: new Uint32Array(firstRows),
    rawTimeMs: new Float64Array(firstRows),
    rawValue: new Float64Array(firstRows),
    announcedMs: new Float64Array(firstRows),
    take() {
      const row = free.pop() ?? used++;
      if (row === histories.length.length) grow(histories);
      histories.baseMs[row] = 0;
      histories.start[row] = 0;
      histories.length[row] = 0;
      histories.rawTimeMs[row] = Number.NEGATIVE_INFINITY;
      histories.rawValue[row] = Number.NaN;
      histories.announcedMs[row] = Number.NEGATIVE_INFINITY;
      return row;
    },
    give(row) {
      let block = histories.oldest[row];
      for (let left = blocksOf(histories, row); left > 0; left -= 1) {
        const next = pool.next(block);
        pool.give(block);
        block = next;
      }
      histories.length[row] = 0;
      free.push(row);
    },
  };
  return histories;
}

function blocksOf({ start, length }: Histories, row: number): number {
  return Math.ceil((start[row] + length[row]) / blockPoints);
}

function grow(histories: Histories): void {
  const { length } = histories.length;
  const rows = length < 4096 ? length * 2 : length + (length >> 2);
  histories.baseMs = copied(histories.baseMs, new Float64Array(rows));
  histories.oldest = copied(histories.oldest, new Uint32Array(rows));
  histories.newest = copied(histories.newest, new Uint32Array(rows));
  histories.start = copied(histories.start, new Uint8Array(rows));
  histories.length = copied(histories.length, new Uint32Array(rows));
  histories.rawTimeMs = copied(histories.rawTimeMs, new Float64Array(rows));
  histories.rawValue = copied(histories.rawValue, new Float64Array(rows));
  histories.announcedMs = copied(histories.announcedMs, new Float64Array(rows));
}

function copied<T extends Float64Array | Uint32Array | Uint8Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
