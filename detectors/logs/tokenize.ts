/** Tokens of one line, masked. Overwritten by the next line. */
export interface LineTokens {
  count: number;
  /** The line is a JSON object. */
  isObject: boolean;
  /**
   * FNV-1a of each masked token in 31 bits; {@link wild} where nothing but a variable is left, with the top bit set
   * ({@link isKeyed}) where only a key is.
   */
  readonly hashes: Uint32Array;
  /** Where each token lies in the bytes given. */
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
  /** Where the masked value begins of a token whose key is kept (`rhost=10.1.2.3`), 0 for the others. */
  readonly values: Uint32Array;
}

/** Hash of a token that is a variable: a number, an id, an address, a time, a path. */
export const wild = 0;
/** In a template: a token that lines had otherwise, though it looks like a word. */
export const free = 1;
const keyed = 0x80000000;

export function isVariable(hash: number): boolean {
  return hash <= free;
}

/** Whether a token's hash is that of a key whose value is a variable: form rather than content. */
export function isKeyed(hash: number): boolean {
  return hash >= keyed;
}

/** Longer lines are known by their beginning. */
export const maxTokens = 64;
const maxBytes = 2048;
const hexWord = 8;
const fnvStart = 0x811c9dc5;
const fnvPrime = 0x01000193;

/** What a byte tells about the token it is in: flags. */
const [digit, notHex, notKey, letter, slash, equals, separator, end] = [1, 2, 4, 8, 16, 32, 64, 128] as const;
/** Begins a character of a script that is written without blanks (Chinese, Japanese, Korean, Thai). */
const unspaced = 256;
const code = (text: string): number => text.charCodeAt(0);
const [brace, quote, colon, slashByte] = [code('{'), code('"'), code(':'), code('/')];
const [colour, bracket] = [code('\x1b'), code('[')];

const plainFlags = new Uint16Array(256).fill(notHex | notKey);
for (const lead of [0xe0, 0xe3, 0xe4, 0xe5, 0xe6, 0xe7, 0xe8, 0xe9, 0xea, 0xeb, 0xec, 0xed, 0xef])
  plainFlags[lead] = notHex | notKey | unspaced;
for (let at = code('0'); at <= code('9'); at += 1) plainFlags[at] = digit;
for (let at = 0; at < 26; at += 1) {
  const flags = letter | (at < 6 ? 0 : notHex);
  plainFlags[code('A') + at] = flags;
  plainFlags[code('a') + at] = flags;
}
for (const joint of '-._') plainFlags[code(joint)] = notHex;
for (const blank of ' \t\v\f\x1b') plainFlags[code(blank)] = separator;
for (const newline of '\n\r') plainFlags[code(newline)] = end;
plainFlags[slashByte] = notHex | notKey | slash;
plainFlags[code('=')] = notHex | equals;
/** The punctuation of an object parts its words too. */
const jsonFlags = plainFlags.slice();
for (const mark of ',:{}[]"') jsonFlags[code(mark)] = separator;

/**
 * Splits a line's bytes at blanks (a JSON object at its punctuation too) and masks what varies. A token is one variable
 * if a digit is in it (numbers, times, durations, sizes, addresses, UUIDs, object names), if it is a word of eight hex
 * letters, a day's or month's name, or a path of two slashes and more; of `key=value` the key stays. Colours of terminals part words;
 * in a script without blanks its words and what else is written among them are apart where there is a digit. In JSON a value carries its key, so that what
 * all objects have in common makes none alike. One pass over bytes that makes no strings.
 */
export function createTokenizer(): (bytes: Uint8Array, from: number, to: number) => LineTokens {
  const tokens: LineTokens = {
    count: 0,
    isObject: false,
    hashes: new Uint32Array(maxTokens),
    starts: new Uint32Array(maxTokens),
    ends: new Uint32Array(maxTokens),
    values: new Uint32Array(maxTokens),
  };
  const { hashes, starts, ends, values } = tokens;

  return (bytes, from, to) => {
    const last = Math.min(to, from + maxBytes);
    const isJson = bytes[from] === brace && bytes[from + 1] === quote;
    const flagsOf = isJson ? jsonFlags : plainFlags;
    let objectKey = 0;
    let objectKeyStart = 0;
    let count = 0;
    let at = from;
    let stop = last;
    /** So far words and numbers of scripts without blanks follow each other: each token is one of them. */
    let mixedUntil = from;
    while (at < last && count < maxTokens) {
      const first = flagsOf[bytes[at]!]!;
      if ((first & (separator | end)) !== 0) {
        // A stack trace belongs to its first line.
        if (first === end && count > 0) break;
        at = bytes[at] === colour && bytes[at + 1] === bracket ? endOfColour(bytes, at + 2, last) : at + 1;
        continue;
      }
      const start = at;
      if (at < mixedUntil) stop = endOfScript(bytes, at, mixedUntil);
      let hash = fnvStart;
      let seen = 0;
      let slashes = 0;
      let value = 0;
      let keyHash = 0;
      while (at < stop) {
        const byte = bytes[at]!;
        const flags = flagsOf[byte]!;
        if ((flags & (separator | end)) !== 0) break;
        hash = Math.imul(hash ^ byte, fnvPrime);
        at += 1;
        seen |= flags;
        if ((flags & (slash | equals)) === 0) continue;
        if ((flags & slash) !== 0) slashes += 1;
        else if (value === 0 && (seen & (digit | notKey | letter)) === letter) {
          value = at;
          keyHash = hash;
          seen = 0;
          slashes = 0;
        }
      }
      if ((seen & (digit | unspaced)) === (digit | unspaced) && stop === last) {
        mixedUntil = at;
        at = start;
        continue;
      }
      stop = last;
      if (isJson && bytes[at] === quote && bytes[at + 1] === colon && at + 1 < last) {
        objectKey = hash;
        objectKeyStart = start;
        continue;
      }
      const body = value === 0 ? start : value;
      const varies =
        (seen & digit) !== 0 ||
        (slashes > 1 && bytes[body] === slashByte) ||
        ((seen & notHex) === 0 && at - body >= hexWord) ||
        isDateWord(bytes, start, at);
      starts[count] = objectKey === 0 ? start : objectKeyStart;
      ends[count] = at;
      values[count] = varies ? value : 0;
      if (!varies) hashes[count] = Math.max(2, (Math.imul(objectKey, fnvPrime) ^ hash) & 0x7fffffff);
      else hashes[count] = value === 0 ? wild : (keyHash | keyed) >>> 0;
      objectKey = 0;
      count += 1;
    }
    tokens.count = count;
    tokens.isObject = isJson;
    return tokens;
  };
}

/** Behind a terminal's colour, whose last byte is a letter. */
function endOfColour(bytes: Uint8Array, from: number, to: number): number {
  let at = from;
  while (at < to && (plainFlags[bytes[at]!]! & letter) === 0) at += 1;
  return at + 1;
}

/** Where a token goes over from a script that is written without blanks to another, or back; `to` where it does not. */
function endOfScript(bytes: Uint8Array, from: number, to: number): number {
  const isUnspaced = (at: number): boolean => (plainFlags[bytes[at]!]! & unspaced) !== 0;
  const first = isUnspaced(from);
  for (let at = from + 1; at < to; at += 1) {
    const isContinued = (bytes[at]! & 0xc0) === 0x80;
    if (!isContinued && isUnspaced(at) !== first) return at;
  }
  return to;
}

/** `Mon`, `Jan` and their like, as `ctime` and syslog write them, a comma behind allowed. */
function isDateWord(bytes: Uint8Array, from: number, to: number): boolean {
  if (to - from !== 3 && (to - from !== 4 || bytes[to - 1] !== comma)) return false;
  return dateWords.has(threeBytes(bytes[from]!, bytes[from + 1]!, bytes[from + 2]!));
}

function threeBytes(first: number, second: number, third: number): number {
  return (first << 16) | (second << 8) | third;
}

const comma = code(',');
const dateWords: ReadonlySet<number> = new Set(
  'Mon Tue Wed Thu Fri Sat Sun Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'
    .split(' ')
    .map((word) => threeBytes(word.charCodeAt(0), word.charCodeAt(1), word.charCodeAt(2))),
);

/** The masked text of a token, for people: `<*>`, `key=<*>`, or the token itself. */
export function tokenText({ hashes, starts, ends, values }: LineTokens, bytes: Uint8Array, token: number): string {
  if (hashes[token] === wild) return '<*>';
  const to = values[token] || ends[token]!;
  const text = decoder.decode(bytes.subarray(starts[token], Math.min(to, starts[token]! + maxWordBytes)));
  return values[token] === 0 ? text.replace(/^([^"]*)":\s*"?/, '$1=') : `${text}<*>`;
}

/** The hash that a line's token of this text has, for words without a digit, path or key. */
export function wordHash(text: string): number {
  let hash = fnvStart;
  for (const byte of encoder.encode(text)) hash = Math.imul(hash ^ byte, fnvPrime);
  return Math.max(2, hash & 0x7fffffff);
}

const maxWordBytes = 128;
const decoder = new TextDecoder();
const encoder = new TextEncoder();
