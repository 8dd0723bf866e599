const brace = 0x7b;
const quote = 0x22;
const backslash = 0x5c;
const closingBrace = 0x7d;

/** The longest name with its labels that is read at all; what is longer is over any limit of labels. */
export const longestSeriesText = 256 * 1024;

export const isBlank = (byte: number): boolean => byte === 0x20 || byte === 0x09;

export function skipBlanks(bytes: Uint8Array, start: number, end: number): number {
  let index = start;
  while (index < end && isBlank(bytes[index])) index++;
  return index;
}

export function endOfToken(bytes: Uint8Array, start: number, end: number): number {
  let index = start;
  while (index < end && !isBlank(bytes[index])) index++;
  return index;
}

/** End of the braces that open at `start`; undefined where a brace or quote stays open. */
export function endOfBraces(bytes: Uint8Array, start: number, end: number): number | undefined {
  let inText = false;
  for (let index = start + 1; index < end; index++) {
    const byte = bytes[index];
    if (inText && byte === backslash) index++;
    else if (byte === quote) inText = !inText;
    else if (!inText && byte === closingBrace) return index + 1;
  }
  return undefined;
}

/** End of the name and the labels that start there, blanks between them allowed; undefined where one stays open. */
export function endOfSeries(bytes: Uint8Array, start: number, end: number): number | undefined {
  let index = start;
  while (index < end && bytes[index] !== brace && !isBlank(bytes[index])) index++;
  const nameEnd = index;
  index = skipBlanks(bytes, index, end);
  return bytes[index] !== brace || index >= end ? nameEnd : endOfBraces(bytes, index, end);
}
