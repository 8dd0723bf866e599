import {
  canonicalLabels,
  contentHash,
  entityOfLabels,
  type SeriesCatalog,
  type SeriesDefinition,
  type SeriesIdentity,
} from '../../model/index.ts';

/** A catalogue in memory, for tests. */
export function createTestCatalog(): SeriesCatalog {
  const definitions: SeriesDefinition[] = [];
  const byFingerprint = new Map<string, SeriesDefinition>();
  return {
    get size() {
      return definitions.length;
    },
    get: (id) => definitions[id],
    find: (fingerprint) => byFingerprint.get(fingerprint),
    intern(identity: SeriesIdentity) {
      const labels = canonicalLabels(identity.labels);
      const fingerprint = contentHash(identity.name, identity.kind, JSON.stringify(labels));
      const known = byFingerprint.get(fingerprint);
      if (known !== undefined) return known.id;
      const entity = entityOfLabels(identity.name, labels);
      const definition = { ...identity, labels, id: definitions.length, fingerprint, entity };
      definitions.push(definition);
      byFingerprint.set(fingerprint, definition);
      return definition.id;
    },
  };
}
