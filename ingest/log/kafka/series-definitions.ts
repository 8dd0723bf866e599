import { KybernError, type SeriesIdentity } from '../../../model/index.ts';
import type { BlockProducer } from './block-producer.ts';
import type { PartitionReader, PartitionRef } from './partition-reader.ts';

/** The catalogue as this needs it: ids are this process's. */
export interface DefinedSeries {
  intern(identity: SeriesIdentity): number;
  get(id: number): SeriesIdentity & { readonly fingerprint: string };
}

/**
 * The definitions of the series whose blocks lie in the partition of the same number: a record each, its key the
 * fingerprint, so that Kafka's compaction keeps one of each.
 */
export interface SeriesDefinitions {
  /**
   * Resolves once these are known to be in the topic: to be awaited before a block that uses them is appended. Free where
   * they are known to be. Rejects as an append does.
   */
  ensure(ids: Iterable<number>): Promise<void>;
  /** Reads what others wrote since the last time: afterwards every series used by a block read before is known. */
  catchUp(): Promise<void>;
  /** Whether this partition is known to have the definition. */
  has(id: number): boolean;
}

export function createSeriesDefinitions(deps: {
  readonly ref: PartitionRef;
  readonly series: DefinedSeries;
  readonly reader: PartitionReader;
  readonly producer: BlockProducer;
}): SeriesDefinitions {
  const { ref, series, reader, producer } = deps;
  let known = new Uint8Array(1024);
  let position = 0;
  let reading: Promise<void> = Promise.resolve();
  const writing = new Map<number, Promise<void>>();

  function mark(id: number): void {
    if (id >= known.length) {
      const larger = new Uint8Array(Math.max(known.length * 2, id + 1));
      larger.set(known);
      known = larger;
    }
    known[id] = 1;
  }

  async function write(id: number): Promise<void> {
    const { fingerprint, name, labels, kind, unit, origin } = series.get(id);
    const value = Buffer.from(JSON.stringify({ name, labels, kind, unit, origin }));
    await producer.append({ ...ref, key: Buffer.from(fingerprint), value });
    mark(id);
  }

  async function readTail(): Promise<void> {
    const [{ first, next }] = await reader.offsets([ref]);
    position = Math.max(position, first);
    while (position < next) {
      const records = await reader.fetch({ ...ref, offset: position, maxBytes: 4 << 20 });
      // Compaction may have left nothing up to the end.
      if (records.length === 0) break;
      for (const { value } of records) if (value !== null) mark(series.intern(identityOf(value)));
      position = records[records.length - 1].offset + 1;
    }
  }

  return {
    has: (id) => known[id] === 1,
    async ensure(ids) {
      const waits: Promise<void>[] = [];
      for (const id of ids) {
        if (known[id] === 1) continue;
        let wait = writing.get(id);
        if (wait === undefined) {
          wait = write(id).finally(() => writing.delete(id));
          writing.set(id, wait);
        }
        waits.push(wait);
      }
      if (waits.length > 0) await Promise.all(waits);
    },
    catchUp() {
      // Never joined: a reading under way may have asked for the end before what is wanted was there.
      const read = reading.then(readTail);
      reading = read.catch(() => {});
      return read;
    },
  };
}

function identityOf(value: Buffer): SeriesIdentity {
  try {
    const identity = JSON.parse(value.toString()) as SeriesIdentity;
    if (typeof identity.name === 'string' && typeof identity.kind === 'string' && Array.isArray(identity.labels))
      return identity;
  } catch (cause) {
    throw new KybernError('KYBERN_LOG_CORRUPT', 'a series definition is not readable', { cause });
  }
  throw new KybernError('KYBERN_LOG_CORRUPT', 'a series definition has an unknown form');
}
