import { bytesOf, code, endsValue, isAlphanumeric, isBlank, isLetter, isWord, runEnd } from './bytes.ts';
import { isBasicCredential } from './find-token.ts';
import type { Finder, Finding } from './finder.ts';
import { maskAt } from './mask-text.ts';

/** How the value after a key is taken: as one value, only if it is long, as HTTP's Authorization, or to the line's end. */
type Form = 'value' | 'long-value' | 'authorization' | 'line';

/** What keys end in, without `_`, `-` and `.`, which may stand between any two letters. */
const keys: Readonly<Record<Form, readonly string[]>> = {
  value: [
    ...[
      'password',
      'passwd',
      'pwd',
      'passphrase',
      'passwort',
      'secret',
      'secretkey',
      'apikey',
      'accesskey',
      'privatekey',
    ],
    ...[
      'authkey',
      'signingkey',
      'encryptionkey',
      'accountkey',
      'sharedkey',
      'accesstoken',
      'authtoken',
      'refreshtoken',
    ],
    ...['idtoken', 'sessiontoken', 'securitytoken', 'bearertoken', 'apitoken', 'csrftoken', 'sessionid', 'passcode'],
  ],
  'long-value': ['token', 'credential', 'credentials', 'signature', 'passwords', 'secrets'],
  authorization: ['authorization'],
  line: ['cookie'],
};

const formsByLastByte = new Map<number, (readonly [Uint8Array, Form])[]>();
for (const [form, names] of Object.entries(keys) as [Form, readonly string[]][]) {
  for (const name of names) {
    const last = name.charCodeAt(name.length - 1);
    formsByLastByte.set(last, [...(formsByLastByte.get(last) ?? []), [bytesOf(name), form]]);
  }
}

const colon = code(':');
const slash = code('/');
const backslash = code('\\');
const newline = code('\n');
const atSign = code('@');
const quotes = new Set([code('"'), code("'"), code('`')]);
const assigns = Uint8Array.from({ length: 256 }, (_, byte) => ('=:>'.includes(String.fromCharCode(byte)) ? 1 : 0));
const leastLong = 16;
const leastBearer = 6;

/**
 * Passwords and keys by what stands before them: `password=…`, `"api_key": "…"`, `Authorization: …`, `Bearer …`,
 * `Cookie: …`, and `//user:password@` in a URL. The key stays, the value is found.
 */
export const credentialFinder: Finder = {
  anchors: ':= /',
  follows(before, anchor) {
    if (anchor === slash) return before === colon;
    if (anchor === 0x20) return 'rRcC'.includes(String.fromCharCode(before));
    return isBlank[before] === 1 || isMark(before) || (isLetter[before] === 1 && formsByLastByte.has(before | 0x20));
  },
  find(text, at, floor, end, finding) {
    if (text[at] === 0x20) return findScheme(text, at, floor, end, finding);
    if (text[at] === slash) return at > floor && text[at - 1] === colon && findUserInfo(text, at, end, finding);
    const form = keyBefore(text, at, floor);
    return form !== undefined && findValue(text, at, end, form, finding);
  },
};

/** Whether something of this name is a secret in itself: what decides of labels. A name of a secret is none. */
export function isSecretName(name: string): boolean {
  const bytes = Buffer.from(name);
  const form = keyBefore(bytes, bytes.length, 0);
  return form !== undefined && form !== 'long-value' && !/^(exported_)?secret$|sessionid$/i.test(name);
}

function keyBefore(text: Uint8Array, at: number, floor: number): Form | undefined {
  let last = at - 1;
  for (let blanks = 0; blanks < 3 && last >= floor && isBlank[text[last]] === 1; blanks++) last--;
  // `"password":`, `\"password\":`, `user[password]=`
  for (let marks = 0; marks < 4 && last >= floor && isMark(text[last]); marks++) last--;
  if (last < floor) return undefined;
  const candidates = formsByLastByte.get(text[last] | 0x20);
  if (candidates === undefined) return undefined;
  for (const [name, form] of candidates) if (isKey(text, last, floor, name)) return form;
  return undefined;
}

function isMark(byte: number): boolean {
  return quotes.has(byte) || byte === backslash || byte === 0x5d || byte === 0x29;
}

function isKey(text: Uint8Array, last: number, floor: number, name: Uint8Array): boolean {
  let at = last;
  for (let index = name.length - 1; index >= 0; index--) {
    if (index < name.length - 1 && at > floor && isWord[text[at]] === 1 && isAlphanumeric[text[at]] === 0) at--;
    if (at < floor || (text[at] | 0x20) !== name[index] || isLetter[text[at]] === 0) return false;
    at--;
  }
  return true;
}

function findValue(text: Uint8Array, at: number, end: number, form: Form, finding: Finding): boolean {
  let start = runEnd(text, at + 1, Math.min(at + 3, end), assigns);
  start = runEnd(text, start, Math.min(start + 3, end), isBlank);
  const escapes = start;
  while (start < end && start - escapes < 3 && text[start] === backslash) start++;
  const isQuoted = start < end && quotes.has(text[start]);
  if (!isQuoted) start = escapes;
  if (form === 'authorization') return findAfterScheme(text, isQuoted ? start + 1 : start, end, finding);
  const stop = isQuoted
    ? quotedEnd(text, start, end, start > escapes)
    : form === 'line'
      ? lineEnd(text, start, end)
      : valueEnd(text, start, end);
  if (isQuoted) start++;
  // A structure behind a quoted key: its own keys are looked at.
  const isStructure = !isQuoted && quotes.has(text[at - 1]) && (text[start] === 0x7b || text[start] === 0x5b);
  if (isStructure || stop - start < (form === 'long-value' ? leastLong : 1)) return false;
  return found(text, start, stop, finding);
}

function findAfterScheme(text: Uint8Array, start: number, end: number, finding: Finding): boolean {
  const scheme = runEnd(text, start, end, isWord);
  const value = runEnd(text, scheme, end, isBlank);
  const from = value > scheme ? value : start;
  const stop = valueEnd(text, from, end);
  return stop - from >= leastBearer && found(text, from, stop, finding);
}

/** Where `at` is the blank after Bearer or Basic. */
function findScheme(text: Uint8Array, at: number, floor: number, end: number, finding: Finding): boolean {
  const last = text[at - 1] | 0x20;
  if (at <= floor || (last !== code('r') && last !== code('c'))) return false;
  const isBearer = isScheme(text, at, floor, bearer);
  if (!isBearer && !isScheme(text, at, floor, basic)) return false;
  const start = runEnd(text, at, Math.min(at + 3, end), isBlank);
  const stop = valueEnd(text, start, end);
  if (isBearer ? stop - start < leastBearer : !isBasicCredential(text, start, stop)) return false;
  return found(text, start, stop, finding);
}

const bearer = bytesOf('bearer');
const basic = bytesOf('basic');

function isScheme(text: Uint8Array, at: number, floor: number, name: Uint8Array): boolean {
  const start = at - name.length;
  return isKey(text, at - 1, floor, name) && (start <= floor || isAlphanumeric[text[start - 1]] === 0);
}

/** Where `at` is the first slash of `://`: the password between the first colon behind it and the last @ before the path. */
function findUserInfo(text: Uint8Array, at: number, end: number, finding: Finding): boolean {
  if (text[at + 1] !== slash) return false;
  let first = -1;
  let last = -1;
  for (let position = at + 2; position < end; position++) {
    const byte = text[position];
    if (byte <= 0x20 || byte === slash || byte === 0x3f || byte === 0x23 || quotes.has(byte)) break;
    if (byte === colon && first < 0) first = position;
    if (byte === atSign) last = position;
  }
  return first >= 0 && last > first + 1 && found(text, first + 1, last, finding);
}

/** What is masked already is not found again. */
function found(text: Uint8Array, start: number, end: number, finding: Finding): boolean {
  if (start >= end || maskAt(text, start, end) === end) return false;
  finding.start = start;
  finding.end = end;
  return true;
}

function valueEnd(text: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && endsValue[text[at]] === 0) at++;
  // `\"` ends a value within a text that is quoted itself.
  while (at > start && at < end && text[at - 1] === backslash) at--;
  return at;
}

function lineEnd(text: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && text[at] !== newline) at++;
  return at;
}

/** Where the quote at `start` is closed, else the end of the line. */
function quotedEnd(text: Uint8Array, start: number, end: number, isEscaped: boolean): number {
  const quote = text[start];
  for (let at = start + 1; at < end && text[at] !== newline; at++) {
    if (text[at] === quote) return isEscaped && text[at - 1] === backslash ? at - 1 : at;
    if (text[at] === backslash && !isEscaped) at++;
  }
  return lineEnd(text, start, end);
}
