import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';

const level = { params: { [constants.ZSTD_c_compressionLevel]: 3 } };

/**
 * Float64 columns as zstd of their bits' differences from row to row, byte plane by byte plane: what a scrape repeats
 * (an interval, a constant, a counter's step) becomes runs of one byte. ClickHouse's Delta codec takes differences of
 * floats' bits in the same way; planes are those of Blosc's shuffle.
 */
export function packColumns(columns: readonly Float64Array[], rows: number): Uint8Array {
  const planes = Buffer.alloc(columns.length * rows * 8);
  for (const [number, column] of columns.entries()) {
    const words = new Uint32Array(column.buffer, column.byteOffset, rows * 2);
    const at = number * rows * 8;
    let low = 0;
    let high = 0;
    for (let row = 0; row < rows; row++) {
      const newLow = words[row * 2];
      const newHigh = words[row * 2 + 1];
      const lowDifference = (newLow - low) >>> 0;
      const highDifference = (newHigh - high - (newLow < low ? 1 : 0)) >>> 0;
      const place = at + row;
      planes[place] = lowDifference;
      planes[place + rows] = lowDifference >>> 8;
      planes[place + 2 * rows] = lowDifference >>> 16;
      planes[place + 3 * rows] = lowDifference >>> 24;
      planes[place + 4 * rows] = highDifference;
      planes[place + 5 * rows] = highDifference >>> 8;
      planes[place + 6 * rows] = highDifference >>> 16;
      planes[place + 7 * rows] = highDifference >>> 24;
      low = newLow;
      high = newHigh;
    }
  }
  return zstdCompressSync(planes, level);
}

/** What {@link packColumns} made, as `count` columns. */
export function unpackColumns(packed: Uint8Array, count: number): Float64Array[] {
  const planes = zstdDecompressSync(packed);
  const rows = planes.byteLength / (count * 8);
  return Array.from({ length: count }, (_, number) => {
    const column = new Float64Array(rows);
    const words = new Uint32Array(column.buffer);
    const at = number * rows * 8;
    let low = 0;
    let high = 0;
    for (let row = 0; row < rows; row++) {
      const place = at + row;
      const lowDifference =
        planes[place] |
        (planes[place + rows] << 8) |
        (planes[place + 2 * rows] << 16) |
        (planes[place + 3 * rows] << 24);
      const highDifference =
        planes[place + 4 * rows] |
        (planes[place + 5 * rows] << 8) |
        (planes[place + 6 * rows] << 16) |
        (planes[place + 7 * rows] << 24);
      const newLow = (low + lowDifference) >>> 0;
      high = (high + highDifference + (newLow < low ? 1 : 0)) >>> 0;
      low = newLow;
      words[row * 2] = low;
      words[row * 2 + 1] = high;
    }
    return column;
  });
}
