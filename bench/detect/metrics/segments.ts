/** A run of ones: first and last index, both included. */
export type Segment = readonly [first: number, last: number];

/** Runs of ones in a column of flags. */
export function segmentsOf(flags: Uint8Array): readonly Segment[] {
  const segments: Segment[] = [];
  for (let at = 0; at < flags.length; at += 1) {
    if (flags[at] === 0) continue;
    const first = at;
    while (at + 1 < flags.length && flags[at + 1] !== 0) at += 1;
    segments.push([first, at]);
  }
  return segments;
}
