import { createHash } from 'node:crypto';

/**
 * An id that follows from content, so that a replay of the log makes the same one again.
 * `contentId('anm', fingerprint, detector, onset)` -> `anm-1f0c…` (16 hex digits of SHA-256).
 */
export function contentId(prefix: string, ...parts: readonly (string | number)[]): string {
  return `${prefix}-${contentHash(...parts)}`;
}

/** 16 hex digits of the SHA-256 of the parts, each length-prefixed so that no two part lists collide by joining. */
export function contentHash(...parts: readonly (string | number)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) {
    const text = String(part);
    hash.update(`${text.length}:${text};`);
  }
  // Not a slice of the whole text: that would keep the whole for as long as the slice lives.
  return hash.digest().toString('hex', 0, 8);
}
