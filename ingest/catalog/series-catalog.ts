import { KybernError, type LogTopic, type SeriesCatalog } from '../../model/index.ts';
import { decodeDefinitions, encodeDefinitions, type StoredSeries } from './definition-record.ts';
import { createSeriesTable } from './series-table.ts';

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

/** An empty catalogue over an empty topic, or one that already holds `stored`. Throws KYBERN_LOG_CORRUPT on a gap. */
export function createSeriesCatalog(
  topic: LogTopic,
  limits: { readonly series: number },
  stored: Iterable<StoredSeries> = [],
): DurableSeriesCatalog {
  const table = createSeriesTable(limits);
  let writing: Promise<void> | undefined;

  for (const { id, fingerprint, identity } of stored) {
    if (id < table.size) continue;
    if (id > table.size) {
      throw new KybernError('KYBERN_LOG_CORRUPT', `topic ${topic.name}: series ${table.size} is missing`);
    }
    table.define(identity, fingerprint);
  }
  let durable = table.size;

  async function writePending(): Promise<void> {
    const end = Math.min(table.size, durable + definitionsPerRecord);
    await topic.append(encodeDefinitions(table.slice(durable, end)));
    durable = end;
  }

  return {
    get size() {
      return table.size;
    },
    get: table.get,
    intern: table.intern,
    find: table.find,
    async flush() {
      // One write at a time, in order of ids, so that the topic never has a gap.
      const target = table.size;
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
