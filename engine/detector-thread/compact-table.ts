import { createFingerprintIndex } from '../../ingest/catalog/index.ts';
import {
  entityOfLabels,
  KybernError,
  type Labels,
  type SeriesDefinition,
  type SeriesIdentity,
} from '../../model/index.ts';

/** Definitions of series in columns: some fifty bytes each, beside labels that are there once. */
export interface CompactTable {
  readonly size: number;
  /** Made of the columns when asked for. Throws KYBERN_NOT_FOUND. */
  get(id: number): SeriesDefinition;
  /** The number of a fingerprint, or -1. */
  idOf(fingerprint: string): number;
  /** The next number is this series'. */
  add(fingerprint: string, identity: SeriesIdentity): void;
}

/** Definitions that were asked for last are kept: the same few are asked for again. */
const recentDefinitions = 1024;

type Form = Pick<SeriesIdentity, 'name' | 'kind' | 'unit' | 'origin'>;

export function createCompactTable(): CompactTable {
  const pairs: Labels[number][] = [];
  /** Where a label stands in `pairs`, by name and value. */
  const pairNumbers = new Map<string, Map<string, number>>();
  const forms: Form[] = [];
  const formNumbers = new Map<string, number>();
  const index = createFingerprintIndex();
  const recent: (SeriesDefinition | undefined)[] = new Array(recentDefinitions).fill(undefined);
  let high = new Uint32Array(1024);
  let low = new Uint32Array(1024);
  let form = new Uint32Array(1024);
  /** Where a series' labels end in `labels`: they begin where those of the one before end. */
  let ends = new Uint32Array(1024);
  let labels = new Uint32Array(8192);
  let size = 0;

  function pairNumber(pair: Labels[number]): number {
    const [name, value] = pair;
    const byValue = pairNumbers.get(name) ?? new Map<string, number>();
    if (byValue.size === 0) pairNumbers.set(name, byValue);
    const known = byValue.get(value);
    if (known !== undefined) return known;
    byValue.set(value, pairs.length);
    return pairs.push(pair) - 1;
  }

  function formNumber(own: Form): number {
    const key = JSON.stringify(own);
    const known = formNumbers.get(key);
    if (known !== undefined) return known;
    formNumbers.set(key, forms.length);
    return forms.push(own) - 1;
  }

  function made(id: number): SeriesDefinition {
    if (!(id >= 0 && id < size)) throw new KybernError('KYBERN_NOT_FOUND', `series ${id} is not in the catalogue`);
    const { name, kind, unit, origin } = forms[form[id]];
    const own: Labels[number][] = [];
    for (let at = id === 0 ? 0 : ends[id - 1]; at < ends[id]; at += 1) own.push(pairs[labels[at]]);
    const fingerprint = hex(high[id]) + hex(low[id]);
    return { id, fingerprint, name, labels: own, kind, unit, origin, entity: entityOfLabels(name, own) };
  }

  return {
    get size() {
      return size;
    },
    get(id) {
      const place = id % recentDefinitions;
      const known = recent[place];
      if (known?.id === id) return known;
      const definition = made(id);
      recent[place] = definition;
      return definition;
    },
    idOf: (fingerprint) => index.find(...wordsOf(fingerprint)),
    add(fingerprint, identity) {
      const { name, kind, unit, origin } = identity;
      let end = size === 0 ? 0 : ends[size - 1];
      labels = withRoom(labels, end + identity.labels.length);
      for (const pair of identity.labels) {
        labels[end] = pairNumber(pair);
        end += 1;
      }
      high = withRoom(high, size + 1);
      low = withRoom(low, size + 1);
      form = withRoom(form, size + 1);
      ends = withRoom(ends, size + 1);
      [high[size], low[size]] = wordsOf(fingerprint);
      form[size] = formNumber({ name, kind, unit, origin });
      ends[size] = end;
      index.add(high[size], low[size], size);
      size += 1;
    },
  };
}

function withRoom(column: Uint32Array<ArrayBuffer>, length: number): Uint32Array<ArrayBuffer> {
  if (length <= column.length) return column;
  const grown = new Uint32Array(Math.max(length, column.length * 2));
  grown.set(column);
  return grown;
}

function wordsOf(fingerprint: string): [high: number, low: number] {
  return [Number.parseInt(fingerprint.slice(0, 8), 16), Number.parseInt(fingerprint.slice(8), 16)];
}

function hex(word: number): string {
  return word.toString(16).padStart(8, '0');
}
