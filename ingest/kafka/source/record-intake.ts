import { type Clock, KybernError, type Metrics, type SignalBatch } from '../../../model/index.ts';
import type { IngestMetrics } from '../../intake/ingest-metrics.ts';
import { defaultTenant } from '../../intake/tenant.ts';
import { withEnds } from '../../intake/with-ends.ts';
import type { DeadLetter, DeadLetterWriter } from '../dead-letter/dead-letter-writer.ts';
import type { DecodedRecord, RecordDecoder } from './decode-record.ts';
import { judgeFailure } from './judge-failure.ts';
import type { KafkaRecord } from './kafka-record.ts';

/** Why the records that were not finished wait. */
export interface Hold {
  /** `log`: it is away or full. `dead-letter`: their topic cannot be written. `retry`: an error nobody expected. */
  readonly reason: 'log' | 'dead-letter' | 'retry';
  readonly error: unknown;
}

export interface Taken {
  /** So many from the first on are finished: durable in the log, dead-lettered, or nothing to keep. */
  readonly finished: number;
  readonly hold?: Hold;
}

export interface RecordIntake {
  /** Takes records of one partition, in order, into the log with one append. Never rejects. */
  take(records: readonly KafkaRecord[]): Promise<Taken>;
  /** These are committed: they will not come again. */
  committed(records: readonly KafkaRecord[]): void;
}

const protocol = 'kafka';
type Items = Extract<DecodedRecord, { kind: 'items' }>;

/**
 * A record that cannot be taken goes to the dead letters, all others to the log; while one of the two is away the records
 * wait. What is finished but not committed yet is remembered, so that it is not written twice when it comes again; only
 * after a crash of the process it is, and then the store knows samples, log records and spans by their keys.
 */
export function createRecordIntake(deps: {
  readonly source: string;
  readonly decode: RecordDecoder;
  readonly append: (batches: SignalBatch[]) => Promise<void>;
  readonly deadLetters: DeadLetterWriter;
  readonly maxDeliveries: number;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly counts: IngestMetrics;
}): RecordIntake {
  const { source, metrics, counts } = deps;
  const outcomes = metrics.counter('kybern_kafka_records_total', 'Records of Kafka by what became of them.', [
    'source',
    'topic',
    'outcome',
  ]);
  const letters = metrics.counter('kybern_kafka_dead_letters_total', 'Records sent to the dead letters, by error.', [
    'source',
    'topic',
    'code',
  ]);
  const finished = new Set<string>();
  const deliveries = new Map<string, number>();

  function finish(record: KafkaRecord, outcome: string): void {
    finished.add(keyOf(record));
    deliveries.delete(keyOf(record));
    outcomes.add(1, { source, topic: record.topic, outcome });
  }

  function finishItems(record: KafkaRecord, { signal, tally }: Items): void {
    counts.items(protocol, signal, tally);
    finish(record, tally.accepted > 0 ? 'taken' : 'empty');
  }

  /** What is wrong with this record, and whether that is so for ever. */
  function judge(record: KafkaRecord, error: unknown) {
    const count = (deliveries.get(keyOf(record)) ?? 0) + 1;
    deliveries.set(keyOf(record), count);
    return judgeFailure(error, count, deps.maxDeliveries);
  }

  function decodeAll(records: readonly KafkaRecord[]): Decoded {
    const items: [KafkaRecord, Items][] = [];
    const bad: DeadLetter[] = [];
    const nowMs = deps.clock.now();
    for (const record of records) {
      if (finished.has(keyOf(record))) continue;
      try {
        const decoded = deps.decode(record, nowMs, defaultTenant);
        if (decoded.kind === 'items') items.push([record, decoded]);
        else finish(record, decoded.kind);
      } catch (error) {
        const verdict = judge(record, error);
        if (verdict !== 'dead-letter') return { items, bad, hold: holdFor(verdict, error) };
        bad.push({ record, error });
      }
    }
    return { items, bad };
  }

  /** One append for all; where it fails for an unknown reason one for each, to find whose fault it is. */
  async function appendAll(items: readonly [KafkaRecord, Items][], refused: DeadLetter[]): Promise<Hold | undefined> {
    try {
      const batches = items.flatMap(([, decoded]) => decoded.batches.flatMap(withEnds));
      if (batches.length > 0) await deps.append(batches);
      for (const [record, decoded] of items) finishItems(record, decoded);
      return undefined;
    } catch (error) {
      if (error instanceof KybernError && error.status === 503) return { reason: 'log', error };
      if (items.length > 1) return await appendEach(items, refused);
      const [[record]] = items;
      const verdict = judge(record, error);
      if (verdict !== 'dead-letter') return holdFor(verdict, error);
      refused.push({ record, error });
      return undefined;
    }
  }

  async function appendEach(items: readonly [KafkaRecord, Items][], refused: DeadLetter[]): Promise<Hold | undefined> {
    for (const item of items) {
      const hold = await appendAll([item], refused);
      if (hold !== undefined) return hold;
    }
    return undefined;
  }

  async function bury(bad: readonly DeadLetter[]): Promise<Hold | undefined> {
    if (bad.length === 0) return undefined;
    try {
      await deps.deadLetters.write(bad);
    } catch (error) {
      return { reason: 'dead-letter', error };
    }
    for (const { record, error } of bad) {
      finish(record, 'dead-lettered');
      letters.add(1, { source, topic: record.topic, code: error instanceof KybernError ? error.code : 'unknown' });
    }
    return undefined;
  }

  return {
    async take(records) {
      const decoded = decodeAll(records);
      const refused: DeadLetter[] = [];
      const holds = await Promise.all([bury(decoded.bad), appendAll(decoded.items, refused)]);
      const hold = holds[0] ?? holds[1] ?? (await bury(refused)) ?? decoded.hold;
      const firstOpen = records.findIndex((record) => !finished.has(keyOf(record)));
      if (firstOpen < 0) return { finished: records.length };
      return { finished: firstOpen, ...(hold === undefined ? {} : { hold }) };
    },
    committed(records) {
      for (const record of records) finished.delete(keyOf(record));
    },
  };
}

interface Decoded {
  readonly items: [KafkaRecord, Items][];
  readonly bad: DeadLetter[];
  readonly hold?: Hold;
}

function holdFor(verdict: 'hold' | 'retry', error: unknown): Hold {
  return { reason: verdict === 'hold' ? 'log' : 'retry', error };
}

function keyOf(record: KafkaRecord): string {
  return `${record.topic}/${record.partition}/${record.message.offset}`;
}
