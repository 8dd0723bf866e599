import { infoClass, severityClasses } from './severity-class.ts';
import { headerLength } from './template-key.ts';
import { isKeyed, isVariable } from './tokenize.ts';

/** What lines of one kind have in common. Its `id` and `label` stay while anything of it is remembered. */
export interface Template {
  /** Grows, never given out twice. */
  readonly id: number;
  /** Follows from the first line's masked text, so that a replay names it alike: the label of its series. */
  readonly label: string;
  /** Its tokens for people, `<*>` for a variable. */
  readonly words: string[];
  /** The first line, then later ones, cut, a bounded number. */
  readonly examples: string[];
  /** Time of its first line, also when it was forgotten in between. */
  bornMs: number;
  /** Lines that matched. */
  lines: number;
  /** Highest OpenTelemetry severity number that it came with. */
  severity: number;
  /** Lines by severity class. */
  readonly classes: number[];
  /** Different error lines by their words, and what the first one said. */
  errorForms: number;
  errorForm: number;
  /** Number of the line that used it last. */
  used: number;
  /** None once it is forgotten or another's. */
  readonly patterns: Pattern[];
  /** Set when it turned out to be the same as an older one. */
  into?: Template;
}

export function noClasses(): number[] {
  return severityClasses.map(() => 0);
}

/** One form that a template's lines take. */
export interface Pattern {
  /** Where it is looked for, by the tokens it was made of. */
  readonly key: number;
  /** Hashes of its tokens, or variables where lines differ. */
  readonly tokens: Uint32Array;
  /** Grows with each pattern made. */
  readonly serial: number;
  template: Template;
}

/** Whether most of its lines inform: that trouble is over is no trouble, and of debugging the level may have been switched. */
export function informs({ classes }: Template): boolean {
  return classes[infoClass]! * 2 > classes.reduce((sum, count) => sum + count, 0);
}

/** The template that this one has become. */
export function resolved(template: Template): Template {
  let at = template;
  while (at.into !== undefined) at = at.into;
  return at;
}

/**
 * The pattern that shares most of its constant tokens with a line, `similarity` of them at least; the first of equals.
 * Neither the line's header nor keys whose values vary say that lines are alike, but keys that differ tell them apart.
 */
export function nearestPattern<P extends { readonly tokens: Uint32Array }>(
  leaf: readonly P[],
  tokens: Uint32Array,
  count: number,
  similarity: number,
): P | undefined {
  const from = headerLength(tokens, count);
  let best: P | undefined;
  let bestShare = similarity - 1e-9;
  for (const pattern of leaf) {
    if (pattern.tokens.length !== count) continue;
    let shared = 0;
    let constant = 0;
    for (let at = from; at < count; at += 1) {
      const token = pattern.tokens[at]!;
      if (isVariable(token)) continue;
      if (token !== tokens[at]) constant += 1;
      else if (!isKeyed(token)) {
        constant += 1;
        shared += 1;
      }
    }
    const share = constant === 0 ? 1 : shared / constant;
    if (share < bestShare || (share === bestShare && best !== undefined)) continue;
    bestShare = share;
    best = pattern;
  }
  return best;
}
