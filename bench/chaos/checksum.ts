/**
 * The value that a series has at a tick: an integer below 2^32 that tells both, so that a sample under another's name, at
 * another's time or torn is seen, and sums of them are exact. The finalizer of murmur3.
 */
export function checksum(seed: number, row: number, tick: number): number {
  let hash = seed ^ Math.imul(row + 1, 0x9e3779b1) ^ Math.imul(tick + 1, 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
