import {
  contentHash,
  entityOfLabels,
  KybernError,
  type LogTopic,
  type SeriesCatalog,
  type SeriesDefinition,
  type SeriesIdentity,
} from '../../model/index.ts';
import { decodeDefinitions, encodeDefinitions, type StoredSeries } from './definition-record.ts';

/** A catalogue whose definitions live in a log topic: ids are dense and in the order of that topic. */
export interface DurableSeriesCatalog extends SeriesCatalog {
  /**
   * Resolves once every series interned before the call is durable: to be awaited before appending samples that use
   * them. Free where nothing is pending. Rejects with KYBERN_LOG_UNAVAILABLE; the definitions stay pending then.
   */
  flush(): Promise<void>;
}

const definitionsPerRecord = 2_048;
const readBytes = 8 * 1024 * 1024;

/** 16 hex digits that follow from kind, name and labels: the same on every machine. */
export function fingerprintOf(identity: SeriesIdentity): string {
  return contentHash(identity.kind, identity.name, ...identity.labels.flat());
}

/** An empty catalogue over an empty topic, or one that already holds `stored`. Throws KYBERN_LOG_CORRUPT on a gap. */
export function createSeriesCatalog(
  topic: LogTopic,
  limits: { readonly series: number },
  stored: Iterable<StoredSeries> = [],
): DurableSeriesCatalog {
  const definitions: SeriesDefinition[] = [];
  const byFingerprint = new Map<string, number>();
  let writing: Promise<void> | undefined;

  for (const { id, fingerprint, identity } of stored) {
    if (id < definitions.length) continue;
    if (id > definitions.length) {
      throw new KybernError('KYBERN_LOG_CORRUPT', `topic ${topic.name}: series ${definitions.length} is missing`);
    }
    define(identity, fingerprint);
  }
  let durable = definitions.length;

  function define(identity: SeriesIdentity, fingerprint: string): number {
    const id = definitions.length;
    const entity = entityOfLabels(identity.name, identity.labels);
    definitions.push({ ...identity, id, fingerprint, entity });
    byFingerprint.set(fingerprint, id);
    return id;
  }

  async function writePending(): Promise<void> {
    const end = Math.min(definitions.length, durable + definitionsPerRecord);
    await topic.append(encodeDefinitions(definitions.slice(durable, end)));
    durable = end;
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
    intern(identity) {
      const fingerprint = fingerprintOf(identity);
      const known = byFingerprint.get(fingerprint);
      if (known !== undefined) return known;
      if (definitions.length >= limits.series) {
        throw new KybernError('KYBERN_SERIES_LIMIT', `${limits.series} series are known, no room for ${identity.name}`);
      }
      return define(identity, fingerprint);
    },
    find(fingerprint) {
      const id = byFingerprint.get(fingerprint);
      return id === undefined ? undefined : definitions[id];
    },
    async flush() {
      // One write at a time, in order of ids, so that the topic never has a gap.
      const target = definitions.length;
      while (durable < target) {
        writing ??= writePending().finally(() => {
          writing = undefined;
        });
        await writing;
      }
    },
  };
}

/** The catalogue as the topic holds it. Rejects with KYBERN_LOG_CORRUPT where a record cannot be understood. */
export async function openSeriesCatalog(
  topic: LogTopic,
  limits: { readonly series: number } = { series: 1_000_000 },
): Promise<DurableSeriesCatalog> {
  const stored: StoredSeries[] = [];
  let offset = topic.firstOffset;
  while (offset < topic.nextOffset) {
    const records = await topic.read(offset, readBytes);
    if (records.length === 0) break;
    for (const record of records) {
      stored.push(...decodeDefinitions(record.bytes));
      offset = record.offset + 1;
    }
  }
  return createSeriesCatalog(topic, limits, stored);
}
