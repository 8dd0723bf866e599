import { type HistorySeries, KybernError, type SeriesCatalog } from '../../model/index.ts';

export interface KnownSeries {
  readonly series: readonly HistorySeries[];
  /** Catalogue numbers by fingerprint. */
  readonly ids: ReadonlyMap<string, number>;
  readonly leftOut: number;
}

/** The numbers of series out of the store in the catalogue, where they are defined there as the store has them. */
export function knownSeries(
  catalog: Pick<SeriesCatalog, 'find' | 'intern' | 'get'>,
  found: readonly HistorySeries[],
): KnownSeries {
  const ids = new Map<string, number>();
  for (const { fingerprint, identity } of found) {
    const id = catalog.find(fingerprint)?.id ?? interned(catalog, identity);
    // One that was cut on its way to the store, or that there is no room for, is another series or none.
    if (id !== undefined && catalog.get(id).fingerprint === fingerprint) ids.set(fingerprint, id);
  }
  const series = found.filter(({ fingerprint }) => ids.has(fingerprint));
  return { ids, series, leftOut: found.length - series.length };
}

function interned(catalog: Pick<SeriesCatalog, 'intern'>, identity: HistorySeries['identity']): number | undefined {
  try {
    return catalog.intern(identity);
  } catch (error) {
    if (!(error instanceof KybernError)) throw error;
    return undefined;
  }
}
