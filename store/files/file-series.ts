import type { SeriesDefinition, SeriesSelector } from '../../model/index.ts';
import { selectSeries } from '../kept-series.ts';
import type { DurableLines } from './durable-lines.ts';

/** A series with its number in this store: what points are keyed by. */
export interface NumberedSeries {
  readonly number: number;
  readonly definition: SeriesDefinition;
}

/** The store's series; a line of the file each, numbered by its place. */
export interface FileSeries {
  readonly size: number;
  /** Takes one read from the file. */
  load(value: unknown): void;
  /** Learns a block's series, durably; gives them by catalogue number. */
  define(definitions: readonly SeriesDefinition[], lines: DurableLines): Promise<ReadonlyMap<number, NumberedSeries>>;
  select(selector: SeriesSelector, limit: number): readonly NumberedSeries[];
}

export function createFileSeries(): FileSeries {
  const byFingerprint = new Map<string, NumberedSeries>();

  function put(definition: SeriesDefinition): void {
    const number = byFingerprint.get(definition.fingerprint)?.number ?? byFingerprint.size;
    // The caller's object: what the catalogue keeps anyway isn't kept twice.
    byFingerprint.set(definition.fingerprint, { number, definition });
  }

  async function define(definitions: readonly SeriesDefinition[], lines: DurableLines) {
    const fresh = definitions.filter(({ fingerprint }) => !byFingerprint.has(fingerprint));
    await lines.append(fresh);
    const numbered = new Map<number, NumberedSeries>();
    for (const definition of definitions) {
      if (byFingerprint.get(definition.fingerprint)?.definition !== definition) put(definition);
      numbered.set(definition.id, byFingerprint.get(definition.fingerprint) as NumberedSeries);
    }
    return numbered;
  }

  return {
    get size() {
      return byFingerprint.size;
    },
    load: (value) => put(value as SeriesDefinition),
    define,
    select: (selector, limit) => selectSeries(byFingerprint.values(), ({ definition }) => definition, selector, limit),
  };
}
