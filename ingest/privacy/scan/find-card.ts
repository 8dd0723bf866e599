import { code, isAlphanumeric, isDigit, isHex, runEnd, runStart } from './bytes.ts';
import type { Finder } from './finder.ts';

const zero = code('0');
const dot = code('.');
const longest = 19;
/** How the digits of cards are grouped where they are. */
const layouts: readonly (readonly number[])[] = [
  [4, 4, 4, 4, 3],
  [4, 4, 4, 4],
  [4, 6, 5],
  [4, 6, 4],
];
const leastHexId = 24;

/** Digits of the number that is looked at. */
const digits = new Uint8Array(longest);

/**
 * Payment cards: 13 to 19 digits, plain or in the groups of cards, that begin as an issuer's do and whose Luhn sum
 * (ISO/IEC 7812-1, annex B) is right. One in ten numbers that begin so looks like a card and is none.
 */
export const cardFinder: Finder = {
  anchors: '23456',
  follows: (before) => isDigit[before] === 0,
  find(text, at, floor, end, finding) {
    if (at > floor && isDigit[text[at - 1]] === 1) return false;
    const first = runEnd(text, at, Math.min(at + longest + 1, end), isDigit);
    const count = first - at;
    let stop = -1;
    if (count === 4) stop = groupedEnd(text, at, end);
    else if (count >= 13 && count <= longest) {
      for (let index = 0; index < count; index++) digits[index] = text[at + index] - zero;
      if (isCard(count) && !isPartOfNumber(text, at, first, floor, end)) stop = first;
    }
    if (stop < 0) return false;
    finding.start = at;
    finding.end = stop;
    return true;
  },
};

function groupedEnd(text: Uint8Array, at: number, end: number): number {
  const separator = text[at + 4];
  if (separator !== 0x20 && separator !== 0x2d) return -1;
  for (const layout of layouts) {
    const stop = layoutEnd(text, at, end, layout, separator);
    if (stop > 0) return stop;
  }
  return -1;
}

function layoutEnd(text: Uint8Array, at: number, end: number, layout: readonly number[], separator: number): number {
  let position = at;
  let count = 0;
  for (const [index, size] of layout.entries()) {
    if (index > 0 && text[position++] !== separator) return -1;
    const stop = position + size;
    if (stop > end) return -1;
    for (; position < stop; position++) {
      if (isDigit[text[position]] === 0) return -1;
      digits[count++] = text[position] - zero;
    }
  }
  return (position < end && isDigit[text[position]] === 1) || !isCard(count) ? -1 : position;
}

/** A decimal, or hexadecimal such as a trace id. */
function isPartOfNumber(text: Uint8Array, start: number, end: number, floor: number, limit: number): boolean {
  if (start - 2 >= floor && text[start - 1] === dot && isDigit[text[start - 2]] === 1) return true;
  if (end + 1 < limit && text[end] === dot && isDigit[text[end + 1]] === 1) return true;
  const from = runStart(text, start, Math.max(floor, start - 64), isAlphanumeric);
  const to = runEnd(text, end, Math.min(limit, end + 64), isAlphanumeric);
  return to - from >= leastHexId && runEnd(text, from, to, isHex) === to;
}

function isCard(count: number): boolean {
  return isOfIssuer(count) && hasLuhn(count);
}

/** Mastercard, American Express, Diners, JCB, Visa, Maestro, Discover, UnionPay: by ISO/IEC 7812 first digits. */
function isOfIssuer(count: number): boolean {
  const two = digits[0] * 10 + digits[1];
  const four = two * 100 + digits[2] * 10 + digits[3];
  switch (digits[0]) {
    case 2:
      return count === 16 && four >= 2221 && four <= 2720;
    case 3:
      return two === 34 || two === 37 ? count === 15 : [30, 35, 36, 38, 39].includes(two) && count >= 14;
    case 4:
      return count === 13 || count === 16 || count === 19;
    case 5:
      return two >= 51 && two <= 55 ? count === 16 : two === 50 || two >= 56;
    case 6:
      return true;
    default:
      return false;
  }
}

function hasLuhn(count: number): boolean {
  let sum = 0;
  for (let index = count - 1, isDoubled = false; index >= 0; index--, isDoubled = !isDoubled) {
    const weighted = isDoubled ? digits[index] * 2 : digits[index];
    sum += weighted > 9 ? weighted - 9 : weighted;
  }
  return sum % 10 === 0;
}
