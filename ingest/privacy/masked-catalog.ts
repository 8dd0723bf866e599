import type { SeriesCatalog, SeriesIdentity } from '../../model/index.ts';
import type { Masker } from './masker.ts';

/** The catalogue, with what senders put into label values and span names masked before it is interned. */
export function createMaskedCatalog(catalog: SeriesCatalog, masker: Masker): SeriesCatalog {
  function masked(identity: SeriesIdentity): SeriesIdentity {
    if (identity.origin !== 'received') return identity;
    return {
      ...identity,
      name: identity.kind === 'spans' ? masker.text(identity.name) : identity.name,
      labels: identity.labels.map(([name, value]) => [name, masker.text(value)] as const),
    };
  }

  return {
    get size() {
      return catalog.size;
    },
    get: catalog.get,
    find: catalog.find,
    intern: (identity) => catalog.intern(masked(identity)),
  };
}
