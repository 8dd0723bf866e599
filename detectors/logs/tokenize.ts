/** Tokens of one line, masked. Overwritten by the next line. */
export interface LineTokens {
  count: number;
  /** 32-bit FNV-1a of each masked token; {@link wild} where nothing but the mask is left. */
  readonly hashes: Uint32Array;
  /** Where each token lies in the bytes given. */
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
}

/** Hash of a token that is a variable: a number, an id, an address, a path. */
export const wild = 0;
/** Longer lines are known by their beginning. */
export const maxTokens = 64;
const maxBytes = 2048;
const maxTokenBytes = 128;
const hexWord = 8;

const [wordClass, separatorClass, joinClass, endClass] = [0, 1, 2, 3];
const [star, slash] = ['*'.charCodeAt(0), '/'.charCodeAt(0)];
const classes = new Uint8Array(256);
for (const letter of ' \t,;"\'()[]{}=<>|') classes[letter.charCodeAt(0)] = separatorClass;
for (const letter of '-.:/_+%@#$&?!*~`^\\') classes[letter.charCodeAt(0)] = joinClass;
classes[10] = endClass;
classes[13] = endClass;

/**
 * Splits a line's bytes at blanks and brackets and masks what varies: words with a digit in them or of eight hex digits,
 * so that numbers, times, UUIDs, addresses and object names become one `*`; a token of two slashes and more is a path.
 * Works on bytes and makes no strings: this is the hot path.
 */
export function createTokenizer(): (bytes: Uint8Array, from: number, to: number) => LineTokens {
  const tokens: LineTokens = {
    count: 0,
    hashes: new Uint32Array(maxTokens),
    starts: new Uint32Array(maxTokens),
    ends: new Uint32Array(maxTokens),
  };
  const masked = new Uint8Array(maxTokenBytes + 1);
  let length = 0;

  function putStar(): void {
    // `*.*`, `*-*`, `*:*` are one variable: drop the joint and keep the first star.
    let at = length;
    while (at > 0 && classes[masked[at - 1]!] === joinClass && masked[at - 1] !== star) at -= 1;
    if (at > 0 && masked[at - 1] === star) length = at;
    else if (length < maxTokenBytes) {
      masked[length] = star;
      length += 1;
    }
  }

  function putWord(bytes: Uint8Array, from: number, to: number): void {
    let digit = false;
    let hex = true;
    for (let at = from; at < to; at += 1) {
      const byte = bytes[at]!;
      const isDigit = byte >= 48 && byte <= 57;
      digit ||= isDigit;
      const lower = byte | 32;
      hex &&= isDigit || (lower >= 97 && lower <= 102);
    }
    if (digit || (hex && to - from >= hexWord)) {
      putStar();
      return;
    }
    for (let at = from; at < to && length < maxTokenBytes; at += 1) {
      masked[length] = bytes[at]!;
      length += 1;
    }
  }

  function hashToken(bytes: Uint8Array, from: number, to: number): number {
    length = 0;
    let slashes = 0;
    let word = from;
    for (let at = from; at <= to; at += 1) {
      if (at < to && classes[bytes[at]!] === wordClass) continue;
      if (at > word) putWord(bytes, word, at);
      word = at + 1;
      if (at === to) break;
      if (bytes[at] === slash) slashes += 1;
      if (length < maxTokenBytes) {
        masked[length] = bytes[at]!;
        length += 1;
      }
    }
    if (bytes[from] === slash && slashes > 1) return wild;
    if (onlyStars(masked, length)) return wild;
    let hash = 0x811c9dc5;
    for (let at = 0; at < length; at += 1) hash = Math.imul(hash ^ masked[at]!, 0x01000193);
    return hash >>> 0 || 1;
  }

  return (bytes, from, to) => {
    const end = Math.min(to, from + maxBytes);
    tokens.count = 0;
    let start = -1;
    for (let at = from; at <= end; at += 1) {
      const kind = at < end ? classes[bytes[at]!]! : endClass;
      if (kind === wordClass || kind === joinClass) {
        if (start < 0) start = at;
        continue;
      }
      if (start >= 0) {
        tokens.hashes[tokens.count] = hashToken(bytes, start, at);
        tokens.starts[tokens.count] = start;
        tokens.ends[tokens.count] = at;
        tokens.count += 1;
        start = -1;
        if (tokens.count === maxTokens) break;
      }
      // A stack trace belongs to its first line.
      if (kind === endClass && tokens.count > 0) break;
    }
    return tokens;
  };
}

function onlyStars(masked: Uint8Array, length: number): boolean {
  let stars = 0;
  for (let at = 0; at < length; at += 1) {
    if (masked[at] === star) stars += 1;
    else if (classes[masked[at]!] !== joinClass) return false;
  }
  return stars > 0;
}
