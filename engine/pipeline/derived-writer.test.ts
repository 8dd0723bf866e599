import { expect, test } from 'vitest';
import {
  type BandBatch,
  KybernError,
  noMetrics,
  type SampleBatch,
  type SeriesCatalog,
  type SignalBlock,
} from '../../model/index.ts';
import { createSimulatedClock } from '../clock/simulated-clock.ts';
import { createDerivedWriter } from './derived-writer.ts';

const catalog = { get: (id: number) => ({ id }) } as unknown as SeriesCatalog;

function batchOf(count: number, timeMs: number): SampleBatch {
  const timesMs = new Float64Array(count).fill(timeMs);
  return { kind: 'samples', count, series: new Uint32Array(count), timesMs, values: new Float64Array(count) };
}

function writerTo(writeSignals: (block: SignalBlock) => Promise<void>, mostBytes = 1 << 20) {
  let dropped = 0;
  const add = (amount: number) => {
    dropped += amount;
  };
  const metrics = { ...noMetrics, counter: () => ({ add }) };
  const store = { writeSignals, writeDecisions: async () => {}, close: async () => {} };
  const writer = createDerivedWriter({
    store,
    catalog,
    epoch: '1',
    clock: createSimulatedClock(0),
    metrics,
    mostBytes,
  });
  return { writer, dropped: () => dropped };
}

const rowsOf = (block: SignalBlock) => block.samples.reduce((sum, { count }) => sum + count, 0);

test('what was kept while the store was away is written once it is back, in steps', async () => {
  let isAway = true;
  const steps: number[] = [];
  const { writer, dropped } = writerTo(async (block) => {
    if (isAway) throw new KybernError('KYBERN_STORE', 'away');
    steps.push(rowsOf(block));
  }, 1 << 30);
  for (let second = 0; second < 30; second++) writer.keep([batchOf(10_000, second)], []);
  await expect(writer.flush()).rejects.toMatchObject({ code: 'KYBERN_STORE' });
  isAway = false;
  await writer.flush();
  expect(steps).toEqual([100_000, 100_000, 100_000]);
  expect(dropped()).toBe(0);
  await writer.flush();
  expect(steps).toHaveLength(3);
});

test('beyond its room the oldest are dropped and counted, the newest are written', async () => {
  let isAway = true;
  const times: number[] = [];
  const { writer, dropped } = writerTo(async (block) => {
    if (isAway) throw new KybernError('KYBERN_STORE', 'away');
    for (const { timesMs } of block.samples) times.push(timesMs[0] ?? -1);
  }, 20_000);
  for (let second = 0; second < 50; second++) {
    writer.keep([batchOf(100, second)], []);
    await writer.flush().catch(() => {});
  }
  isAway = false;
  await writer.flush();
  expect(times).toEqual([40, 41, 42, 43, 44, 45, 46, 47, 48, 49]);
  expect(dropped()).toBe(4000);
});

test('what is dropped while it is being written is not written again, and what came meanwhile is', async () => {
  const written: number[] = [];
  let during = () => {};
  const { writer } = writerTo(async (block) => {
    for (const { timesMs } of block.samples) written.push(timesMs[0] ?? -1);
    during();
  }, 4000);
  writer.keep([batchOf(100, 1), batchOf(100, 2)], []);
  during = () => {
    during = () => {};
    writer.keep([batchOf(100, 3)], []);
  };
  await writer.flush();
  await writer.flush();
  expect(written).toEqual([1, 2, 3]);
});

test('columns of bands are given back once they are written or dropped, and not while a write may read them', async () => {
  const released: number[] = [];
  const bandsOf = (second: number): BandBatch => {
    const { count, series, timesMs, values } = batchOf(100, second);
    const release = () => void released.push(second);
    return { count, series, timesMs, expected: values, lower: values, upper: values, release };
  };
  let during = () => {};
  let isAway = true;
  const { writer } = writerTo(async () => {
    during();
    if (isAway) throw new KybernError('KYBERN_STORE', 'away');
  }, 8000);
  writer.keep([], [bandsOf(1), bandsOf(2)]);
  writer.keep([], [bandsOf(3)]);
  expect(released).toEqual([1]);
  during = () => {
    during = () => {};
    writer.keep([], [bandsOf(4), bandsOf(5)]);
    expect(released).toEqual([1]);
  };
  await writer.flush().catch(() => {});
  expect(released).toEqual([1, 2, 3]);
  isAway = false;
  await writer.flush();
  expect(released).toEqual([1, 2, 3, 4, 5]);
});
