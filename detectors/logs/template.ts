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
  /** Number of the line that used it last. */
  used: number;
  /** None once it is forgotten or another's. */
  readonly patterns: Pattern[];
  /** Set when it turned out to be the same as an older one. */
  into?: Template;
}

/** One form that a template's lines take. */
export interface Pattern {
  /** Where it is looked for, by the tokens it was made of. */
  readonly key: number;
  /** Hashes of its tokens; wild where lines differ. */
  readonly tokens: Uint32Array;
  /** Grows with each pattern made. */
  readonly serial: number;
  template: Template;
}

/** The template that this one has become. */
export function resolved(template: Template): Template {
  let at = template;
  while (at.into !== undefined) at = at.into;
  return at;
}

/**
 * The pattern that shares most tokens with a line, from `similarity` on; a variable of the pattern counts as shared. The
 * first of equals.
 */
export function nearestPattern<P extends { readonly tokens: Uint32Array }>(
  leaf: readonly P[],
  tokens: Uint32Array,
  count: number,
  similarity: number,
): P | undefined {
  let best: P | undefined;
  let bestShared = Math.ceil(similarity * count - 1e-9) - 1;
  for (const pattern of leaf) {
    if (pattern.tokens.length !== count) continue;
    let shared = 0;
    for (let at = 0; at < count; at += 1) {
      const token = pattern.tokens[at]!;
      if (token === 0 || token === tokens[at]) shared += 1;
    }
    if (shared > bestShared) {
      bestShared = shared;
      best = pattern;
    }
  }
  return best;
}
