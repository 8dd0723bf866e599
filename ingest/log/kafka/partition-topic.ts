import { KybernError, type LogRecord, type LogTopic } from '../../../model/index.ts';
import { maxRecordBytes } from '../frame.ts';
import { createOffsetWaiters } from '../offset-waiters.ts';
import type { BlockProducer } from './block-producer.ts';
import { errorType } from './kafka-wire.ts';
import type { OffsetRange, PartitionReader, PartitionRef } from './partition-reader.ts';

export interface PartitionTopic extends LogTopic {
  /** What the brokers say of its ends. */
  reached(range: OffsetRange): void;
  close(): void;
}

export interface PartitionTopicDeps {
  readonly ref: PartitionRef;
  readonly range: OffsetRange;
  readonly reader: PartitionReader;
  readonly producer: BlockProducer;
  readonly onClose: () => void;
}

/** Bytes asked of the broker at once: a batch is decompressed whole, so small requests would repeat that work. */
const fetchBytes = 1 << 20;

/** One partition of a Kafka topic as a topic of the log. Named `topic-partition`. */
export function createPartitionTopic({ ref, range, reader, producer, onClose }: PartitionTopicDeps): PartitionTopic {
  const name = `${ref.topic}-${ref.partition}`;
  const waiters = createOffsetWaiters();
  let { first, next } = range;
  let closed = false;
  /** The records fetched last, in order. */
  let fetched: readonly LogRecord[] = [];

  function reached(at: OffsetRange): void {
    first = Math.max(first, at.first);
    if (at.next <= next) return;
    next = at.next;
    waiters.reached(next);
  }

  async function fetchFrom(from: number, maxBytes: number): Promise<readonly LogRecord[]> {
    try {
      const records = await reader.fetch({ ...ref, offset: from, maxBytes: Math.max(fetchBytes, maxBytes) });
      return records.flatMap(({ offset, value }) => (value === null ? [] : [{ offset, bytes: value }]));
    } catch (error) {
      if (errorType(error) !== 'OFFSET_OUT_OF_RANGE') throw error;
      // Retention took it away meanwhile: go on with what is left.
      const [now] = await reader.offsets([ref]);
      first = now.first;
      if (first <= from) return [];
      return fetchFrom(first, maxBytes);
    }
  }

  async function read(from: number, maxBytes: number): Promise<readonly LogRecord[]> {
    if (from >= next) return [];
    const wanted = Math.max(from, first);
    if (!holds(fetched, wanted)) fetched = await fetchFrom(wanted, maxBytes);
    return within(fetched, wanted, maxBytes);
  }

  return {
    name,
    async append(record) {
      if (closed) throw new KybernError('KYBERN_LOG_UNAVAILABLE', `Topic ${name} is closed.`);
      if (record.byteLength > maxRecordBytes)
        throw new KybernError(
          'KYBERN_BODY_TOO_LARGE',
          `A record of ${record.byteLength} bytes exceeds the log's limit.`,
        );
      const offset = await producer.append({ ...ref, value: record });
      reached({ first, next: offset + 1 });
      return offset;
    },
    read,
    get nextOffset() {
      return next;
    },
    get firstOffset() {
      return first;
    },
    waitFor: async (offset, signal) => offset < next || (!closed && waiters.wait(offset, signal)),
    reached,
    close() {
      closed = true;
      fetched = [];
      waiters.end();
      onClose();
    },
  };
}

function holds(records: readonly LogRecord[], offset: number): boolean {
  return records.length > 0 && records[0].offset <= offset && offset <= records[records.length - 1].offset;
}

function within(records: readonly LogRecord[], from: number, maxBytes: number): readonly LogRecord[] {
  const found: LogRecord[] = [];
  let total = 0;
  for (const record of records) {
    if (record.offset < from) continue;
    total += record.bytes.byteLength;
    if (found.length > 0 && total > maxBytes) break;
    found.push(record);
  }
  return found;
}
