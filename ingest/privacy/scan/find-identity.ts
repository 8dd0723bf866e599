import { code, isAlphanumeric, isDigit, isLetter, isUpper, isUpperOrDigit, runEnd } from './bytes.ts';
import type { Finder, Finding } from './finder.ts';

const blank = 0x20;
const dash = code('-');

/** ISO 13616 registry: characters of an IBAN by country. */
const ibanLengths = new Map(
  (
    'AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DK18 DO28 EE20 EG29 ES24 FI18 FO18 ' +
    'FR27 GB22 GE22 GI23 GL18 GR27 GT28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 ' +
    'LY25 MC27 MD24 ME22 MK19 MR27 MT31 MU30 NL18 NO15 PK24 PL28 PS29 PT25 QA29 RO24 RS22 SA24 SC31 SD18 SE24 SI19 SK24 ' +
    'SM27 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20'
  )
    .split(' ')
    .map((entry) => [entry.slice(0, 2), Number(entry.slice(2))]),
);

/** IBANs, plain or in groups of four, of the length of their country and 1 modulo 97 (ISO 13616). */
export const ibanFinder: Finder = {
  anchors: '0123456789',
  follows: (before) => isUpper[before] === 1,
  find(text, at, floor, end, finding) {
    const start = at - 2;
    if (start < floor || isUpper[text[start]] === 0 || isUpper[text[start + 1]] === 0) return false;
    if (start > floor && isAlphanumeric[text[start - 1]] === 1) return false;
    const length = ibanLengths.get(String.fromCharCode(text[start], text[start + 1]));
    if (length === undefined) return false;
    let characters = '';
    let position = start;
    while (position < end && characters.length < length) {
      const isGap = text[position] === blank && characters.length % 4 === 0;
      if (!isGap && isUpperOrDigit[text[position]] === 0) return false;
      if (!isGap) characters += String.fromCharCode(text[position]);
      position++;
    }
    const isWhole = characters.length === length && (position >= end || isAlphanumeric[text[position]] === 0);
    return isWhole && isIban(characters) && take(finding, start, position);
  },
};

function isIban(plain: string): boolean {
  let rest = 0;
  for (const character of plain.slice(4) + plain.slice(0, 4)) {
    const value = Number.parseInt(character, 36);
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
  }
  return rest === 1;
}

/** US social security numbers as they are written, with dashes; by their form alone, for they have no check digit. */
export const usSsnFinder: Finder = {
  anchors: '012345678',
  follows: (before) => isAlphanumeric[before] === 0 && before !== dash,
  find(text, at, floor, end, finding) {
    if (!standsFree(text, at, at + 11, floor, end) || text[at + 3] !== dash || text[at + 6] !== dash) return false;
    const area = numberAt(text, at, 3);
    const isOne =
      area > 0 && area < 900 && area !== 666 && numberAt(text, at + 4, 2) > 0 && numberAt(text, at + 7, 4) > 0;
    return isOne && take(finding, at, at + 11);
  },
};

/** National numbers with check digits. */
const nationalForms: readonly { readonly digits: number; readonly isValid: (digits: readonly number[]) => boolean }[] =
  [
    { digits: 11, isValid: (digits) => isCpf(digits) || isPesel(digits) },
    { digits: 15, isValid: isNir },
  ];

/**
 * Brazil's CPF, plain or as 000.000.000-00; Poland's PESEL; France's NIR with its key; Spain's DNI and China's resident
 * number, which end in a letter or may: all by their check digits.
 */
export const nationalIdFinder: Finder = {
  anchors: '0123456789',
  follows: (before) => isAlphanumeric[before] === 0,
  find(text, at, floor, end, finding) {
    if (at > floor && (isAlphanumeric[text[at - 1]] === 1 || isJoined(text, at, floor))) return false;
    const stop = runEnd(text, at, Math.min(end, at + 19), isDigit);
    const count = stop - at;
    if (count === 3) return isDottedCpf(text, at, end) && take(finding, at, at + 14);
    if (count === 8 || count === 17) {
      const isMarked =
        stop < end && isLetter[text[stop]] === 1 && (stop + 1 >= end || isAlphanumeric[text[stop + 1]] === 0);
      const isOne = count === 8 ? isDni(text, at) : isResident(text, at);
      return isMarked && isOne && take(finding, at, stop + 1);
    }
    if (stop < end && (isAlphanumeric[text[stop]] === 1 || (text[stop] === 0x2e && isDigit[text[stop + 1]] === 1)))
      return false;
    if (count === 18) return isResident(text, at) && take(finding, at, stop);
    const form = nationalForms.find(({ digits }) => digits === count);
    return form?.isValid(digitsAt(text, at, count)) === true && take(finding, at, stop);
  },
};

/** Behind a digit and a point or a dash: a decimal or a part of something longer. */
function isJoined(text: Uint8Array, at: number, floor: number): boolean {
  return at - 2 >= floor && (text[at - 1] === 0x2e || text[at - 1] === dash) && isDigit[text[at - 2]] === 1;
}

function isDottedCpf(text: Uint8Array, at: number, end: number): boolean {
  if (at + 14 > end || text[at + 3] !== 0x2e || text[at + 7] !== 0x2e || text[at + 11] !== dash) return false;
  if (at + 14 < end && isAlphanumeric[text[at + 14]] === 1) return false;
  const digits = [at, at + 4, at + 8].flatMap((start) => digitsAt(text, start, 3)).concat(digitsAt(text, at + 12, 2));
  return digits.every((digit) => digit >= 0 && digit <= 9) && isCpf(digits);
}

function isCpf(digits: readonly number[]): boolean {
  if (digits.every((digit) => digit === digits[0])) return false;
  const check = (count: number) => {
    const sum = digits.slice(0, count).reduce((total, digit, index) => total + digit * (count + 1 - index), 0);
    return ((sum * 10) % 11) % 10;
  };
  return check(9) === digits[9] && check(10) === digits[10];
}

const peselWeights = [1, 3, 7, 9, 1, 3, 7, 9, 1, 3];

function isPesel(digits: readonly number[]): boolean {
  const day = digits[4] * 10 + digits[5];
  const month = (digits[2] * 10 + digits[3]) % 20;
  if (day < 1 || day > 31 || month < 1 || month > 12) return false;
  const sum = peselWeights.reduce((total, weight, index) => total + weight * digits[index], 0);
  return (10 - (sum % 10)) % 10 === digits[10];
}

/** 13 digits and a key of two: 97 less the number modulo 97. The first digit is 1 or 2, then year and month. */
function isNir(digits: readonly number[]): boolean {
  const month = digits[3] * 10 + digits[4];
  if ((digits[0] !== 1 && digits[0] !== 2) || month < 1 || month > 12) return false;
  const rest = digits.slice(0, 13).reduce((total, digit) => (total * 10 + digit) % 97, 0);
  return 97 - rest === digits[13] * 10 + digits[14];
}

const dniLetters = 'TRWAGMYFPDXBNJZSQVHLCKE';

function isDni(text: Uint8Array, at: number): boolean {
  return dniLetters.charCodeAt(numberAt(text, at, 8) % 23) === text[at + 8];
}

const residentWeights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];

/** GB 11643: region, date of birth, sequence, and a check character of ISO 7064 MOD 11-2. */
function isResident(text: Uint8Array, at: number): boolean {
  const month = numberAt(text, at + 10, 2);
  const day = numberAt(text, at + 12, 2);
  const century = numberAt(text, at + 6, 2);
  if (month < 1 || month > 12 || day < 1 || day > 31 || (century !== 19 && century !== 20)) return false;
  const sum = residentWeights.reduce((total, weight, index) => total + weight * (text[at + index] - 0x30), 0);
  return '10X98765432'.charCodeAt(sum % 11) === (text[at + 17] === 0x78 ? 0x58 : text[at + 17]);
}

function digitsAt(text: Uint8Array, at: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => text[at + index] - 0x30);
}

/** The number of so many digits, or -1. */
function numberAt(text: Uint8Array, at: number, count: number): number {
  let value = 0;
  for (let index = at; index < at + count; index++) {
    if (isDigit[text[index]] === 0) return -1;
    value = value * 10 + text[index] - 0x30;
  }
  return value;
}

function standsFree(text: Uint8Array, start: number, stop: number, floor: number, end: number): boolean {
  if (stop > end) return false;
  const isOpen = (byte: number) => isAlphanumeric[byte] === 0 && byte !== dash;
  return (start === floor || isOpen(text[start - 1])) && (stop === end || isOpen(text[stop]));
}

function take(finding: Finding, start: number, end: number): true {
  finding.start = start;
  finding.end = end;
  return true;
}
