import {
  contentHash,
  entityOfLabels,
  KybernError,
  type SeriesCatalog,
  type SeriesDefinition,
  type SeriesIdentity,
} from '../../model/index.ts';

/** A catalogue in memory, for tests and benchmarks of the detectors. */
export function createMemoryCatalog(limit = Infinity): SeriesCatalog {
  const definitions: SeriesDefinition[] = [];
  const byFingerprint = new Map<string, SeriesDefinition>();
  return {
    get size() {
      return definitions.length;
    },
    get: (id) => definitions[id]!,
    find: (fingerprint) => byFingerprint.get(fingerprint),
    intern: (identity: SeriesIdentity) => {
      const fingerprint = contentHash(identity.name, identity.kind, JSON.stringify(identity.labels));
      const known = byFingerprint.get(fingerprint);
      if (known !== undefined) return known.id;
      if (definitions.length >= limit) throw new KybernError('KYBERN_SERIES_LIMIT', 'the catalogue is full');
      const entity = entityOfLabels(identity.name, identity.labels);
      const definition = { ...identity, id: definitions.length, fingerprint, entity };
      definitions.push(definition);
      byFingerprint.set(fingerprint, definition);
      return definition.id;
    },
  };
}
