import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../../engine/clock/system-clock.ts';
import { openSegmentLog, openStateFiles } from '../../ingest/log/index.ts';
import { noMetrics, type SampleBatch } from '../../model/index.ts';
import { createSignalProjector, openStore } from '../../store/index.ts';
import { definition, type SampleRow, sampleBatch } from '../../store/testing/signals.ts';
import { type ClickHouse, clickHouseServer, serverConfig, startClickHouse } from '../support/clickhouse.ts';
import { eventually, temporaryDirectory } from '../support/kybern-process.ts';
import { standHas } from '../support/stand.ts';

const rowsPerRecord = 50;
const seriesCount = 5;
let number = 0;

/** The log and the store as the engine wires them, and a sender of numbered samples beside them. */
async function openLedger(clickHouse: ClickHouse) {
  const directory = temporaryDirectory('kybern-ledger-');
  const log = await openSegmentLog({
    directory: join(directory, 'log'),
    segmentBytes: 8 << 20,
    retentionBytes: 1 << 30,
    metrics: noMetrics,
  });
  const config = serverConfig({ url: clickHouse.url, database: `ledger_${number++}`, timeoutSeconds: 3 });
  const store = await openStore({ config, directory, metrics: noMetrics });
  const topic = log.topic('signals');
  const projector = createSignalProjector({
    topic,
    store,
    stateFiles: await openStateFiles(join(directory, 'state'), () => {}),
    catalog: { get: (id) => definition(id, `metric ${id}`) },
    decode: (bytes): SampleBatch[] => [sampleBatch(...(JSON.parse(Buffer.from(bytes).toString()) as SampleRow[]))],
    clock: systemClock,
    metrics: noMetrics,
    lingerMs: 50,
  });
  const stop = new AbortController();
  const running = projector.run(stop.signal);
  let sent = 0;

  async function send(records: number): Promise<void> {
    for (let i = 0; i < records; i++) {
      const rows = Array.from({ length: rowsPerRecord }, (_, row) => [row % seriesCount, sent + row, sent + row]);
      await topic.append(Buffer.from(JSON.stringify(rows)));
      sent += rowsPerRecord;
    }
  }

  /** Every sample acknowledged by the log is in the store, once, with its value. */
  async function expectExact(withinMs: number): Promise<void> {
    await eventually(async () => projector.position === topic.nextOffset, {
      withinMs,
      what: () => `the store to have caught up: at ${projector.position} of ${topic.nextOffset}`,
      everyMs: 50,
    });
    expect((await store.counts()).samples).toBe(sent);
    const found = await store.points({}, 0, sent, 1e7, seriesCount);
    expect(found.flatMap(({ timesMs }) => timesMs).length).toBe(sent);
    for (const { timesMs, values } of found) expect(values).toEqual(timesMs);
  }

  async function close(): Promise<void> {
    stop.abort();
    await running;
    await store.close();
    await log.close();
  }

  return { send, expectExact, close, topic, projector };
}

describe.runIf(standHas(clickHouseServer))('a ClickHouse that fails under load', () => {
  let clickHouse: ClickHouse;
  beforeAll(async () => {
    clickHouse = await startClickHouse();
  });
  afterAll(() => clickHouse.stop());

  test.each([
    ['answers 500', { mode: 'error', status: 500, code: 1001, name: 'STD_EXCEPTION' }],
    ['has too many parts', { mode: 'error', code: 252, name: 'TOO_MANY_PARTS' }],
    ['has too many queries', { mode: 'error', code: 202, name: 'TOO_MANY_SIMULTANEOUS_QUERIES' }],
    ['runs out of time', { mode: 'error', code: 159, name: 'TIMEOUT_EXCEEDED' }],
    ['resets the connection', { mode: 'reset' }],
    ['is slow', { mode: 'delay', ms: 700 }],
    ['does it and loses the acknowledgement', { mode: 'lost' }],
    ['breaks off in its answer', { mode: 'cut' }],
    ['hangs', { mode: 'hang' }],
  ])('that %s: the ledger is exact', async (_, fault) => {
    const ledger = await openLedger(clickHouse);
    const count = fault.mode === 'hang' ? 2 : 4;
    await clickHouse.fault({ ...fault, match: 'INSERT INTO \\S+samples', count, rate: 1 });
    for (let i = 0; i < 20; i++) {
      await ledger.send(5);
      await pause(20);
    }
    await ledger.expectExact(60_000);
    await ledger.close();
    await clickHouse.noFaults();
  });

  test('that is out of memory for large inserts: they are halved until they pass', async () => {
    const ledger = await openLedger(clickHouse);
    const fault = { mode: 'error', code: 241, name: 'MEMORY_LIMIT_EXCEEDED', count: 7, rate: 1 };
    await clickHouse.fault({ ...fault, match: 'INSERT INTO \\S+samples' });
    await ledger.send(200);
    await ledger.expectExact(30_000);
    await ledger.close();
    await clickHouse.noFaults();
  });

  test('that is down for a minute: the log keeps, and all is there within 15 s, carried over faster than it came', async () => {
    const ledger = await openLedger(clickHouse);
    await ledger.send(20);
    await ledger.expectExact(20_000);
    await clickHouse.fault({ mode: 'refuse', ms: 60_000 });
    const sinceMs = performance.now();
    while (performance.now() - sinceMs < 59_000) {
      await ledger.send(5);
      await pause(50);
    }
    const backlog = ledger.topic.nextOffset - ledger.projector.position;
    expect(backlog).toBeGreaterThan(1000);
    await ledger.expectExact(16_000);
    await ledger.close();
  });
});
