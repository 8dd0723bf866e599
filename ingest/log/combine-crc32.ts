/** Bits of the polynomial of CRC-32 (IEEE 802.3), reflected. */
const polynomial = 0xed_b8_83_20;

/**
 * The CRC-32 of two stretches end to end, from theirs and the length of the second (the way of zlib's `crc32_combine`:
 * appending zeros is a matrix over GF(2), squared for each bit of the length).
 */
export function combineCrc32(first: number, second: number, secondBytes: number): number {
  let sum = first;
  let matrix = Array.from({ length: 32 }, (_, bit) => (bit === 0 ? polynomial : 2 ** (bit - 1)));
  // Of one zero bit; squared three times, of a byte.
  for (let square = 0; square < 3; square++) matrix = squared(matrix);
  for (let left = secondBytes; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) sum = times(matrix, sum);
    matrix = squared(matrix);
  }
  return (sum ^ second) >>> 0;
}

function times(matrix: readonly number[], vector: number): number {
  let sum = 0;
  for (let bit = 0; bit < 32; bit++) if ((vector >>> bit) & 1) sum ^= matrix[bit]!;
  return sum >>> 0;
}

function squared(matrix: readonly number[]): number[] {
  return matrix.map((column) => times(matrix, column));
}
