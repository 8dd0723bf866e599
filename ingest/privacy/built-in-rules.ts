import type { RuleName } from './privacy-config.ts';

export interface BuiltInRule {
  /** Group 1, where there is one, stays before what is masked. No nested or adjacent unbounded repeats: linear time. */
  readonly pattern: RegExp;
  /** Rules out what only looks like it. */
  readonly isReal?: (match: string) => boolean;
}

/** What the built-in rules look for, in ASCII. */
export const builtInRules: Readonly<Record<RuleName, BuiltInRule>> = {
  'private-key': {
    pattern: /-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----[^-]{0,20000}(?:-----END [A-Z ]{0,20}PRIVATE KEY-----)?/g,
  },
  jwt: { pattern: /\beyJ[\w-]{8,4096}\.[\w-]{8,8192}\.[\w-]{0,4096}/g },
  token: {
    pattern:
      /\b(?:(?:AKIA|ASIA)[A-Z0-9]{16}|gh[pousr]_[A-Za-z0-9]{36,255}|github_pat_\w{22,255}|glpat-[\w-]{20,64}|xox[abprs]-[A-Za-z0-9-]{10,255}|sk_live_[A-Za-z0-9]{16,128}|AIza[\w-]{35})/g,
  },
  credential: {
    pattern:
      /((?:passwo?r?d|passwd|pwd|secret|api[_-]?key|access[_-]?key|access[_-]?token|auth[_-]?token|client[_-]?secret)["']?\s{0,3}[:=]\s{0,3}["']?|\bbearer\s{1,3}|\bbasic\s{1,3}(?=[A-Za-z0-9+/=]{12})|:\/\/[^\s:/@]{0,64}:(?=[^\s/@]{1,128}@))(?:(?<=:\/\/[^\s:/@]{0,64}:)[^\s/@]{1,128}(?=@)|(?<=")[^"\n]{1,512}|(?<=')[^'\n]{1,512}|[^\s"'&,;]{1,512})/gi,
  },
  card: { pattern: /(?<![\d.-])[3-6]\d{3}(?:[ -]?\d{2,6}){2,3}\d(?![\d.-])/g, isReal: isCardNumber },
  email: { pattern: /(?<![\w.+-])[\w.+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,4}/g },
  iban: { pattern: /\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b/g, isReal: isIban },
  'us-ssn': { pattern: /(?<![\d-])(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![\d-])/g },
};

/** 13 to 19 digits whose Luhn sum (ISO/IEC 7812-1, annex B) is right. */
export function isCardNumber(text: string): boolean {
  const digits = text.replace(/\D/g, '');
  if (digits.length < 13 || digits.length > 19) return false;
  let sum = 0;
  for (let index = 0; index < digits.length; index++) {
    const digit = Number(digits[digits.length - 1 - index]);
    const weighted = index % 2 === 0 ? digit : digit * 2;
    sum += weighted > 9 ? weighted - 9 : weighted;
  }
  return sum % 10 === 0;
}

/** ISO 13616: the number with its first four characters moved behind, letters as 10 to 35, is 1 modulo 97. */
export function isIban(text: string): boolean {
  const plain = text.replaceAll(' ', '');
  if (plain.length < 15 || plain.length > 34) return false;
  let rest = 0;
  for (const character of plain.slice(4) + plain.slice(0, 4)) {
    const value = Number.parseInt(character, 36);
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
  }
  return rest === 1;
}
