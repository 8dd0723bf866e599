/** What a finder found: the bytes [start, end). One object for all, so that nothing is allocated. */
export interface Finding {
  start: number;
  end: number;
}

/**
 * Looks for one thing in UTF-8 bytes. It is asked where a byte of `anchors` stands, from left to right; it may look back
 * as far as `floor` and forward as far as `end`. What it reads without finding anything must be bounded, or read a bounded
 * number of times in all, so that a text takes time linear in its length.
 */
export interface Finder {
  readonly anchors: string;
  /**
   * Whether it is worth asking where this byte stands behind that one; always, where it is absent. Behind nothing, at the
   * start of a text or of what is left after a match, stands a line's end.
   */
  readonly follows?: (before: number, anchor: number) => boolean;
  find(text: Uint8Array, at: number, floor: number, end: number, finding: Finding): boolean;
}
