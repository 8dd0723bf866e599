/**
 * Where the numbers of one entity lie: `size` doubles from `at` on in a slab that it shares with others of its size, which
 * can be written as 32-bit words too.
 */
export interface Place {
  readonly floats: Float64Array;
  readonly words: Int32Array;
  readonly at: number;
  readonly size: number;
}

/** Arrays of each entity's own would take half as much again for what holds them, and leave holes. */
export interface PlacePool {
  /** A place that nobody has, all zero. */
  take(size: number): Place;
  give(place: Place): void;
}

const slabDoubles = 1 << 15;

export function createPlacePool(): PlacePool {
  const freeBySize = new Map<number, Place[]>();

  /** Cut up when it is needed, so that what was never taken is not touched. */
  function refill(free: Place[], size: number): void {
    const count = Math.max(1, Math.floor(slabDoubles / size));
    const floats = new Float64Array(count * size);
    const words = new Int32Array(floats.buffer);
    for (let place = count - 1; place >= 0; place -= 1) free.push({ floats, words, at: place * size, size });
  }

  return {
    take(size) {
      let free = freeBySize.get(size);
      if (free === undefined) {
        free = [];
        freeBySize.set(size, free);
      }
      if (free.length === 0) refill(free, size);
      return free.pop()!;
    },
    give(place) {
      place.floats.fill(0, place.at, place.at + place.size);
      freeBySize.get(place.size)!.push(place);
    },
  };
}
