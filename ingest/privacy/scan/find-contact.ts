import { isIPv6 } from 'node:net';
import { asciiAt, bytesOf, code, isAlphanumeric, isDigit, isHex, isLetter, runEnd, runStart } from './bytes.ts';
import type { Finder } from './finder.ts';

/** Of RFC 5322 what addresses are made of in practice, and all beyond ASCII (RFC 6531). */
const isLocal = table('._%+-');
const isDomain = table('.-');
const dot = code('.');
const longestLocal = 64;

function table(more: string): Uint8Array {
  const others = bytesOf(more);
  return Uint8Array.from({ length: 256 }, (_, byte) =>
    isAlphanumeric[byte] === 1 || byte >= 0x80 || others.includes(byte) ? 1 : 0,
  );
}

/** E-mail addresses: a local part of 64 bytes at most, and a domain with a dot and a top level of two letters or more. */
export const emailFinder: Finder = {
  anchors: '@',
  find(text, at, floor, end, finding) {
    let start = runStart(text, at, Math.max(floor, at - longestLocal), isLocal);
    // Never from within a character.
    while (start < at && (text[start] & 0xc0) === 0x80) start++;
    if (start === at) return false;
    let stop = runEnd(text, at + 1, end, isDomain);
    while (stop > at + 1 && text[stop - 1] < 0x80 && isAlphanumeric[text[stop - 1]] === 0) stop--;
    let top = stop;
    while (top > at + 1 && text[top - 1] !== dot) top--;
    const isName = top > at + 2 && stop - top >= 2 && (isLetter[text[top]] === 1 || text[top] >= 0x80);
    if (!isName) return false;
    finding.start = start;
    finding.end = stop;
    return true;
  },
};

const isAddress = Uint8Array.from({ length: 256 }, (_, byte) =>
  isHex[byte] === 1 || byte === code(':') || byte === dot ? 1 : 0,
);
const longestAddress = 45;

/** IPv4 in dotted decimal, found at its first dot, and IPv6 (RFC 4291), found at its first colon. */
export const ipFinder: Finder = {
  anchors: '.:',
  follows: (before, anchor) => (anchor === dot ? isDigit[before] === 1 : isHex[before] === 1 || before === code(':')),
  find(text, at, floor, end, finding) {
    const start =
      text[at] === dot
        ? runStart(text, at, Math.max(floor, at - 4), isDigit)
        : runStart(text, at, Math.max(floor, at - 6), isAddress);
    const isWithin = start > floor && (isAlphanumeric[text[start - 1]] === 1 || isAddress[text[start - 1]] === 1);
    if (isWithin) return false;
    const stop = text[at] === dot ? ipv4End(text, start, end) : ipv6End(text, start, end);
    if (stop < 0) return false;
    finding.start = start;
    finding.end = stop;
    return true;
  },
};

function ipv4End(text: Uint8Array, start: number, end: number): number {
  let at = start;
  for (let part = 0; part < 4; part++) {
    if (part > 0 && text[at++] !== dot) return -1;
    let value = 0;
    const first = at;
    for (; at < end && at - first < 3 && isDigit[text[at]] === 1; at++) value = value * 10 + text[at] - 0x30;
    if (at === first || value > 255) return -1;
  }
  const isLonger =
    at < end && (isAlphanumeric[text[at]] === 1 || (text[at] === dot && at + 1 < end && isDigit[text[at + 1]] === 1));
  return isLonger ? -1 : at;
}

function ipv6End(text: Uint8Array, start: number, end: number): number {
  let stop = runEnd(text, start, Math.min(end, start + longestAddress + 1), isAddress);
  while (stop > start && text[stop - 1] === dot) stop--;
  const isWhole = stop >= end || isAlphanumeric[text[stop]] === 0;
  if (!isWhole) return -1;
  const address = asciiAt(text, start, stop);
  // `a::b` is a name in many languages.
  return /\d/.test(address) && isIPv6(address) ? stop : -1;
}
