import { fingerprintOf } from '../../ingest/catalog/index.ts';
import { KybernError, type SeriesCatalog, type SeriesIdentity } from '../../model/index.ts';
import { createCompactTable } from './compact-table.ts';
import { identityOf, type WrittenDefinitions } from './definition-text.ts';

/** A catalogue that is kept in another thread, as far as it has been told here. */
export interface MirroredCatalog extends SeriesCatalog {
  /** Takes definitions in, in the order of their numbers; those known already are left out. Throws RangeError on a gap. */
  define(text: string): void;
}

/** Refusals that are remembered, at most. */
const mostRefused = 65_536;

/**
 * `internThere` adds a series where the catalogue is kept, has all that is new told here before it returns, and answers the
 * number. Throws as `intern` does.
 */
export function createMirroredCatalog(internThere: (identity: SeriesIdentity) => number): MirroredCatalog {
  const table = createCompactTable();
  // Of a full catalogue the same is wanted with every window, and each time another thread would be waited for.
  const refused = new Set<string>();

  function internNew(identity: SeriesIdentity, fingerprint: string): number {
    if (refused.has(fingerprint)) throw new KybernError('KYBERN_SERIES_LIMIT', `there is no room for ${identity.name}`);
    try {
      return internThere(identity);
    } catch (error) {
      const isFull = error instanceof KybernError && error.code === 'KYBERN_SERIES_LIMIT';
      if (isFull && refused.size < mostRefused) refused.add(fingerprint);
      throw error;
    }
  }

  return {
    get size() {
      return table.size;
    },
    get: table.get,
    find(fingerprint) {
      const id = table.idOf(fingerprint);
      return id < 0 ? undefined : table.get(id);
    },
    intern(identity) {
      const fingerprint = fingerprintOf(identity);
      const known = table.idOf(fingerprint);
      return known < 0 ? internNew(identity, fingerprint) : known;
    },
    define(text) {
      const { first, series } = JSON.parse(text) as WrittenDefinitions;
      if (first > table.size) throw new RangeError(`series ${table.size} to ${first - 1} were not defined`);
      const unknown = series.slice(table.size - first);
      for (const written of unknown) table.add(written[0], identityOf(written));
      if (unknown.length > 0) refused.clear();
    },
  };
}
