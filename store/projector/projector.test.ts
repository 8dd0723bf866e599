import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Decision,
  KybernError,
  type Metrics,
  noMetrics,
  type SampleBatch,
  type SignalBlock,
  type StateFiles,
} from '../../model/index.ts';
import { createMemoryStore } from '../memory/memory-store.ts';
import { anomaly } from '../testing/decisions.ts';
import { instantClock, memoryStateFiles, memoryTopic } from '../testing/memory-log.ts';
import { memoryQuarantine } from '../testing/rejecting.ts';
import { definition, sampleBatch } from '../testing/signals.ts';
import { createDecisionProjector } from './decision-projector.ts';
import { createSignalProjector } from './signal-projector.ts';

const catalog = { get: (id: number) => definition(id, `metric ${id}`) };
const encode = (batch: SampleBatch) =>
  Buffer.from(JSON.stringify([...batch.series].map((id, i) => [id, batch.timesMs[i], batch.values[i]])));
const decode = (bytes: Uint8Array) => [
  sampleBatch(...(JSON.parse(Buffer.from(bytes).toString()) as [number, number, number][])),
];
const down = () => new KybernError('KYBERN_STORE', 'down');

/** One sample a record: record n has series n % 3 at time n. */
async function topicWith(count: number) {
  const topic = memoryTopic('signals');
  for (let n = 0; n < count; n++) await topic.append(encode(sampleBatch([n % 3, n, n])));
  return topic;
}

function signalProjector(overrides: {
  topic: Awaited<ReturnType<typeof topicWith>>;
  stateFiles?: StateFiles;
  batchBytes?: number;
  clock?: ReturnType<typeof instantClock>;
  metrics?: Metrics;
  writeSignals: (block: SignalBlock, token: string) => Promise<void>;
}) {
  const { writeSignals, ...rest } = overrides;
  return createSignalProjector({
    stateFiles: memoryStateFiles(),
    clock: instantClock(),
    catalog,
    decode,
    metrics: noMetrics,
    ...rest,
    store: { writeSignals },
  });
}

const samplesIn = (block: SignalBlock) => block.samples.reduce((sum, batch) => sum + batch.count, 0);

describe('the signal projector', () => {
  test('carries everything over in batches, with the definitions of the series in each', async () => {
    const blocks: SignalBlock[] = [];
    const projector = signalProjector({
      topic: await topicWith(10),
      batchBytes: 40,
      writeSignals: async (block) => void blocks.push(block),
    });
    while (await projector.step());
    expect(blocks.map(samplesIn).reduce((a, b) => a + b)).toBe(10);
    expect(blocks.length).toBeGreaterThan(2);
    for (const block of blocks)
      expect(block.definitions.map((each) => each.id).sort()).toEqual(
        [...new Set(block.samples.flatMap((batch) => [...batch.series]))].sort(),
      );
    expect(projector.position).toBe(10);
  });

  test('a lag of 0 was told while records waited for their batch', async () => {
    const lags: number[] = [];
    const topic = await topicWith(3);
    const stop = new AbortController();
    let lingering = 0;
    const clock = {
      ...instantClock(),
      async sleep() {
        // The first linger: all is stored, then more comes.
        if (lingering++ > 0) return true;
        expect(lags.at(-1)).toBe(0);
        await topic.append(encode(sampleBatch([0, 3, 3])));
        await new Promise((turn) => setImmediate(turn));
        expect(lags.at(-1)).toBe(1);
        stop.abort();
        return false;
      },
    };
    const gauge = () => ({ set: (value: number) => void lags.push(value) });
    const metrics = { ...noMetrics, gauge };
    await signalProjector({ topic, clock, metrics, writeSignals: async () => {} }).run(stop.signal);
    expect(lingering).toBe(1);
  });

  test('killed anywhere, it sends the same ranges under the same tokens again, and nothing is lost or doubled', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 10, max: 200 }),
        fc.array(fc.constantFrom('before save', 'after save', 'before insert', 'after insert', 'no'), {
          maxLength: 12,
        }),
        async (count, batchBytes, crashes) => {
          const topic = await topicWith(count);
          const store = createMemoryStore({ memoryPointsPerSeries: 1000, memoryRecords: 10 });
          const durable = memoryStateFiles();
          const contents = new Map<string, string>();
          let moment = 0;
          const crashAt = (where: string) => {
            if (crashes[moment] === where) {
              moment += 1;
              throw new Error('killed');
            }
          };
          const stateFiles: StateFiles = {
            get: durable.get,
            put: async (name, bytes) => {
              crashAt('before save');
              await durable.put(name, bytes);
              crashAt('after save');
            },
          };
          const writeSignals = async (block: SignalBlock, token: string) => {
            crashAt('before insert');
            const content = JSON.stringify(block.samples.map((batch) => [...batch.timesMs]));
            expect(contents.get(token) ?? content).toBe(content);
            contents.set(token, content);
            await store.writeSignals(block, token);
            crashAt('after insert');
            moment += 1;
          };
          for (let lives = 0; lives < 30; lives++) {
            const projector = signalProjector({ topic, stateFiles, batchBytes, writeSignals });
            try {
              while (await projector.step());
              break;
            } catch (error) {
              if ((error as Error).message !== 'killed') throw error;
            }
          }
          expect((await store.counts()).samples).toBe(count);
          const times = [...contents.values()].flatMap((content) => (JSON.parse(content) as number[][]).flat());
          expect(times.sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, n) => n));
        },
      ),
      { numRuns: 100 },
    );
  });

  test('while the store is down it tries again, less and less often, and goes on from there', async () => {
    const topic = await topicWith(3);
    const clock = instantClock();
    const stop = new AbortController();
    const tokens: string[] = [];
    let failures = 9;
    const projector = signalProjector({
      topic,
      clock,
      writeSignals: async (_block, token) => {
        tokens.push(token);
        if (failures-- > 0) throw down();
        stop.abort();
      },
    });
    await projector.run(stop.signal);
    expect(clock.sleeps.slice(0, 9)).toEqual([250, 500, 1000, 2000, 2000, 2000, 2000, 2000, 2000]);
    expect(new Set(tokens)).toEqual(new Set(['signals 0-3']));
    expect(projector.position).toBe(3);
  });

  test('waits for records, gathers small ones for its time, and ends when told', async () => {
    const topic = await topicWith(0);
    const clock = instantClock();
    const stop = new AbortController();
    let samples = 0;
    const projector = signalProjector({
      topic,
      clock,
      writeSignals: async (block) => {
        samples += samplesIn(block);
        if (samples === 2) stop.abort();
      },
    });
    const running = projector.run(stop.signal);
    await topic.append(encode(sampleBatch([0, 1, 1])));
    await topic.append(encode(sampleBatch([0, 2, 1])));
    await running;
    expect(samples).toBe(2);
    expect(new Set(clock.sleeps)).toEqual(new Set([1000]));
  });

  test('a record that cannot be decoded is counted and left out; a defect of ours ends the run', async () => {
    const topic = await topicWith(1);
    await topic.append(Buffer.from('not a block'));
    let left = 0;
    const metrics = {
      ...noMetrics,
      counter: (name: string) => ({
        add: (amount: number) => {
          if (name.includes('unreadable')) left += amount;
        },
      }),
    };
    const blocks: SignalBlock[] = [];
    const quarantine = memoryQuarantine();
    const options = {
      topic,
      stateFiles: memoryStateFiles(),
      clock: instantClock(),
      catalog,
      decode,
      metrics,
      quarantine,
    };
    const projector = createSignalProjector({
      ...options,
      store: { writeSignals: async (block) => void blocks.push(block) },
    });
    await projector.step();
    expect(left).toBe(1);
    expect(quarantine.rows.map(({ token, bytes }) => [token, Buffer.from(bytes).toString()])).toEqual([
      ['signals 1', 'not a block'],
    ]);
    expect(blocks.map(samplesIn)).toEqual([1]);
    const defective = signalProjector({ topic, writeSignals: () => Promise.reject(new RangeError('defect')) });
    await expect(defective.run(new AbortController().signal)).rejects.toThrow(RangeError);
  });

  test('a log that lost its end is followed from there', async () => {
    const topic = await topicWith(5);
    const stateFiles = memoryStateFiles();
    const times: number[] = [];
    const writeSignals = async (block: SignalBlock) =>
      void times.push(...block.samples.flatMap((batch) => [...batch.timesMs]));
    await signalProjector({ topic, stateFiles, writeSignals }).step();
    topic.forget(3);
    await topic.append(encode(sampleBatch([0, 99, 1])));
    const after = signalProjector({ topic, stateFiles, writeSignals });
    while (await after.step());
    expect(times).toContain(99);
    expect(after.position).toBe(4);
  });
});

describe('the decision projector', () => {
  test('carries arrays of decisions over and leaves out what is none', async () => {
    const topic = memoryTopic('decisions');
    const store = createMemoryStore({ memoryPointsPerSeries: 10, memoryRecords: 10 });
    const decisions: Decision[] = [1, 2].map((revision) => ({ type: 'anomaly', value: anomaly('a', 1, { revision }) }));
    await topic.append(Buffer.from(JSON.stringify(decisions)));
    await topic.append(Buffer.from('{'));
    await topic.append(Buffer.from('{}'));
    await topic.append(Buffer.from(JSON.stringify([{ type: 'anomaly', value: anomaly('b', 2) }])));
    const projector = createDecisionProjector({
      topic,
      store,
      stateFiles: memoryStateFiles(),
      clock: instantClock(),
      metrics: noMetrics,
    });
    expect(await projector.step()).toBe(true);
    expect(await projector.step()).toBe(false);
    expect((await store.anomalies({ limit: 9 })).items.map((item) => `${item.id}${item.revision}`)).toEqual([
      'b1',
      'a2',
    ]);
  });
});
