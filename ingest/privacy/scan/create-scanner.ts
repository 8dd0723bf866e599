import type { Finder, Finding } from './finder.ts';
import { maskAt } from './mask-text.ts';

/** What was found, in order of position and never overlapping. Grown as needed and used again. */
export interface Matches {
  count: number;
  starts: Uint32Array;
  ends: Uint32Array;
  /** Index of the finder that found it. */
  finders: Uint8Array;
}

/** Looks with all finders at once for what stands in the UTF-8 bytes [start, end): one pass, linear in their number. */
export type Scanner = (text: Uint8Array, start: number, end: number) => Matches;

const lineEnd = 0x0a;
const maskStart = 0x3c;

/** The first finder that finds something at a byte has it. The answer holds until the next call. */
export function createScanner(finders: readonly Finder[]): Scanner {
  // One load says of a byte, and the one before it, whether anybody is to be asked.
  const isWorthIt = new Uint8Array(1 << 16);
  const byAnchor: { readonly finder: Finder; readonly index: number }[][] = Array.from({ length: 256 }, () => []);
  for (const [index, finder] of finders.entries()) {
    for (const character of finder.anchors) {
      const anchor = character.charCodeAt(0);
      byAnchor[anchor].push({ finder, index });
      for (let before = 0; before < 256; before++) {
        if (finder.follows === undefined || finder.follows(before, anchor)) isWorthIt[(before << 8) | anchor] = 1;
      }
    }
  }
  // A mask is passed over.
  for (let before = 0; before < 256; before++) isWorthIt[(before << 8) | maskStart] = 1;
  const finding: Finding = { start: 0, end: 0 };
  const matches: Matches = {
    count: 0,
    starts: new Uint32Array(16),
    ends: new Uint32Array(16),
    finders: new Uint8Array(16),
  };

  function add(index: number): void {
    if (matches.count === matches.starts.length) grow(matches);
    matches.starts[matches.count] = finding.start;
    matches.ends[matches.count] = finding.end;
    matches.finders[matches.count++] = index;
  }

  function findAt(text: Uint8Array, at: number, floor: number, end: number): boolean {
    const asked = byAnchor[text[at]];
    for (let position = 0; position < asked.length; position++) {
      const { finder, index } = asked[position];
      if (!finder.find(text, at, floor, end, finding)) continue;
      add(index);
      return true;
    }
    return false;
  }

  return (text, start, end) => {
    matches.count = 0;
    let floor = start;
    let at = start;
    let before = lineEnd;
    while (at < end) {
      const byte = text[at];
      if (isWorthIt[(before << 8) | byte] === 0) {
        before = byte;
        at++;
        continue;
      }
      const masked = findAt(text, at, floor, end) ? finding.end : byte === maskStart ? maskAt(text, at, end) : -1;
      if (masked > 0) floor = masked;
      at = masked > 0 ? masked : at + 1;
      before = masked > 0 ? lineEnd : byte;
    }
    return matches;
  };
}

function grow(matches: Matches): void {
  const size = matches.count * 2;
  const [starts, ends, finders] = [new Uint32Array(size), new Uint32Array(size), new Uint8Array(size)];
  starts.set(matches.starts);
  ends.set(matches.ends);
  finders.set(matches.finders);
  Object.assign(matches, { starts, ends, finders });
}
