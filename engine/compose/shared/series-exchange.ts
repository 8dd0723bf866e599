import {
  createPortableEncoder,
  createProcessCatalog,
  type ProcessCatalog,
  type ScopedCatalog,
  splitBatches,
} from '../../../ingest/index.ts';
import type { KafkaLog, SeriesDefinitions } from '../../../ingest/log/index.ts';
import { type Clock, KybernError, type SignalBatch } from '../../../model/index.ts';

/** The series of this process and how they go to and come from others. */
export interface SeriesExchange {
  readonly catalog: ProcessCatalog;
  /** The definitions in one partition. */
  definitions(partition: number): SeriesDefinitions;
  /** Reads what others wrote into any partition since the last time. Rejects as the log does. */
  catchUp(): Promise<void>;
  /** Durable in all partitions concerned once resolved: what a receiver may acknowledge. */
  append(batches: readonly SignalBatch[]): Promise<void>;
  /** Whether a table of fingerprints names a series that is not known here. */
  namesUnknown(table: Uint32Array): boolean;
  /** A table of fingerprints as ids of this process, or of a scoped catalogue. Throws KYBERN_LOG_CORRUPT. */
  idsOf(table: Uint32Array, scope?: ScopedCatalog): Uint32Array;
}

/** Uncompressed bytes of one record: compressed it stays well below what brokers take by default. */
const shareBytes = 512 * 1024;

export function createSeriesExchange(deps: {
  readonly log: KafkaLog;
  readonly clock: Clock;
  readonly limits: { readonly series: number };
}): SeriesExchange {
  const { log, clock } = deps;
  const catalog = createProcessCatalog({ limits: deps.limits, partitions: log.partitions });
  const encode = createPortableEncoder(catalog);
  const definitions = new Map<number, SeriesDefinitions>();

  function definitionsOf(partition: number): SeriesDefinitions {
    const known = definitions.get(partition);
    if (known !== undefined) return known;
    const made = log.definitions(partition, catalog);
    definitions.set(partition, made);
    return made;
  }

  async function appendShare(partition: number, batches: readonly SignalBatch[]): Promise<void> {
    const { bytes, series } = encode({ receivedMs: clock.now(), batches });
    // A sample must never be durable without the definition of its series.
    await definitionsOf(partition).ensure(series);
    await log.producer.append({ topic: log.topics.signals, partition, value: bytes });
  }

  return {
    catalog,
    definitions: definitionsOf,
    async catchUp() {
      await Promise.all(Array.from({ length: log.partitions }, (_, partition) => definitionsOf(partition).catchUp()));
    },
    async append(batches) {
      const shares = splitBatches(batches, { partitionOf: catalog.partitionOf, shareBytes });
      await Promise.all(shares.map((share) => appendShare(share.partition, share.batches)));
    },
    namesUnknown(table) {
      for (let at = 0; at < table.length; at += 2) if (catalog.idOf(table[at], table[at + 1]) === -1) return true;
      return false;
    },
    idsOf(table, scope) {
      const ids = new Uint32Array(table.length / 2);
      for (let row = 0; row < ids.length; row++) {
        const id = catalog.idOf(table[row * 2], table[row * 2 + 1]);
        if (id === -1) throw new KybernError('KYBERN_LOG_CORRUPT', 'a block names a series that nobody defined');
        ids[row] = scope === undefined ? id : scope.idOf(id);
      }
      return ids;
    },
  };
}
