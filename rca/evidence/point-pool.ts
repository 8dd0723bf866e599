/** Points that a block holds. */
export const blockPoints = 24;

/**
 * Room for the points of many series, block by block, eight bytes a point: arrays of each series' own would cost as much
 * again, and leave holes as they grow. A pool grows by a slab at a time and moves nothing.
 */
export interface PointPool {
  /** A block that nobody has. */
  take(): number;
  give(block: number): void;
  /** The block that comes after it in its series. */
  next(block: number): number;
  setNext(block: number, next: number): void;
  setPoint(block: number, at: number, offsetMs: number, value: number): void;
  offsetMs(block: number, at: number): number;
  value(block: number, at: number): number;
}

const slabBits = 10;
const slabBlocks = 1 << slabBits;
const slabMask = slabBlocks - 1;

export function createPointPool(): PointPool {
  const offsets: Uint32Array[] = [];
  const values: Float32Array[] = [];
  const nexts: Uint32Array[] = [];
  const free: number[] = [];
  let used = 0;

  return {
    take() {
      const known = free.pop();
      if (known !== undefined) return known;
      if (used === offsets.length * slabBlocks) {
        offsets.push(new Uint32Array(slabBlocks * blockPoints));
        values.push(new Float32Array(slabBlocks * blockPoints));
        nexts.push(new Uint32Array(slabBlocks));
      }
      used += 1;
      return used - 1;
    },
    give(block) {
      free.push(block);
    },
    next: (block) => nexts[block >> slabBits][block & slabMask],
    setNext(block, next) {
      nexts[block >> slabBits][block & slabMask] = next;
    },
    setPoint(block, at, offsetMs, value) {
      const place = (block & slabMask) * blockPoints + at;
      offsets[block >> slabBits][place] = offsetMs;
      values[block >> slabBits][place] = value;
    },
    offsetMs: (block, at) => offsets[block >> slabBits][(block & slabMask) * blockPoints + at],
    value: (block, at) => values[block >> slabBits][(block & slabMask) * blockPoints + at],
  };
}
