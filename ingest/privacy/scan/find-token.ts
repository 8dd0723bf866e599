import { bytesOf, code, isBase64, isUpperOrDigit, isWord, runEnd, startsWith } from './bytes.ts';
import type { Finder } from './finder.ts';

const dash = code('-');

interface TokenForm {
  readonly prefix: Uint8Array;
  /** Position within the prefix of a byte that is rare in ordinary text. */
  readonly anchor: number;
  /** Of the bytes after the prefix; fewer is something else. */
  readonly least: number;
  readonly alphabet: Uint8Array;
}

/** Prefixes that the issuers publish for scanners; the byte before `|` is where one is looked for. */
const forms: readonly TokenForm[] = [
  // AWS access key ids, long-term and temporary.
  form('AK|IA', 16, isUpperOrDigit),
  form('AS|IA', 16, isUpperOrDigit),
  // GitHub: personal, OAuth, user-to-server, server-to-server, refresh, fine-grained.
  ...['ghp_|', 'gho_|', 'ghu_|', 'ghs_|', 'ghr_|'].map((prefix) => form(prefix, 30, isWord)),
  form('github_pat_|', 22, isWord),
  // GitLab, Slack, Stripe, Google, npm, Hugging Face, DigitalOcean, Shopify, OpenAI and Anthropic.
  form('glpat-|', 20, isWord),
  ...['xoxa-|', 'xoxb-|', 'xoxp-|', 'xoxr-|', 'xoxs-|', 'xoxe-|', 'xapp-|'].map((prefix) => form(prefix, 10, isWord)),
  ...['sk_live_|', 'rk_live_|', 'sk_test_|', 'rk_test_|'].map((prefix) => form(prefix, 16, isWord)),
  form('AIz|a', 35, isWord),
  form('GOCSPX-|', 20, isWord),
  form('npm_|', 36, isWord),
  form('hf_|', 30, isWord),
  form('dop_v1_|', 60, isWord),
  form('shpat_|', 32, isWord),
  form('sk-proj-|', 20, isWord),
  form('sk-ant-|', 20, isWord),
];

function form(marked: string, least: number, alphabet: Uint8Array): TokenForm {
  const anchor = marked.indexOf('|') - 1;
  return { prefix: bytesOf(marked.replace('|', '')), anchor, least, alphabet };
}

const pemEdge = bytesOf('-----');

/** The end of a run of base64url: the edge of a PEM block is none of it. */
function wordEnd(text: Uint8Array, at: number, end: number, of: Uint8Array = isWord): number {
  const stop = runEnd(text, at, end, of);
  for (let position = at; position + pemEdge.length <= stop; position++) {
    if (text[position] === dash && startsWith(text, position, stop, pemEdge)) return position;
  }
  return stop;
}

const formsByAnchor = new Map<number, readonly TokenForm[]>();
for (const one of forms) {
  const byte = one.prefix[one.anchor];
  formsByAnchor.set(byte, [...(formsByAnchor.get(byte) ?? []), one]);
}

/** Tokens that tell by their prefix whose they are. */
export const tokenFinder: Finder = {
  anchors: String.fromCharCode(...formsByAnchor.keys()),
  follows: (before, byte) =>
    formsByAnchor.get(byte)?.some(({ prefix, anchor }) => prefix[anchor - 1] === before) === true,
  find(text, at, floor, end, finding) {
    for (const { prefix, anchor, least, alphabet } of formsByAnchor.get(text[at]) ?? []) {
      const start = at - anchor;
      // The byte before the anchor rules most out.
      if (start < floor || text[at - 1] !== prefix[anchor - 1] || !startsWith(text, start, end, prefix)) continue;
      const stop = wordEnd(text, start + prefix.length, end, alphabet);
      if (stop - start - prefix.length < least) continue;
      finding.start = start;
      finding.end = stop;
      return true;
    }
    return false;
  },
};

const jwtHead = bytesOf('eyJ');
const leastPart = 8;

/**
 * JSON Web Tokens in compact form (RFC 7515, 7516): base64url of `{"…`, and what follows it after dots. Found at a dot:
 * the run before a dot and the run after it are read three times at most, however often `eyJ` stands in them.
 */
export const jwtFinder: Finder = {
  anchors: '.',
  follows: (before) => isWord[before] === 1,
  find(text, at, floor, end, finding) {
    if (at + 1 >= end || isWord[text[at + 1]] === 0) return false;
    let start = -1;
    for (let position = at - 1; position >= floor && isWord[text[position]] === 1; position--) {
      if (text[position] === jwtHead[0] && at - position >= leastPart && startsWith(text, position, at, jwtHead))
        start = position;
    }
    if (start < 0) return false;
    let stop = wordEnd(text, at + 1, end);
    if (stop - at - 1 < leastPart) return false;
    while (stop + 1 < end && text[stop] === code('.') && isWord[text[stop + 1]] === 1)
      stop = wordEnd(text, stop + 1, end);
    finding.start = start;
    finding.end = stop;
    return true;
  },
};

const begin = bytesOf('-----BEGIN ');
const finish = bytesOf('-----END ');
const privateKey = bytesOf('PRIVATE KEY');
const longestKind = 40;

/** A private key in PEM (RFC 7468) or OpenPGP armour, to its end or, where it was cut, to the end of its base64. */
export const privateKeyFinder: Finder = {
  anchors: '-',
  follows: (before) => before === dash,
  find(text, second, floor, end, finding) {
    const at = second - 1;
    if (at < floor || !startsWith(text, at, end, begin)) return false;
    let kind = at + begin.length;
    const kindEnd = runEnd(text, kind, Math.min(kind + longestKind, end), isKeyLabel);
    while (kind < kindEnd && !startsWith(text, kind, end, privateKey)) kind++;
    if (kind === kindEnd) return false;
    finding.start = at;
    finding.end = keyEnd(text, kind + privateKey.length, end);
    return true;
  },
};

function keyEnd(text: Uint8Array, from: number, end: number): number {
  for (let at = from; at < end; at++) {
    if (text[at] !== dash || !startsWith(text, at, end, finish)) continue;
    const label = runEnd(text, at + finish.length, end, isKeyLabel);
    return runEnd(text, label, Math.min(label + 5, end), isDash);
  }
  return end;
}

const isDash = Uint8Array.from({ length: 256 }, (_, byte) => (byte === dash ? 1 : 0));
const isKeyLabel = Uint8Array.from({ length: 256 }, (_, byte) => (isUpperOrDigit[byte] === 1 || byte === 0x20 ? 1 : 0));

/** Base64 of `user:password`, as HTTP Basic has it (RFC 7617). */
export function isBasicCredential(text: Uint8Array, start: number, end: number): boolean {
  if (end - start < 4 || end - start > 1024 || runEnd(text, start, end, isBase64) !== end) return false;
  return Buffer.from(
    Buffer.from(text.buffer, text.byteOffset + start, end - start).toString('latin1'),
    'base64',
  ).includes(':');
}
