import { isHeaderWord } from './header-words.ts';
import { free, isVariable, wild } from './tokenize.ts';

/** Constant tokens looked for at the beginning of a line, and how far. */
const keyTokens = 2;
const keyReach = 4;
const longestHeader = 8;

/** How many tokens at a line's beginning say only when and how bad: times, numbers, days, levels. One is always left. */
export function headerLength(tokens: Uint32Array, count: number): number {
  let at = 0;
  while (at < longestHeader && at < count - 1 && (isVariable(tokens[at]!) || isHeaderWord(tokens[at]!))) at += 1;
  return at;
}

/**
 * The leaf a line belongs to: its number of tokens and its first constant ones (Drain's tree, flattened). `hole` is the
 * place of a token taken for a variable, -1 for none.
 */
export function leafKey(tokens: Uint32Array, count: number, hole = -1): number {
  const from = headerLength(tokens, count);
  let hash = Math.imul(count + 1, 0x9e3779b1);
  let found = 0;
  for (let at = from; at < Math.min(count, from + keyReach) && found < keyTokens; at += 1) {
    if (at === hole || isVariable(tokens[at]!)) continue;
    hash = Math.imul(hash ^ tokens[at]!, 0x85ebca6b) ^ (hash >>> 13);
    found += 1;
  }
  return (count * 4 + found) * 2 ** 32 + (hash >>> 0);
}

/** The places of the tokens that {@link leafKey} goes by. */
export function keyPlaces(tokens: Uint32Array, count: number): readonly number[] {
  const from = headerLength(tokens, count);
  const places: number[] = [];
  for (let at = from; at < Math.min(count, from + keyReach) && places.length < keyTokens; at += 1) {
    if (!isVariable(tokens[at]!)) places.push(at);
  }
  return places;
}

/**
 * A fold of the tokens to 53 bits in which variables that follow each other count once, so that lists of different length
 * are the same; words that vary count each. `hole` is the place of a token taken for a variable, -1 for none.
 */
export function canonicalFold(tokens: Uint32Array, count: number, hole: number): number {
  let high = 0x5bd1e995;
  let low = 0x811c9dc5;
  let before = -1;
  for (let at = 0; at < count; at += 1) {
    const token = at === hole ? free : tokens[at]!;
    if (token === wild && before === wild) continue;
    before = token;
    low = Math.imul(low ^ token, 0x01000193);
    low ^= low >>> 15;
    high = Math.imul(high ^ token, 0x85ebca6b);
    high ^= high >>> 13;
  }
  return (high & 0x1fffff) * 2 ** 32 + (low >>> 0);
}

/** A fold of the tokens as they are. */
export function lineFold(tokens: Uint32Array, count: number): number {
  let high = count;
  let low = 0x811c9dc5;
  for (let at = 0; at < count; at += 1) {
    low = Math.imul(low ^ tokens[at]!, 0x01000193);
    low ^= low >>> 15;
    high = Math.imul(high ^ tokens[at]!, 0x85ebca6b);
    high ^= high >>> 13;
  }
  return (high & 0x1fffff) * 2 ** 32 + (low >>> 0);
}

/** Whether anything but variables is left with the token at `hole` taken for one. */
export function hasConstant(tokens: Uint32Array, hole: number): boolean {
  for (let at = 0; at < tokens.length; at += 1) if (at !== hole && !isVariable(tokens[at]!)) return true;
  return false;
}
