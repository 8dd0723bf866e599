import { RE2JS } from 're2js';
import { KybernError } from '../../model/index.ts';
import type { PrivacyConfig } from './privacy-config.ts';

/** What stands where a text was not read to its end. */
export const unread = '<unread>';

/** The instructions that a pattern may compile to: `(a{1000}){1000}` is short and would be large. */
const mostInstructions = 5_000;
const budgetOfTexts = 16;
const masks = /<[a-z0-9-]{1,40}(?::[0-9a-f]{12})?>/g;

/** A pattern of the user's, matched by re2js: an automaton, linear in the text whatever the pattern. */
export interface OwnPattern {
  readonly name: string;
  replace(text: string, by: (match: string) => string): string;
  test(text: string): boolean;
}

/** Throws KYBERN_CONFIG where it is not RE2 syntax, or too large. */
export function createOwnPattern(
  { name, pattern }: PrivacyConfig['patterns'][number],
  patternBytes: number,
): OwnPattern {
  const compiled = compile(name, pattern);

  return {
    name,
    test: (text) => compiled.matcher(text.slice(0, patternBytes)).find(),
    replace(text, by) {
      const matcher = compiled.matcher(text);
      // Each search may read to the end of the text before it knows: many matches could cost its square.
      let budget = budgetOfTexts * patternBytes;
      let masked: readonly (readonly [number, number])[] | undefined;
      let result = '';
      let at = 0;
      while (matcher.find()) {
        const [start, end] = [matcher.start(), matcher.end()];
        // An empty match has nothing to hide, and what stands in a mask is hidden.
        masked ??= masksOf(text);
        if (end > start && !masked.some(([from, to]) => start >= from && end <= to)) {
          result += text.slice(at, start) + by(text.slice(start, end));
          at = end;
        }
        budget -= text.length - start;
        if (budget < 0) return result + (end < text.length ? `${text.slice(at, end)}${unread}` : text.slice(at));
      }
      return at === 0 ? text : result + text.slice(at);
    },
  };
}

/** The text as far as own patterns read. */
export function readable(text: string, patternBytes: number): string {
  if (text.length <= patternBytes) return text;
  if (text.length <= patternBytes + unread.length && text.endsWith(unread)) return text;
  const last = text.charCodeAt(patternBytes - 1);
  const isSplit = last >= 0xd800 && last < 0xdc00;
  return text.slice(0, isSplit ? patternBytes - 1 : patternBytes) + unread;
}

function masksOf(text: string): readonly (readonly [number, number])[] {
  return Array.from(text.matchAll(masks), ({ 0: mask, index }) => [index, index + mask.length] as const);
}

function compile(name: string, pattern: string): RE2JS {
  let compiled: RE2JS;
  try {
    compiled = RE2JS.compile(pattern);
  } catch (cause) {
    throw new KybernError('KYBERN_CONFIG', `ingest.privacy.patterns: ${name} is not RE2 syntax`, { cause });
  }
  if (compiled.programSize() <= mostInstructions) return compiled;
  throw new KybernError('KYBERN_CONFIG', `ingest.privacy.patterns: ${name} is too large`);
}
