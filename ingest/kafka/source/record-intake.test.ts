import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { KybernError, type SampleBatch } from '../../../model/index.ts';
import { createIngestMetrics } from '../../intake/ingest-metrics.ts';
import { createTally } from '../../intake/tally.ts';
import { createCountedMetrics } from '../../testing/counted-metrics.ts';
import type { DeadLetter } from '../dead-letter/dead-letter-writer.ts';
import type { KafkaRecord } from './kafka-record.ts';
import { createRecordIntake } from './record-intake.ts';

const unreadable = new KybernError('KYBERN_BODY_UNREADABLE', 'poison');
const away = new KybernError('KYBERN_LOG_UNAVAILABLE', 'away');

/** Records whose value says what becomes of them. */
function recordsOf(...values: readonly string[]): KafkaRecord[] {
  return values.map((value, index) => ({
    topic: 'orders',
    partition: 0,
    message: {
      key: null,
      value: Buffer.from(value),
      timestamp: '1764072000000',
      attributes: 0,
      offset: String(100 + index),
      headers: {},
    },
  }));
}

function open() {
  const appended: number[] = [];
  const buried: DeadLetter[] = [];
  const state = { logAway: false, lettersAway: false };
  const metrics = createCountedMetrics();
  const batchOf = (id: number): SampleBatch => ({
    kind: 'samples',
    count: 1,
    series: Uint32Array.of(id),
    timesMs: Float64Array.of(0),
    values: Float64Array.of(0),
  });
  const intake = createRecordIntake({
    source: 'test',
    decode({ message }) {
      const value = String(message.value);
      if (value === 'poison') throw unreadable;
      if (value === 'defect') throw new TypeError('a defect');
      if (value === 'tombstone') return { kind: 'tombstone' };
      const id = value === 'unwelcome' ? -1 : Number(message.offset);
      const tally = { ...createTally(), received: 1, accepted: 1 };
      return { kind: 'items', signal: 'metrics', batches: [batchOf(id >>> 0)], tally };
    },
    async append(batches) {
      if (state.logAway) throw away;
      const ids = batches.map((batch) => (batch as SampleBatch).series[0]);
      if (ids.includes(0xffffffff)) throw new Error('the log does not want it');
      appended.push(...ids);
    },
    deadLetters: {
      async write(letters) {
        if (state.lettersAway) throw new Error('not authorised');
        buried.push(...letters);
      },
      close: async () => {},
    },
    maxDeliveries: 3,
    clock: { now: () => 0, sleep: async () => true },
    metrics,
    counts: createIngestMetrics(metrics),
  });
  const buriedValues = () => buried.map(({ record }) => String(record.message.value));
  const outcome = (name: string) => metrics.total('kybern_kafka_records_total', { outcome: name });
  return { intake, appended, buried, buriedValues, state, metrics, outcome };
}

describe('records of a partition', () => {
  test('are taken with one append, poison goes to the dead letters at once', async () => {
    const { intake, appended, buried, outcome } = open();
    expect(await intake.take(recordsOf('good', 'poison', 'tombstone', 'good'))).toEqual({ finished: 4 });
    expect(appended).toEqual([100, 103]);
    expect(buried).toEqual([{ record: expect.objectContaining({ topic: 'orders' }), error: unreadable }]);
    expect([outcome('taken'), outcome('dead-lettered'), outcome('tombstone')]).toEqual([2, 1, 1]);
  });

  test('wait while the log is away, however long, and are counted once', async () => {
    const { intake, appended, state, metrics } = open();
    state.logAway = true;
    const records = recordsOf('good', 'poison', 'good');
    for (let time = 0; time < 20; time++) {
      expect(await intake.take(records)).toEqual({ finished: 0, hold: { reason: 'log', error: away } });
    }
    state.logAway = false;
    expect(await intake.take(records)).toEqual({ finished: 3 });
    expect(appended).toEqual([100, 102]);
    expect(metrics.total('kybern_kafka_dead_letters_total')).toBe(1);
    expect(metrics.total('kybern_ingest_items_received_total')).toBe(2);
  });

  test('wait before a dead letter that cannot be written; those behind it are not appended twice', async () => {
    const { intake, appended, state, buriedValues } = open();
    state.lettersAway = true;
    const records = recordsOf('good', 'poison', 'good');
    const held = { finished: 1, hold: { reason: 'dead-letter', error: expect.any(Error) } };
    expect(await intake.take(records)).toEqual(held);
    intake.committed(records.slice(0, 1));
    expect(await intake.take(records.slice(1))).toEqual({ ...held, finished: 0 });
    state.lettersAway = false;
    expect(await intake.take(records.slice(1))).toEqual({ finished: 2 });
    expect(appended).toEqual([100, 102]);
    expect(buriedValues()).toEqual(['poison']);
  });

  test('a defect is tried again, then dead-lettered; what is before it goes on, what is behind it waits', async () => {
    const { intake, appended, buriedValues } = open();
    const records = recordsOf('good', 'defect', 'good');
    const held = { finished: 1, hold: { reason: 'retry', error: expect.any(TypeError) } };
    expect(await intake.take(records)).toEqual(held);
    expect(await intake.take(records)).toEqual(held);
    expect(await intake.take(records)).toEqual({ finished: 3 });
    expect(appended).toEqual([100, 102]);
    expect(buriedValues()).toEqual(['defect']);
  });

  test('one that makes the append fail is found among the others', async () => {
    const { intake, appended, buriedValues } = open();
    const records = recordsOf('good', 'unwelcome', 'good');
    const held = { finished: 1, hold: { reason: 'retry', error: expect.any(Error) } };
    expect(await intake.take(records)).toEqual(held);
    expect(await intake.take(records)).toEqual(held);
    expect(await intake.take(records)).toEqual({ finished: 3 });
    expect(appended).toEqual([100, 102]);
    expect(buriedValues()).toEqual(['unwelcome']);
  });

  test('whatever fails in whatever order, in the end each is kept exactly once', async () => {
    const values = fc.array(fc.constantFrom('good', 'poison', 'tombstone', 'defect', 'unwelcome'), { maxLength: 12 });
    const weather = fc.array(fc.record({ logAway: fc.boolean(), lettersAway: fc.boolean() }), { maxLength: 10 });
    await fc.assert(
      fc.asyncProperty(values, weather, async (all, changes) => {
        const { intake, appended, buriedValues, state } = open();
        const records = recordsOf(...all);
        let position = 0;
        for (let time = 0; position < records.length; time++) {
          Object.assign(state, changes[time] ?? { logAway: false, lettersAway: false });
          const open = records.slice(position);
          const { finished, hold } = await intake.take(open);
          intake.committed(open.slice(0, finished));
          position += finished;
          expect(hold === undefined).toBe(finished === open.length);
          expect(time).toBeLessThan(100);
        }
        const good = records.filter(({ message }) => String(message.value) === 'good');
        expect(appended.sort()).toEqual(good.map(({ message }) => Number(message.offset)));
        expect(buriedValues().sort()).toEqual(all.filter((value) => !['good', 'tombstone'].includes(value)).sort());
      }),
    );
  });
});
