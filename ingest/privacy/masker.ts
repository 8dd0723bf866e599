import { KybernError, type Metrics } from '../../model/index.ts';
import { builtInRules } from './built-in-rules.ts';
import { openKeyedHash } from './hash-key.ts';
import { createOwnPattern, readable } from './own-patterns.ts';
import type { PrivacyConfig, RuleName } from './privacy-config.ts';
import { createScanner, type Matches } from './scan/create-scanner.ts';
import { isSecretName } from './scan/find-credential.ts';

/** Replaces what the rules find by `<rule>`, or `<rule:hash>`. What was masked once stays as it is. */
export interface Masker {
  /** The bytes [start, end) masked, or undefined where there is nothing to mask: then nothing was allocated. */
  bytes(text: Uint8Array, start: number, end: number): Uint8Array | undefined;
  text(text: string): string;
  /** The value of a label of this name: where the name is one of a secret, all of it. */
  label(name: string, value: string): string;
  /** Whether these bytes hold what a rule of `drop` refuses. */
  refuses(text: Uint8Array, start: number, end: number): boolean;
  /** Whether there are such rules. */
  readonly isRefusing: boolean;
}

const mostPasses = 4;

/** Matches are counted by rule and never told. Throws KYBERN_CONFIG where the rules are not right. */
export function createMasker(config: PrivacyConfig, metrics: Metrics): Masker {
  checkNames(config);
  const masked = metrics.counter('kybern_ingest_masked_total', 'Matches masked, by rule.', ['rule']);
  const hash = openKeyedHash(config);
  const builtIn = config.enabled ? orderOf(config.rules) : [];
  const own = (config.enabled ? config.patterns : []).map((one) => createOwnPattern(one, config.patternBytes));
  const scan = createScanner(builtIn.map((rule) => builtInRules[rule]));
  const refused = builtIn.filter((rule) => config.drop.includes(rule));
  const scanRefused = createScanner(refused.map((rule) => builtInRules[rule]));
  const ownRefused = own.filter(({ name }) => config.drop.includes(name));
  const isRefusing = refused.length > 0 || ownRefused.length > 0;

  function mask(rule: string, match: string | Uint8Array): string {
    masked.add(1, { rule });
    return hash !== undefined && config.hash.includes(rule) ? `<${rule}:${hash(match)}>` : `<${rule}>`;
  }

  function withMasks(text: Buffer, start: number, end: number, { count, starts, ends, finders }: Matches): Buffer {
    const parts: Buffer[] = [];
    let at = start;
    for (let index = 0; index < count; index++) {
      const match = text.subarray(starts[index], ends[index]);
      parts.push(text.subarray(at, starts[index]), Buffer.from(mask(builtIn[finders[index]], match)));
      at = ends[index];
    }
    parts.push(text.subarray(at, end));
    return Buffer.concat(parts);
  }

  function byOwn(text: string): string {
    const start = readable(text, config.patternBytes);
    return own.reduce((result, pattern) => pattern.replace(result, (match) => mask(pattern.name, match)), start);
  }

  function once(text: Uint8Array, start: number, end: number): Uint8Array | undefined {
    const matches = scan(text, start, end);
    if (matches.count === 0 && own.length === 0) return undefined;
    const buffer = bufferOf(text);
    const scanned = matches.count > 0 ? withMasks(buffer, start, end, matches) : undefined;
    if (own.length === 0) return scanned;
    const before = scanned === undefined ? buffer.toString('utf8', start, end) : scanned.toString();
    const after = byOwn(before);
    return after === before ? scanned : Buffer.from(after);
  }

  /** Until there is no more: what stood beside a match may be one itself now that the match is gone. */
  function bytes(text: Uint8Array, start: number, end: number): Uint8Array | undefined {
    let result = once(text, start, end);
    for (let pass = 1; result !== undefined && pass < mostPasses; pass++) {
      const next = once(result, 0, result.length);
      if (next === undefined) break;
      result = next;
    }
    return result;
  }

  function text(value: string): string {
    if (value === '') return value;
    const encoded = Buffer.from(value);
    const result = bytes(encoded, 0, encoded.length);
    return result === undefined ? value : Buffer.from(result).toString();
  }

  return {
    bytes,
    text,
    label(name, value) {
      if (value === '' || !builtIn.includes('credential') || !isSecretName(name)) return text(value);
      return /^<[^<>]*>$/.test(value) ? value : mask('credential', value);
    },
    refuses(from, start, end) {
      if (!isRefusing) return false;
      if (scanRefused(from, start, end).count > 0) return true;
      if (ownRefused.length === 0) return false;
      const decoded = bufferOf(from).toString('utf8', start, end);
      return ownRefused.some((pattern) => pattern.test(decoded));
    },
    isRefusing,
  };
}

function bufferOf(text: Uint8Array): Buffer {
  return Buffer.from(text.buffer, text.byteOffset, text.length);
}

/** As in the table of rules: what holds others is looked for first. */
function orderOf(rules: readonly RuleName[]): RuleName[] {
  return (Object.keys(builtInRules) as RuleName[]).filter((rule) => rules.includes(rule));
}

function checkNames({ rules, patterns, hash, drop }: PrivacyConfig): void {
  const known = new Set<string>([...rules, ...patterns.map(({ name }) => name)]);
  const clash = patterns.find(
    ({ name }, index) => name in builtInRules || patterns.findIndex((one) => one.name === name) < index,
  );
  if (clash !== undefined)
    throw new KybernError('KYBERN_CONFIG', `ingest.privacy.patterns: there is another rule named ${clash.name}`);
  const unknown = [...hash, ...drop].find((name) => !known.has(name));
  if (unknown !== undefined)
    throw new KybernError('KYBERN_CONFIG', `ingest.privacy: ${unknown} is in hash or drop, and no rule in force`);
}
