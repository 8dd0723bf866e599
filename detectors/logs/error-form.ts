import { isNameOfError } from './name-of-error.ts';
import { isKeyed, isVariable, type LineTokens } from './tokenize.ts';

const code = (text: string): number => text.charCodeAt(0);
const [quote, single, colon, equals, dot] = [code('"'), code("'"), code(':'), code('='), code('.')];
/** Keys whose values say what failed; those of other keys say of what, or for whom. */
const tellingKeys: ReadonlySet<number> = new Set(
  ['msg', 'message', 'err', 'error', 'exception', 'reason', 'cause', 'code', 'type', 'detail'].map((key) => {
    const bytes = new TextEncoder().encode(key);
    return keyHash(bytes, 0, bytes.length);
  }),
);
const [wordsSeed, namesSeed] = [0x811c9dc5, 0x2545f491];

/**
 * What an error line says in words, its variables, quoted words and values of keys such as `user=` left out where anything else
 * is said: 53 bits, 0 for nothing. With `onlyNames` nothing but the names of errors counts (`java.net.ConnectException`).
 */
export function errorForm(line: LineTokens, bytes: Uint8Array, onlyNames: boolean): number {
  const form = foldOf(line, bytes, onlyNames, false);
  return form > 0 || onlyNames ? form : foldOf(line, bytes, false, true);
}

function foldOf(line: LineTokens, bytes: Uint8Array, onlyNames: boolean, ofAll: boolean): number {
  const { hashes, starts, ends, count, isObject } = line;
  let low = onlyNames ? namesSeed : wordsSeed;
  let high = 0x5bd1e995;
  let words = 0;
  let tells = true;
  let inValue = false;
  for (let token = 0; token < count; token += 1) {
    const from = starts[token]!;
    const to = ends[token]!;
    const keyEnd = endOfKey(bytes, from, to, isObject);
    if (keyEnd > from) {
      tells = tellingKeys.has(keyHash(bytes, from, keyEnd));
      inValue = isObject || bytes[keyEnd + 1] === quote;
    } else if (!inValue) tells = !isQuotedWord(bytes, from, to);
    const hash = hashes[token]!;
    if (
      (tells || ofAll) &&
      !isVariable(hash) &&
      !isKeyed(hash) &&
      (!onlyNames || isNameOfError(bytes, from, wordEnd(bytes, to)))
    ) {
      words += 1;
      low = Math.imul(low ^ hash, 0x01000193);
      low ^= low >>> 15;
      high = Math.imul(high ^ hash, 0x85ebca6b);
      high ^= high >>> 13;
    }
    if (!isObject && bytes[to - 1] === quote && to - 1 > keyEnd + 1) inValue = false;
  }
  return words === 0 ? 0 : (high & 0x1fffff) * 2 ** 32 + (low >>> 0);
}

/** Where the key of a token ends that has one, else `from`. */
function endOfKey(bytes: Uint8Array, from: number, to: number, isObject: boolean): number {
  for (let at = from; at < to - 1; at += 1) {
    if (isObject ? bytes[at] === quote && bytes[at + 1] === colon : bytes[at] === equals) return at;
  }
  return from;
}

/** Of a path of keys (`error.type`) the last one, whatever its case. */
function keyHash(bytes: Uint8Array, from: number, to: number): number {
  let hash = 0;
  for (let at = from; at < to; at += 1) {
    hash = bytes[at] === dot ? 0 : (Math.imul(hash, 31) + (bytes[at]! | 32)) | 0;
  }
  return hash;
}

function isQuotedWord(bytes: Uint8Array, from: number, to: number): boolean {
  const first = bytes[from];
  if (first !== quote && first !== single) return false;
  let last = to - 1;
  while (last > from && bytes[last] !== first && !isLetter(bytes[last]!)) last -= 1;
  return last > from && bytes[last] === first;
}

/** Where a token's word ends, without the marks behind it. */
function wordEnd(bytes: Uint8Array, to: number): number {
  let end = to;
  while (end > 0 && !isLetter(bytes[end - 1]!)) end -= 1;
  return end;
}

function isLetter(byte: number): boolean {
  const lower = byte | 32;
  return lower >= 97 && lower <= 122;
}
