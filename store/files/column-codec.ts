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
      for (let byte = 0; byte < 4; byte++) {
        planes[at + byte * rows + row] = lowDifference >>> (byte * 8);
        planes[at + (byte + 4) * rows + row] = highDifference >>> (byte * 8);
      }
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
      let lowDifference = 0;
      let highDifference = 0;
      for (let byte = 3; byte >= 0; byte--) {
        lowDifference = (lowDifference << 8) | planes[at + byte * rows + row];
        highDifference = (highDifference << 8) | planes[at + (byte + 4) * rows + row];
      }
      const newLow = (low + lowDifference) >>> 0;
      high = (high + highDifference + (newLow < low ? 1 : 0)) >>> 0;
      low = newLow;
      words[row * 2] = low;
      words[row * 2 + 1] = high;
    }
    return column;
  });
}
