/** Where UTF-8 may be cut so that at most `limit` bytes stay: never inside a character. */
export function cutAt(text: Uint8Array, limit: number): number {
  if (text.length <= limit) return text.length;
  let end = limit;
  while (end > 0 && (text[end] & 0xc0) === 0x80) end--;
  return end;
}
