import { isNameOfError } from './name-of-error.ts';

/** OpenTelemetry severity numbers of levels by the names that loggers give them. */
const levels: readonly (readonly [string, number])[] = [
  ['trace', 1],
  ['debug', 5],
  ['info', 9],
  ['notice', 10],
  ['warn', 13],
  ['warning', 13],
  ['err', 17],
  ['error', 17],
  ['severe', 17],
  ['critical', 21],
  ['crit', 21],
  ['emerg', 21],
  ['fatal', 21],
  ['panic', 21],
];
/** What Postgres calls its lines, a colon behind, where they are no errors. */
const told = ['log', 'detail', 'hint', 'context', 'statement'];
/** Words of a sentence that speak of trouble: by a word alone nobody is at an end. */
const troubles = ['error', 'exception', 'fatal', 'panic'];
const cautions = ['warn', 'warning'];
const keys = ['level', 'lvl', 'severity', 'levelname', 'loglevel'];
/** Before such a word it says that there was none. */
const denials = ['no', 'without', '0'];

const [information, warning, error] = [9, 13, 17];
/** Of a level that is no warning, in small letters before a colon, no more words stand before it (`see more info: ...`). */
const mostWordsBefore = 1;
/** So far a line is looked at, an object farther: its level may stand behind other fields. */
const [scanned, scannedOfObject] = [96, 512];

const code = (text: string): number => text.charCodeAt(0);
const [blank, quote, colon, equals] = [code(' '), code('"'), code(':'), code('=')];
const [brace, bracket, dot, colour] = [code('{'), code('['), code('.'), code('\x1b')];

function hashOf(text: string): number {
  let hash = 0;
  for (let at = 0; at < text.length; at += 1) hash = (Math.imul(hash, 31) + (text.charCodeAt(at) | 32)) | 0;
  return hash;
}

const levelOf: ReadonlyMap<number, number> = new Map(levels.map(([name, severity]) => [hashOf(name), severity]));
const toldHashes: ReadonlySet<number> = new Set(told.map(hashOf));
const sentenceWords: ReadonlyMap<number, number> = new Map([
  ...troubles.map((word) => [hashOf(word), error] as const),
  ...cautions.map((word) => [hashOf(word), warning] as const),
]);
const keyHashes: ReadonlySet<number> = new Set(keys.map(hashOf));
const denialHashes: ReadonlySet<number> = new Set(denials.map(hashOf));
/** Pino's levels and their like: trace 10 to fatal 60. */
const numbered: ReadonlyMap<number, number> = new Map([
  [10, 1],
  [20, 5],
  [30, 9],
  [40, 13],
  [50, 17],
  [60, 21],
]);
/** Letters that glog and klog begin their lines with. */
const glog: ReadonlyMap<number, number> = new Map([
  [code('I'), 9],
  [code('W'), 13],
  [code('E'), 17],
  [code('F'), 21],
]);

const [letter, capital, digit, opening, closing, inPath] = [1, 2, 4, 8, 16, 32] as const;
const kinds = new Uint8Array(256);
for (let at = 0; at < 26; at += 1) {
  kinds[code('a') + at] = letter;
  kinds[code('A') + at] = letter | capital;
}
for (const each of '0123456789_') kinds[code(each)] = digit;
for (const each of '[<(|') kinds[code(each)]! |= opening;
for (const each of ']>)|') kinds[code(each)]! |= closing;
for (const each of '/=&?+-.%') kinds[code(each)]! |= inPath;

/**
 * The severity of a line that came without one, as an OpenTelemetry number; 9 (INFO) where it tells none. What it says of its
 * level counts before all else, the first of it: a field (`level=error`, `"severity":"WARN"`, pino's `"level":50`), a
 * glog letter, a word in capitals, in brackets or before a colon. Only where there is none of these, a word of its
 * sentence does (`connection error`), outside quotes, paths and names: what people type into a search is no failure.
 */
export function severityInText(bytes: Uint8Array, from: number, to: number): number {
  const first = bytes[from];
  if (first === brace) {
    const field = severityOfFields(bytes, from, Math.min(to, from + scannedOfObject));
    if (field > 0) return field;
  }
  if (to - from > 5 && glog.has(first!) && areDigits(bytes, from + 1, from + 5)) return glog.get(first!)!;
  return severityOfWords(bytes, from, Math.min(to, from + scanned));
}

function severityOfFields(bytes: Uint8Array, from: number, end: number): number {
  for (let at = from; at < end; at += 1) {
    if ((kinds[bytes[at]!]! & letter) === 0) continue;
    const start = at;
    let hash = 0;
    for (; at < end && (kinds[bytes[at]!]! & letter) !== 0; at += 1)
      hash = (Math.imul(hash, 31) + (bytes[at]! | 32)) | 0;
    if (bytes[at] !== quote || bytes[start - 1] === blank || !keyHashes.has(hash)) continue;
    const severity = levelBehind(bytes, at, end);
    if (severity > 0) return severity;
  }
  return 0;
}

/** The level behind a key that ends at `at`: `="error"`, `: 50`; 0 where there is none. */
function levelBehind(bytes: Uint8Array, keyEnd: number, end: number): number {
  let at = keyEnd;
  if (bytes[at] === quote) at += 1;
  if (at >= end || (bytes[at] !== equals && bytes[at] !== colon)) return 0;
  at += 1;
  if (bytes[at] === blank) at += 1;
  if (bytes[at] === quote) at += 1;
  let hash = 0;
  let number = 0;
  const start = at;
  for (; at < end && (kinds[bytes[at]!]! & (letter | digit)) !== 0; at += 1) {
    hash = (Math.imul(hash, 31) + (bytes[at]! | 32)) | 0;
    number = number * 10 + (bytes[at]! - 48);
  }
  if (at === start) return 0;
  return levelOf.get(hash) ?? numbered.get(number) ?? 0;
}

function severityOfWords(bytes: Uint8Array, from: number, end: number): number {
  let spoken = 0;
  let quoted = false;
  let words = 0;
  let hashBefore = 0;
  /** The byte before the word; none before the first one. */
  let before = blank;
  let at = from;
  while (at < end) {
    const byte = bytes[at]!;
    if ((kinds[byte]! & (letter | digit)) === 0) {
      if (byte === quote) quoted = !quoted;
      if (byte === colour && bytes[at + 1] === bracket) {
        at = endOfColour(bytes, at + 2, end);
        before = blank;
        continue;
      }
      before = byte;
      at += 1;
      continue;
    }
    const start = at;
    let hash = 0;
    let seen = 0;
    let isCapital = true;
    for (; at < end && (kinds[bytes[at]!]! & (letter | digit)) !== 0; at += 1) {
      const kind = kinds[bytes[at]!]!;
      seen |= kind;
      if ((kind & capital) === 0) isCapital = false;
      hash = (Math.imul(hash, 31) + (bytes[at]! | 32)) | 0;
    }
    const after = at < end ? bytes[at]! : blank;
    // A word cut off at the end of what is looked at is none; nor is one with a digit.
    if ((seen & digit) === 0 && (at < end || end < from + scanned)) {
      const level = dressedLevel(bytes, end, at, hash, isCapital, before, after);
      if (level >= warning || (level > 0 && (isCapital || after !== colon || words <= mostWordsBefore))) return level;
      words += 1;
      if (!quoted && endsWord(bytes, at, end)) {
        const word = isBeforeWord(before) ? (sentenceWords.get(hash) ?? 0) : 0;
        const trouble = word > 0 || !isNameOfError(bytes, start, at) ? word : error;
        if (trouble > spoken && !denialHashes.has(hashBefore)) spoken = trouble;
      }
    }
    hashBefore = hash;
    before = blank;
  }
  return spoken === 0 ? information : spoken;
}

function dressedLevel(
  bytes: Uint8Array,
  end: number,
  at: number,
  hash: number,
  isCapital: boolean,
  before: number,
  after: number,
): number {
  const isKey = after === equals || after === colon || after === quote;
  if (isKey && keyHashes.has(hash)) return levelBehind(bytes, at, end);
  const isInPath = ((kinds[before]! | kinds[after]!) & inPath) !== 0;
  if (isInPath) return 0;
  if (isCapital && after === colon && toldHashes.has(hash)) return information;
  const isBracketed = (kinds[before]! & opening) !== 0 && (kinds[after]! & closing) !== 0;
  if (!isCapital && !isBracketed && after !== colon) return 0;
  return levelOf.get(hash) ?? 0;
}

function isBeforeWord(byte: number): boolean {
  return byte === blank || (kinds[byte]! & opening) !== 0;
}

/** Whether a word of a sentence ends there, and not a part of a path or a name. */
function endsWord(bytes: Uint8Array, at: number, end: number): boolean {
  if (at >= end) return true;
  if (bytes[at] === dot) return at + 1 >= end || (kinds[bytes[at + 1]!]! & (letter | digit)) === 0;
  return bytes[at] !== quote && (kinds[bytes[at]!]! & inPath) === 0;
}

/** Behind a terminal's colour, whose final byte is a letter. */
function endOfColour(bytes: Uint8Array, from: number, end: number): number {
  let at = from;
  while (at < end && (kinds[bytes[at]!]! & letter) === 0) at += 1;
  return at + 1;
}

function areDigits(bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at += 1) if (bytes[at]! < 48 || bytes[at]! > 57) return false;
  return true;
}
