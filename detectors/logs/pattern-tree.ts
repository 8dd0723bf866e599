import { thinOut } from '../../model/index.ts';
import { nearestPattern, type Pattern, resolved, type Template } from './template.ts';
import { canonicalFold, hasConstant, keyPlaces, leafKey } from './template-key.ts';
import { free, isVariable } from './tokenize.ts';

/** The patterns of all templates, and which templates have turned out to be one. */
export interface PatternTree {
  /** Number of templates. */
  readonly size: number;
  /** Ids that have become others' since this was asked last. */
  takeGone(): ReadonlySet<number>;
  templates(): Template[];
  get(id: number): Template | undefined;
  nearest(key: number, tokens: Uint32Array, count: number): Pattern | undefined;
  /** Adds a template with the forms given, each a leaf's key and tokens. */
  add(template: Template, forms: readonly PatternForm[]): void;
  /** Makes variables of the tokens that a line has otherwise. */
  widen(pattern: Pattern, tokens: Uint32Array): void;
  remove(template: Template): void;
  save(): unknown;
  load(saved: unknown): void;
}

export type PatternForm = Pick<Pattern, 'key' | 'tokens'>;

export interface PatternTreeOptions {
  readonly limit: number;
  readonly similarity: number;
  readonly variableWords: number;
  /** Told of a template before it is let go. */
  readonly forgotten: (template: Template) => void;
}

/** Patterns that are compared with; Drain's max_children has the same purpose. */
const perLeaf = 100;
const patternsPerTemplate = 32;
/** Folds remembered, as a multiple of the templates kept. */
const foldShare = 8;

/**
 * Drain's tree of depth two, and two ways for its templates to become one. Patterns that differ only in how many
 * variables follow each other are the same (a list of three blocks, of five); words that vary are no such list. And a word is known to be a variable by what
 * is seen at its place: when `variableWords` templates are equal but for one token, that token is one. Until then they are
 * kept apart, since few words at a place (opened, closed) are kinds of line and many (users, hosts) are values.
 */
export function createPatternTree(options: PatternTreeOptions): PatternTree {
  const { limit, similarity, variableWords, forgotten } = options;
  let leaves = new Map<number, Pattern[]>();
  let byId = new Map<number, Template>();
  /** What the id of a template that is no more has become. */
  let become = new Map<number, number>();
  /** Template by the canonical fold of one of its patterns. */
  let exact = new Map<number, number>();
  /** Templates by the canonical fold of a pattern with one token left out. */
  let holes = new Map<number, number[]>();
  let nextSerial = 0;
  let gone = new Set<number>();

  function get(id: number): Template | undefined {
    let at = id;
    for (let next = become.get(at); next !== undefined; next = become.get(at)) at = next;
    return byId.get(at);
  }

  function make({ key, tokens }: PatternForm, template: Template): Pattern {
    const pattern: Pattern = { key, tokens, serial: nextSerial, template };
    nextSerial += 1;
    return pattern;
  }

  function place(pattern: Pattern): void {
    const leaf = leaves.get(pattern.key);
    if (leaf === undefined) leaves.set(pattern.key, [pattern]);
    else leaf.push(pattern);
    pattern.template.patterns.push(pattern);
  }

  function unplace(pattern: Pattern): void {
    const rest = leaves.get(pattern.key)?.filter((other) => other !== pattern) ?? [];
    if (rest.length === 0) leaves.delete(pattern.key);
    else leaves.set(pattern.key, rest);
    const { patterns } = pattern.template;
    const at = patterns.indexOf(pattern);
    if (at >= 0) patterns.splice(at, 1);
  }

  /** The older of two goes on as both. */
  function unite(one: Template, other: Template): Template {
    if (one === other) return one;
    const [root, joined] = one.id < other.id ? [one, other] : [other, one];
    for (const pattern of joined.patterns) {
      pattern.template = root;
      root.patterns.push(pattern);
    }
    joined.patterns.length = 0;
    joined.into = root;
    gone.add(joined.id);
    root.severity = Math.max(root.severity, joined.severity);
    root.lines += joined.lines;
    for (const [each, count] of joined.classes.entries()) root.classes[each] = root.classes[each]! + count;
    if (root.errorForms === 0) root.errorForm = joined.errorForm;
    root.errorForms += joined.errorForms;
    root.used = Math.max(root.used, joined.used);
    root.bornMs = Math.min(root.bornMs, joined.bornMs);
    byId.delete(joined.id);
    become.set(joined.id, root.id);
    thinOut(become, limit * foldShare);
    while (root.patterns.length > patternsPerTemplate) {
      unplace(root.patterns.reduce((first, other) => (other.serial < first.serial ? other : first)));
    }
    return root;
  }

  function generalise(pattern: Pattern, hole: number, members: readonly Template[]): Template {
    const tokens = pattern.tokens.slice();
    tokens[hole] = free;
    let root = members[0]!;
    for (const member of members) root = unite(root, member);
    for (const old of [...root.patterns]) if (covers(tokens, old.tokens)) unplace(old);
    place(make({ key: leafKey(tokens, tokens.length), tokens }, root));
    if (root.words.length === tokens.length)
      for (const [at, token] of tokens.entries()) if (isVariable(token)) root.words[at] = '<*>';
    return root;
  }

  function register(pattern: Pattern): void {
    const { tokens } = pattern;
    const own = canonicalFold(tokens, tokens.length, -1);
    const same = get(exact.get(own) ?? -1);
    if (same !== undefined) unite(same, pattern.template);
    else remember(exact, own, pattern.template.id);
    for (let at = 0; at < tokens.length; at += 1) {
      if (isVariable(tokens[at]!) || !hasConstant(tokens, at)) continue;
      const fold = canonicalFold(tokens, tokens.length, at);
      const template = resolved(pattern.template);
      const general = get(exact.get(fold) ?? -1);
      if (general !== undefined) {
        unite(general, template);
        continue;
      }
      const ids = new Set<number>([template.id]);
      const members = [template];
      for (const id of holes.get(fold) ?? []) {
        const member = get(id);
        if (member === undefined || ids.has(member.id)) continue;
        ids.add(member.id);
        members.push(member);
      }
      if (ids.size < variableWords) remember(holes, fold, [...ids]);
      else {
        holes.delete(fold);
        remember(exact, fold, generalise(pattern, at, members).id);
      }
    }
  }

  function remember<Value>(map: Map<number, Value>, fold: number, value: Value): void {
    map.set(fold, value);
    thinOut(map, limit * foldShare);
  }

  function remove(template: Template): void {
    forgotten(template);
    for (const pattern of [...template.patterns]) unplace(pattern);
    byId.delete(template.id);
  }

  /** Makes room in a leaf: searching a long one is slow. */
  function thin(key: number): void {
    const leaf = leaves.get(key);
    if (leaf === undefined || leaf.length < perLeaf) return;
    const oldest = leaf.reduce((least, other) => (other.template.used < least.template.used ? other : least));
    if (oldest.template.patterns.length === 1) remove(oldest.template);
    else unplace(oldest);
  }

  return {
    get size() {
      return byId.size;
    },
    takeGone: () => {
      const taken = gone;
      if (taken.size > 0) gone = new Set();
      return taken;
    },
    templates: () => [...byId.values()],
    get,
    nearest: (key, tokens, count) => {
      const own = nearestPattern(leaves.get(key) ?? [], tokens, count, similarity);
      if (own !== undefined) return own;
      // One of the words that lead to the leaf may be a variable of the pattern.
      for (const hole of keyPlaces(tokens, count)) {
        const leaf = leaves.get(leafKey(tokens, count, hole))?.filter((pattern) => pattern.tokens[hole] === free);
        const found = leaf === undefined ? undefined : nearestPattern(leaf, tokens, count, similarity);
        if (found !== undefined) return found;
      }
      return undefined;
    },
    add: (template, forms) => {
      byId.set(template.id, template);
      const patterns = forms.map((form) => make(form, template));
      for (const pattern of patterns) {
        thin(pattern.key);
        place(pattern);
      }
      for (const pattern of patterns) register(pattern);
    },
    widen: (pattern, tokens) => {
      let widened = false;
      const { words } = pattern.template;
      for (let at = 0; at < pattern.tokens.length; at += 1) {
        if (pattern.tokens[at] === tokens[at] || isVariable(pattern.tokens[at]!)) continue;
        pattern.tokens[at] = free;
        if (words.length === pattern.tokens.length) words[at] = '<*>';
        widened = true;
      }
      if (widened) register(pattern);
    },
    remove,
    save: () => ({
      templates: [...byId.values()].map(({ patterns: _patterns, into: _into, ...rest }) => rest),
      patterns: [...leaves.values()]
        .flat()
        .map(({ key, tokens, serial, template }) => [key, [...tokens], serial, template.id]),
      nextSerial,
      gone: [...gone],
      become: [...become],
      exact: [...exact],
      holes: [...holes],
    }),
    load: (saved) => {
      const state = saved as Saved;
      leaves = new Map();
      byId = new Map(state.templates.map((template) => [template.id, { ...template, patterns: [] }]));
      for (const [key, tokens, serial, id] of state.patterns) {
        const template = byId.get(id);
        if (template !== undefined) place({ key, tokens: Uint32Array.from(tokens), serial, template });
      }
      nextSerial = state.nextSerial;
      gone = new Set(state.gone);
      become = new Map(state.become);
      exact = new Map(state.exact);
      holes = new Map(state.holes.map(([fold, ids]) => [fold, [...ids]]));
    },
  };
}

type SavedTemplate = Omit<Template, 'patterns' | 'into'>;

interface Saved {
  readonly templates: readonly SavedTemplate[];
  readonly patterns: readonly (readonly [number, readonly number[], number, number])[];
  readonly nextSerial: number;
  readonly gone: readonly number[];
  readonly become: readonly (readonly [number, number])[];
  readonly exact: readonly (readonly [number, number])[];
  readonly holes: readonly (readonly [number, readonly number[]])[];
}

function covers(general: Uint32Array, tokens: Uint32Array): boolean {
  if (general.length !== tokens.length) return false;
  for (let at = 0; at < tokens.length; at += 1) {
    if (!isVariable(general[at]!) && general[at] !== tokens[at]) return false;
  }
  return true;
}
