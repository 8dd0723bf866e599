/** Classes of single bytes, as tables: a test is one load. */
function table(isIn: (byte: number) => boolean): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, byte) => (isIn(byte) ? 1 : 0));
}

const inRange = (byte: number, from: string, to: string) => byte >= from.charCodeAt(0) && byte <= to.charCodeAt(0);
const isOneOf = (byte: number, characters: string) => characters.includes(String.fromCharCode(byte));

export const isDigit = table((byte) => inRange(byte, '0', '9'));
export const isUpper = table((byte) => inRange(byte, 'A', 'Z'));
export const isLetter = table((byte) => inRange(byte, 'A', 'Z') || inRange(byte, 'a', 'z'));
export const isAlphanumeric = table((byte) => isLetter[byte] === 1 || isDigit[byte] === 1);
export const isUpperOrDigit = table((byte) => isUpper[byte] === 1 || isDigit[byte] === 1);
export const isHex = table((byte) => isDigit[byte] === 1 || inRange(byte, 'a', 'f') || inRange(byte, 'A', 'F'));
/** Of base64url, and of the tokens that are written in it. */
export const isWord = table((byte) => isAlphanumeric[byte] === 1 || isOneOf(byte, '_-'));
export const isBase64 = table((byte) => isAlphanumeric[byte] === 1 || isOneOf(byte, '+/=_-'));
export const isBlank = table((byte) => isOneOf(byte, ' \t'));
/** White space and what stands around or between values. */
export const endsValue = table((byte) => byte <= 0x20 || byte === 0x7f || isOneOf(byte, '"\'&,;'));

export const code = (character: string): number => character.charCodeAt(0);

export function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(text, code);
}

/** Whether the bytes that end before `end`, and do not begin before `floor`, are these. */
export function endsWith(text: Uint8Array, floor: number, end: number, wanted: Uint8Array): boolean {
  const start = end - wanted.length;
  return start >= floor && startsWith(text, start, end, wanted);
}

export function startsWith(text: Uint8Array, start: number, end: number, wanted: Uint8Array): boolean {
  if (end - start < wanted.length) return false;
  for (let index = 0; index < wanted.length; index++) if (text[start + index] !== wanted[index]) return false;
  return true;
}

/** The first position from `at` on that is not of the class. */
export function runEnd(text: Uint8Array, at: number, end: number, of: Uint8Array): number {
  let position = at;
  while (position < end && of[text[position]] === 1) position++;
  return position;
}

/** The start of the run of the class that ends before `at`. */
export function runStart(text: Uint8Array, at: number, floor: number, of: Uint8Array): number {
  let position = at;
  while (position > floor && of[text[position - 1]] === 1) position--;
  return position;
}

export function asciiAt(text: Uint8Array, start: number, end: number): string {
  let result = '';
  for (let at = start; at < end; at++) result += String.fromCharCode(text[at]);
  return result;
}
