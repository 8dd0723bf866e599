import { appendFile, mkdtemp, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createRandom, type Store } from '../../model/index.ts';
import { decisionContract } from '../testing/decision-contract.ts';
import { anomaly } from '../testing/decisions.ts';
import { signalContract } from '../testing/signal-contract.ts';
import { block, definition, logBatch, type SampleRow, sampleBatch } from '../testing/signals.ts';
import { packColumns, unpackColumns } from './column-codec.ts';
import { openFilesStore } from './files-store.ts';

let directory: string;
let number = 0;
const settings = { retentionDays: 0, retentionBytes: 1e9 };

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'kybern-files-'));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

const open = () => openFilesStore(join(directory, String(number++)), settings);
signalContract('files', open, 20);
decisionContract('files', open);

describe('the files', () => {
  const t0 = Date.UTC(2026, 5, 1, 12);
  const heap = definition(0, 'heap');
  const write = (store: Store, token: string, ...rows: readonly SampleRow[]) =>
    store.writeSignals(block({ definitions: [heap], samples: [sampleBatch(...rows)] }), token);
  const place = () => join(directory, String(number++));

  test('remember everything over a restart, and what a crash left half written goes', async () => {
    const path = place();
    const store = await openFilesStore(path, settings);
    const logs = definition(1, 'log', { kind: 'logs' });
    for (let i = 0; i < 100; i++) await write(store, `${i}`, [0, t0 + i * 1000, i]);
    const body = 'hello';
    await store.writeSignals(block({ definitions: [logs], logs: [logBatch({ series: 1, timeMs: t0, body })] }), 'l');
    await store.writeDecisions([{ type: 'anomaly', value: anomaly('a', 1) }], 'd');
    await store.close();
    await writeFile(join(path, 'samples', '000000009999-0.part.tmp'), 'half a part');
    await writeFile(join(path, 'samples', '000000009998-0.part'), 'damaged');
    await appendFile(join(path, 'decisions.jsonl'), '{"type":"anomaly","val');
    await appendFile(join(path, 'series.jsonl'), '{"fingerprint":');

    const again = await openFilesStore(path, settings);
    expect(await again.counts()).toEqual({ samples: 100, logs: 1, spans: 0, series: 2 });
    expect((await again.anomaly('a'))?.id).toBe('a');
    await again.writeDecisions([{ type: 'anomaly', value: anomaly('b', 2) }], 'e');
    await write(again, 'more', [0, t0 - 5, 7]);
    await again.close();
    const third = await openFilesStore(path, settings);
    expect((await third.anomalies({ limit: 9 })).items.map(({ id }) => id)).toEqual(['b', 'a']);
    const [found] = await third.points({ metric: 'heap' }, t0 - 10, t0 + 1e6, 1000, 1);
    expect(found.values).toEqual([7, ...Array.from({ length: 100 }, (_, i) => i)]);
    expect(await readdir(join(path, 'samples'))).toContain('000000009998-0.part.damaged');
  });

  test('stay few however many writes there are, and within their bytes: the oldest go', async () => {
    const path = place();
    const store = await openFilesStore(path, { retentionDays: 0, retentionBytes: 60_000 });
    const random = createRandom(3);
    for (let i = 0; i < 300; i++)
      await write(
        store,
        `${i}`,
        ...Array.from({ length: 50 }, (_, j): SampleRow => [0, t0 + i * 5000 + j * 100, random()]),
      );
    const files = await readdir(join(path, 'samples'));
    expect(files.length).toBeLessThan(30);
    const sizes = await Promise.all(files.map(async (name) => (await stat(join(path, 'samples', name))).size));
    expect(sizes.reduce((a, b) => a + b)).toBeLessThanOrEqual(60_000);
    const [found] = await store.points({ metric: 'heap' }, 0, t0 + 1e9, 1e6, 1);
    expect(found.timesMs.at(-1)).toBe(t0 + 299 * 5000 + 4900);
    expect(found.timesMs[0]).toBeGreaterThan(t0);
    expect(found.timesMs.length).toBeGreaterThan(1000);
  });

  test('of signals beyond the days to keep go, decisions stay', async () => {
    const path = place();
    let nowMs = t0;
    const store = await openFilesStore(path, { retentionDays: 7, retentionBytes: 1e9, clock: { now: () => nowMs } });
    await write(store, 'a', [0, t0, 1]);
    await store.writeDecisions([{ type: 'anomaly', value: anomaly('a', 1) }], 'd');
    nowMs = t0 + 6 * 86_400_000;
    await store.upkeep?.();
    expect((await store.counts()).samples).toBe(1);
    nowMs = t0 + 8 * 86_400_000;
    await store.upkeep?.();
    expect((await store.counts()).samples).toBe(0);
    expect((await store.anomaly('a'))?.id).toBe('a');
  });

  test('a disk that is full or a folder that is gone is an error with a code, and the next write works', async () => {
    const path = place();
    const store = await openFilesStore(path, settings);
    await rename(join(path, 'samples'), join(path, 'away'));
    await expect(write(store, 'a', [0, t0, 1])).rejects.toMatchObject({ code: 'KYBERN_STORE' });
    await rename(join(path, 'away'), join(path, 'samples'));
    await write(store, 'a', [0, t0, 1]);
    expect((await store.counts()).samples).toBe(1);
  });

  test('columns come back bit by bit, whatever they hold', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.double(), { minLength: 7, maxLength: 7 }), { minLength: 1, maxLength: 3 }),
        (columns) => {
          const packed = packColumns(
            columns.map((column) => Float64Array.from(column)),
            7,
          );
          const bits = (column: Iterable<number>) => [...new BigUint64Array(Float64Array.from(column).buffer)];
          expect(unpackColumns(packed, columns.length).map(bits)).toEqual(columns.map(bits));
        },
      ),
    );
  });
});
