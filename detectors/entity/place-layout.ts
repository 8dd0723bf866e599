import { jointDoubles } from './joint-state.ts';
import type { Place } from './place-pool.ts';

/** What an entity of so many metrics has of its own: numbers of its rows, the rows that wait, and the packed joint state. */
export interface Placed {
  width: number;
  place: Place;
}

/** Rows that wait for their last metrics. */
export const waitingRows = 4;

/** The numbers that a place begins with. */
export const rowNumbers = {
  /** Milliseconds between rows. */
  intervalMs: 0,
  /** The newest row begun, and its first sample's time. */
  newest: 1,
  anchorMs: 2,
  /** The last row closed, the last one that held anything, and how many metrics it got, late ones included. */
  closed: 3,
  told: 4,
  expected: 5,
  late: 6,
} as const;

const numbers = Object.keys(rowNumbers).length;

/** Doubles that a waiting row takes: the time of its first sample, how many metrics it has, and their values. */
export function rowDoubles(width: number): number {
  return width + 2;
}

/** Where a waiting row begins within the place's floats. */
export function rowStart({ width, place }: Placed, index: number): number {
  return place.at + numbers + (index % waitingRows) * rowDoubles(width);
}

/** Where the joint state begins within the place's words. */
export function jointStart({ width, place }: Placed): number {
  return 2 * (place.at + numbers + waitingRows * rowDoubles(width));
}

export function placeDoubles(width: number): number {
  return numbers + waitingRows * rowDoubles(width) + jointDoubles(width);
}

export function intervalOf({ place }: Placed): number {
  return place.floats[place.at + rowNumbers.intervalMs]!;
}

export function keepInterval({ place }: Placed, intervalMs: number): void {
  place.floats[place.at + rowNumbers.intervalMs] = intervalMs;
}
