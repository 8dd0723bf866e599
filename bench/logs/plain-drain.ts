/** One replacement of a line before it is parsed. */
export interface Mask {
  readonly pattern: RegExp;
  readonly by: string;
}

export interface PlainDrainOptions {
  readonly depth: number;
  readonly similarity: number;
  readonly maxChildren: number;
  readonly extraDelimiters: readonly string[];
  readonly masks: readonly Mask[];
}

interface Node {
  readonly children: Map<string, Node>;
  clusters: Cluster[];
}

interface Cluster {
  readonly id: number;
  tokens: readonly string[];
}

const [before, after] = ['((?<=[^A-Za-z0-9])|^)', '((?=[^A-Za-z0-9])|$)'];
const mask = (middle: string, by: string): Mask => ({
  pattern: new RegExp(before + middle + after, 'g'),
  by: `<:${by}:>`,
});

/** Drain as its paper sets it for all systems, without the masking that it sets for each: only blanks part tokens. */
export const drainUnmasked: PlainDrainOptions = {
  depth: 4,
  similarity: 0.4,
  maxChildren: 100,
  extraDelimiters: [],
  masks: [],
};

/** Drain with the generic settings and masking that Drain3 publishes (`examples/drain3.ini`). */
export const drainPublished: PlainDrainOptions = {
  ...drainUnmasked,
  extraDelimiters: ['_'],
  masks: [
    mask('(([0-9a-f]{2,}:){3,}([0-9a-f]{2,}))', 'ID'),
    mask('(\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}\\.\\d{1,3})', 'IP'),
    mask('([0-9a-f]{6,} ?){3,}', 'SEQ'),
    mask('([0-9A-F]{4} ?){4,}', 'SEQ'),
    mask('(0x[a-f0-9A-F]+)', 'HEX'),
    mask('([\\-\\+]?\\d+)', 'NUM'),
    { pattern: /(?<=executed cmd )(".+?")/g, by: '<:CMD:>' },
  ],
};

const any = '<*>';

/** Drain (He et al., ICWS 2017) as Drain3 builds it, for comparison: gives the group of a line. */
export function createPlainDrain(options: PlainDrainOptions): (line: string) => number {
  const root: Node = { children: new Map(), clusters: [] };
  let nextId = 0;

  function child(node: Node, key: string): Node {
    let next = node.children.get(key);
    if (next === undefined) {
      next = { children: new Map(), clusters: [] };
      node.children.set(key, next);
    }
    return next;
  }

  function leafToRead(tokens: readonly string[]): Node | undefined {
    let node = root.children.get(String(tokens.length));
    for (const token of tokens.slice(0, Math.min(options.depth - 3, tokens.length - 1))) {
      node = node?.children.get(token) ?? node?.children.get(any);
    }
    return node;
  }

  function leafToWrite(tokens: readonly string[]): Node {
    let node = child(root, String(tokens.length));
    for (const token of tokens.slice(0, Math.min(options.depth - 3, tokens.length - 1))) {
      const known = node.children.has(token);
      const room = options.maxChildren - (node.children.has(any) ? 0 : 1);
      node = child(node, known || (!/\d/.test(token) && node.children.size < room) ? token : any);
    }
    return node;
  }

  return (text) => {
    let line = text;
    for (const { pattern, by } of options.masks) line = line.replaceAll(pattern, by);
    for (const delimiter of options.extraDelimiters) line = line.replaceAll(delimiter, ' ');
    const tokens = line.split(/\s+/).filter((token) => token !== '');
    let best: Cluster | undefined;
    let bestEqual = Math.max(options.similarity * tokens.length, 0);
    let bestVariables = -1;
    for (const cluster of leafToRead(tokens)?.clusters ?? []) {
      let equal = 0;
      let variables = 0;
      for (const [at, token] of cluster.tokens.entries()) {
        if (token === any) variables += 1;
        else if (token === tokens[at]) equal += 1;
      }
      if (equal < bestEqual || (equal === bestEqual && variables <= bestVariables)) continue;
      [best, bestEqual, bestVariables] = [cluster, equal, variables];
    }
    if (best === undefined) {
      best = { id: nextId, tokens };
      nextId += 1;
      leafToWrite(tokens).clusters.push(best);
    } else best.tokens = best.tokens.map((token, at) => (token === tokens[at] ? token : any));
    return best.id;
  };
}
