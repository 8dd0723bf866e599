import { entityOfLabels, KybernError, type SeriesDefinition, type SeriesIdentity } from '../../model/index.ts';
import { fingerprintOf } from './fingerprint-of.ts';
import { createSharedTexts } from './shared-texts.ts';

/** Series numbered from 0 in the order in which they came, in memory: what every catalogue is built around. */
export interface SeriesTable {
  readonly size: number;
  /** Throws KYBERN_NOT_FOUND. */
  get(id: number): SeriesDefinition;
  find(fingerprint: string): SeriesDefinition | undefined;
  /** The id of this identity, defined now if new. Throws KYBERN_SERIES_LIMIT where a new one has no room. */
  intern(identity: SeriesIdentity): number;
  /** Defines what is known to be new, whatever the limit: what was stored once stays. */
  define(identity: SeriesIdentity, fingerprint: string): number;
  /** Definitions from one number up to another. */
  slice(from: number, to: number): readonly SeriesDefinition[];
}

/** `defined` is told of each new one. */
export function createSeriesTable(
  limits: { readonly series: number },
  defined: (definition: SeriesDefinition) => void = () => {},
): SeriesTable {
  const definitions: SeriesDefinition[] = [];
  const byFingerprint = new Map<string, number>();
  const shared = createSharedTexts();

  function define(identity: SeriesIdentity, fingerprint: string): number {
    const id = definitions.length;
    const entity = shared.entity(entityOfLabels(identity.name, identity.labels));
    const { name, labels, kind, unit, origin } = shared.identity(identity);
    // Written out: of what is spread V8 keeps half apart, 30 bytes a series more.
    const definition: SeriesDefinition = { id, fingerprint, name, labels, kind, unit, origin, entity };
    definitions.push(definition);
    byFingerprint.set(fingerprint, id);
    defined(definition);
    return id;
  }

  return {
    get size() {
      return definitions.length;
    },
    get(id) {
      const definition = definitions[id];
      if (definition === undefined) throw new KybernError('KYBERN_NOT_FOUND', `series ${id} is not in the catalogue`);
      return definition;
    },
    find(fingerprint) {
      const id = byFingerprint.get(fingerprint);
      return id === undefined ? undefined : definitions[id];
    },
    intern(identity) {
      const fingerprint = fingerprintOf(identity);
      const known = byFingerprint.get(fingerprint);
      if (known !== undefined) return known;
      if (definitions.length >= limits.series) {
        throw new KybernError('KYBERN_SERIES_LIMIT', `${limits.series} series are known, no room for ${identity.name}`);
      }
      return define(identity, fingerprint);
    },
    define,
    slice: (from, to) => definitions.slice(from, to),
  };
}
