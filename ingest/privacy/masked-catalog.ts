import { KybernError, type SeriesCatalog, type SeriesIdentity } from '../../model/index.ts';
import type { Masker } from './masker.ts';

/**
 * The catalogue, with what senders put into label values and span names masked before it is interned. Interning throws
 * KYBERN_PRIVACY where a value holds what a rule of `drop` refuses.
 */
export function createMaskedCatalog(catalog: SeriesCatalog, masker: Masker): SeriesCatalog {
  function masked(identity: SeriesIdentity): SeriesIdentity {
    if (identity.origin !== 'received') return identity;
    const { name, kind, labels } = identity;
    if (masker.isRefusing) checkTexts([...(kind === 'spans' ? [name] : []), ...labels.map(([, value]) => value)]);
    return {
      ...identity,
      name: kind === 'spans' ? masker.text(name) : name,
      labels: labels.map(([label, value]) => [label, masker.label(label, value)] as const),
    };
  }

  function checkTexts(texts: readonly string[]): void {
    for (const text of texts) {
      const bytes = Buffer.from(text);
      if (masker.refuses(bytes, 0, bytes.length))
        throw new KybernError('KYBERN_PRIVACY', 'a label holds what is not to be kept');
    }
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
