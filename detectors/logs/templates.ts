import { contentHash } from '../../model/index.ts';
import type { StateReader } from '../checkpoint/state-reader.ts';
import type { StateWriter } from '../checkpoint/state-writer.ts';
import { errorForm } from './error-form.ts';
import { createPatternTree, type PatternTree } from './pattern-tree.ts';
import { createRetiredPatterns } from './retired-patterns.ts';
import { noClasses, resolved, type Template } from './template.ts';
import { leafKey, lineFold } from './template-key.ts';
import { createTokenizer, isVariable, type LineTokens, tokenText } from './tokenize.ts';

export interface TemplatesOptions {
  /** Templates kept; the one unused longest makes room. */
  readonly limit: number;
  /** Share of tokens in common from which a line belongs to a template. */
  readonly similarity: number;
  /** So many different words at one place of lines that are equal otherwise make that place a variable. */
  readonly variableWords: number;
  /** Lines kept of each template. */
  readonly examples: number;
}

export interface Templates {
  readonly size: number;
  /** Ids that have become others' since this was asked last. */
  takeGone(): ReadonlySet<number>;
  /** The template of the line in `bytes[from..to)`, made now if it is the first of its kind. */
  match(bytes: Uint8Array, from: number, to: number, timeMs: number): Template;
  /** What the line that was matched last says, {@link errorForm}. */
  formOfLast(bytes: Uint8Array, onlyNames: boolean): number;
  /** Whether one that is equal to it but for its variables was seen before. */
  readonly knewLast: boolean;
  /** The template that has this id or that the one with this id has become. */
  get(id: number): Template | undefined;
  save(writer: StateWriter): void;
  load(reader: StateReader): void;
}

const exampleBytes = 240;
/** At the limit so much is dropped at once, the longest unused first. */
const dropShare = 0.1;
/** Retired forms remembered and line folds known, as a multiple of the templates kept. */
const [retiredShare, foldShare] = [2, 8];
const decoder = new TextDecoder();
const colours = new RegExp(`${String.fromCharCode(27)}\\[[\\d;]*[A-Za-z]?`, 'g');

/** A line as it is told: its beginning, without a terminal's colours and the rest of a character that was cut. */
export function exampleOf(bytes: Uint8Array, from: number, to: number): string {
  const text = decoder.decode(bytes.subarray(from, Math.min(to, from + exampleBytes)));
  return text.replace(colours, '').replace(/\ufffd$/, '');
}

/**
 * Templates mined online. The tree and the similarity are Drain's (He, Zhu, Zheng, Lyu: "Drain: an online log parsing
 * approach with fixed depth tree", ICWS 2017), over token hashes; what Drain parts for good is put together again as lines
 * show it (see {@link createPatternTree}). Lines whose masked tokens were all seen before, nearly every line, are found by
 * one look-up. All of it is bounded, and a template that was dropped and comes back keeps its id and label.
 */
export function createTemplates(options: TemplatesOptions): Templates {
  const { limit, similarity } = options;
  const tokenize = createTokenizer();
  const retired = createRetiredPatterns(limit * retiredShare);
  const newTree = (): PatternTree => createPatternTree({ ...options, forgotten: retired.add });
  let tree = newTree();
  /** Template by the fold of a line's token hashes. */
  let folds = new Map<number, Template>();
  let nextId = 0;
  let lineNumber = 0;
  let last: LineTokens | undefined;
  let knewLast = false;

  function drop(): void {
    const doomed = tree.templates().sort((a, b) => a.used - b.used);
    for (const template of doomed.slice(0, Math.ceil(limit * dropShare))) tree.remove(template);
    folds = new Map([...folds].filter(([, template]) => resolved(template).patterns.length > 0));
  }

  function create(line: LineTokens, bytes: Uint8Array, timeMs: number): Template {
    const { hashes, count } = line;
    const key = leafKey(hashes, count);
    const back = retired.revive(key, hashes, count, similarity);
    if (tree.size >= limit) drop();
    const form = back.find(({ tokens }) => tokens.length === count)?.tokens;
    const words = Array.from({ length: count }, (_, token) =>
      form !== undefined && isVariable(form[token]!) ? '<*>' : tokenText(line, bytes, token),
    );
    const template: Template = {
      id: back[0]?.id ?? nextId,
      label: back[0]?.label ?? contentHash(words.join(' ')).slice(0, 12),
      words,
      examples: [],
      bornMs: back[0]?.bornMs ?? timeMs,
      lines: 0,
      severity: 0,
      classes: noClasses(),
      errorForms: 0,
      errorForm: 0,
      used: lineNumber,
      patterns: [],
    };
    if (back.length === 0) nextId += 1;
    tree.add(template, back.length > 0 ? back : [{ key, tokens: hashes.slice(0, count) }]);
    const own = tree.nearest(key, hashes, count);
    if (own !== undefined) tree.widen(own, hashes);
    return resolved(template);
  }

  function matchSlowly(line: LineTokens, bytes: Uint8Array, timeMs: number): Template {
    const { hashes, count } = line;
    const found = tree.nearest(leafKey(hashes, count), hashes, count);
    if (found === undefined) return create(line, bytes, timeMs);
    tree.widen(found, hashes);
    return resolved(found.template);
  }

  function keepExample(template: Template, bytes: Uint8Array, from: number, to: number): void {
    const { examples, lines } = template;
    const at = examples.length < options.examples ? examples.length : 1 + (Math.log2(lines) % (options.examples - 1));
    if (at < options.examples) examples[at] = exampleOf(bytes, from, to);
  }

  return {
    get size() {
      return tree.size;
    },
    takeGone: () => tree.takeGone(),
    match: (bytes, from, to, timeMs) => {
      lineNumber += 1;
      const line = tokenize(bytes, from, to);
      last = line;
      const fold = lineFold(line.hashes, line.count);
      let template = folds.get(fold);
      if (template === undefined || template.patterns.length === 0) {
        const known = template === undefined ? undefined : resolved(template);
        knewLast = known !== undefined && known.patterns.length > 0;
        template = knewLast ? known! : matchSlowly(line, bytes, timeMs);
        if (folds.size >= limit * foldShare) folds.clear();
        folds.set(fold, template);
      } else knewLast = true;
      template.used = lineNumber;
      template.lines += 1;
      // The first lines, then one of every power of two: they cost nothing and are spread over time.
      if ((template.lines & (template.lines - 1)) === 0) keepExample(template, bytes, from, to);
      return template;
    },
    get knewLast() {
      return knewLast;
    },
    formOfLast: (bytes, onlyNames) => (last === undefined ? 0 : errorForm(last, bytes, onlyNames)),
    get: (id) => tree.get(id),
    save: (writer) => {
      const known = [...folds].flatMap(([fold, template]) => {
        const root = resolved(template);
        return root.patterns.length > 0 ? [[fold, root.id]] : [];
      });
      writer.json({ nextId, lineNumber, tree: tree.save(), retired: retired.save(), folds: known });
    },
    load: (reader) => {
      const saved = reader.json<Saved>();
      nextId = saved.nextId;
      lineNumber = saved.lineNumber;
      tree = newTree();
      tree.load(saved.tree);
      retired.load(saved.retired);
      folds = new Map();
      for (const [fold, id] of saved.folds) {
        const template = tree.get(id);
        if (template !== undefined) folds.set(fold, template);
      }
    },
  };
}

interface Saved {
  readonly nextId: number;
  readonly lineNumber: number;
  readonly tree: unknown;
  readonly retired: unknown;
  readonly folds: readonly (readonly [number, number])[];
}
