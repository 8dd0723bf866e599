import { fingerprintOf } from '../../ingest/catalog/index.ts';
import type { SeriesCatalog, SeriesIdentity } from '../../model/index.ts';
import { createCompactTable } from './compact-table.ts';
import { identityOf, type WrittenDefinitions } from './definition-text.ts';

/** A catalogue that is kept in another thread, as far as it has been told here. */
export interface MirroredCatalog extends SeriesCatalog {
  /** Takes definitions in, in the order of their numbers; those known already are left out. Throws RangeError on a gap. */
  define(text: string): void;
}

/**
 * `internThere` adds a series where the catalogue is kept, has all that is new told here before it returns, and answers the
 * number. Throws as `intern` does.
 */
export function createMirroredCatalog(internThere: (identity: SeriesIdentity) => number): MirroredCatalog {
  const table = createCompactTable();

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
      const known = table.idOf(fingerprintOf(identity));
      return known < 0 ? internThere(identity) : known;
    },
    define(text) {
      const { first, series } = JSON.parse(text) as WrittenDefinitions;
      if (first > table.size) throw new RangeError(`series ${table.size} to ${first - 1} were not defined`);
      for (const written of series.slice(table.size - first)) table.add(written[0], identityOf(written));
    },
  };
}
