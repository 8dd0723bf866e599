import { isAlphanumeric } from './bytes.ts';

const longestMask = 64;

/**
 * Where a mask ends that begins here, or -1: `<rule>`, or `<rule:12 hex digits>`. What was masked once is left alone, so
 * that masking again changes nothing.
 */
export function maskAt(text: Uint8Array, at: number, end: number): number {
  if (text[at] !== 0x3c) return -1;
  const latest = Math.min(end, at + longestMask);
  for (let position = at + 1; position < latest; position++) {
    const byte = text[position];
    if (byte === 0x3e) return position > at + 1 ? position + 1 : -1;
    if (isAlphanumeric[byte] === 0 && byte !== 0x2d && byte !== 0x3a) return -1;
  }
  return -1;
}
