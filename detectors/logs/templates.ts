import { contentHash } from '../../model/index.ts';
import type { StateReader } from '../checkpoint/state-reader.ts';
import type { StateWriter } from '../checkpoint/state-writer.ts';
import { createTokenizer, wild } from './tokenize.ts';

/** What lines of one kind have in common. */
export interface Template {
  /** Number within this process; grows, never given out twice. */
  readonly id: number;
  /** Follows from the first line's masked text: the label of its series. */
  readonly label: string;
  /** Hashes of its tokens; {@link wild} where lines differ. */
  readonly tokens: Uint32Array;
  readonly words: string[];
  /** The first line, cut. */
  readonly example: string;
  readonly bornMs: number;
  /** Number of the line that used it last. */
  used: number;
}

export interface Templates {
  readonly size: number;
  /** The template of the line in `bytes[from..to)`, made now if it is the first of its kind. */
  match(bytes: Uint8Array, from: number, to: number, timeMs: number): Template;
  get(id: number): Template | undefined;
  save(writer: StateWriter): void;
  load(reader: StateReader): void;
}

const exampleBytes = 240;
/** Templates of one leaf that are compared with; Drain's max_children has the same purpose. */
const perLeaf = 100;
/** At the limit so much is dropped at once, the longest unused first. */
const dropShare = 0.1;
const decoder = new TextDecoder();

/**
 * Drain (He, Zhu, Zheng, Lyu: "Drain: an online log parsing approach with fixed depth tree", ICWS 2017) with a tree of
 * depth two, number of tokens and first constant token, over token hashes. Lines whose masked tokens were all seen
 * before, which is nearly every line, are found by one look-up.
 */
export function createTemplates(limit: number, similarity: number): Templates {
  const tokenize = createTokenizer();
  let byId = new Map<number, Template>();
  let leaves = new Map<number, Template[]>();
  /** Template id by the fold of a line's token hashes. */
  let lines = new Map<number, number>();
  let nextId = 0;
  let lineNumber = 0;

  function leafKey(hashes: Uint32Array, count: number): number {
    for (let at = 0; at < Math.min(count, 3); at += 1) if (hashes[at] !== wild) return count * 2 ** 32 + hashes[at]!;
    return count * 2 ** 32;
  }

  function nearest(leaf: readonly Template[], hashes: Uint32Array, count: number): Template | undefined {
    let best: Template | undefined;
    let bestEqual = Math.max(1, Math.ceil(similarity * count)) - 1;
    for (const template of leaf) {
      let equal = 0;
      for (let at = 0; at < count; at += 1) if (template.tokens[at] === hashes[at]) equal += 1;
      if (equal > bestEqual) {
        bestEqual = equal;
        best = template;
      }
    }
    return best;
  }

  function drop(): void {
    const doomed = [...byId.values()].sort((a, b) => a.used - b.used).slice(0, Math.ceil(limit * dropShare));
    for (const template of doomed) byId.delete(template.id);
    leaves = new Map();
    for (const template of byId.values()) addToLeaf(template);
    lines = new Map([...lines].filter(([, id]) => byId.has(id)));
  }

  function addToLeaf(template: Template): void {
    const key = leafKey(template.tokens, template.tokens.length);
    const leaf = leaves.get(key);
    if (leaf === undefined) leaves.set(key, [template]);
    else leaf.push(template);
  }

  function matchSlowly(bytes: Uint8Array, from: number, to: number, timeMs: number): Template {
    const line = tokenize(bytes, from, to);
    const { hashes, count } = line;
    const key = leafKey(hashes, count);
    const leaf = leaves.get(key) ?? [];
    const found = nearest(leaf, hashes, count) ?? (leaf.length >= perLeaf ? leaf[0] : undefined);
    if (found !== undefined) {
      for (let at = 0; at < count; at += 1) {
        if (found.tokens[at] === hashes[at]) continue;
        found.tokens[at] = wild;
        found.words[at] = '<*>';
      }
      return found;
    }
    if (byId.size >= limit) drop();
    const words: string[] = [];
    for (let at = 0; at < count; at += 1) {
      const word = decoder.decode(bytes.subarray(line.starts[at], line.ends[at]));
      words.push(hashes[at] === wild ? '<*>' : word.replaceAll(/[0-9A-Za-z]*\d[0-9A-Za-z]*/g, '<*>'));
    }
    const template: Template = {
      id: nextId,
      label: contentHash(...words).slice(0, 12),
      tokens: hashes.slice(0, count),
      words,
      example: decoder.decode(bytes.subarray(from, Math.min(to, from + exampleBytes))),
      bornMs: timeMs,
      used: lineNumber,
    };
    nextId += 1;
    byId.set(template.id, template);
    addToLeaf(template);
    return template;
  }

  return {
    get size() {
      return byId.size;
    },
    match: (bytes, from, to, timeMs) => {
      lineNumber += 1;
      const { hashes, count } = tokenize(bytes, from, to);
      let high = count;
      let low = 0x811c9dc5;
      for (let at = 0; at < count; at += 1) {
        low = Math.imul(low ^ hashes[at]!, 0x01000193);
        low ^= low >>> 15;
        high = Math.imul(high ^ hashes[at]!, 0x85ebca6b);
        high ^= high >>> 13;
      }
      const line = (high & 0x1fffff) * 2 ** 32 + (low >>> 0);
      const known = lines.get(line);
      if (known !== undefined) {
        const template = byId.get(known)!;
        template.used = lineNumber;
        return template;
      }
      const template = matchSlowly(bytes, from, to, timeMs);
      template.used = lineNumber;
      if (lines.size >= limit * 8) lines.clear();
      lines.set(line, template.id);
      return template;
    },
    get: (id) => byId.get(id),
    save: (writer) => {
      const templates = [...byId.values()].map((template) => ({ ...template, tokens: [...template.tokens] }));
      writer.json({ nextId, lineNumber, templates, lines: [...lines] });
    },
    load: (reader) => {
      type Saved = Omit<Template, 'tokens'> & { tokens: number[] };
      const saved = reader.json<{
        nextId: number;
        lineNumber: number;
        templates: Saved[];
        lines: [number, number][];
      }>();
      nextId = saved.nextId;
      lineNumber = saved.lineNumber;
      byId = new Map();
      leaves = new Map();
      lines = new Map(saved.lines);
      for (const each of saved.templates) {
        const template: Template = { ...each, tokens: Uint32Array.from(each.tokens) };
        byId.set(template.id, template);
      }
      for (const template of byId.values()) addToLeaf(template);
    },
  };
}
