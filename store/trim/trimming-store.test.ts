import fc from 'fast-check';
import { expect, test } from 'vitest';
import { noMetrics, textAt } from '../../model/index.ts';
import { createMemoryStore } from '../memory/memory-store.ts';
import { anomaly, incident } from '../testing/decisions.ts';
import { block, definition, logBatch } from '../testing/signals.ts';
import { trimDocument } from './trim-document.ts';
import { trimLogs } from './trim-logs.ts';
import { trimmingStore } from './trimming-store.ts';

test('bodies are cut to the limit between characters, and only those that are longer', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: 'grapheme', maxLength: 30 }), { minLength: 1, maxLength: 8 }),
      fc.integer({ min: 4, max: 40 }),
      (bodies, mostBytes) => {
        const batch = logBatch(...bodies.map((body) => ({ series: 1, timeMs: 0, body })));
        let cut = 0;
        const trimmed = trimLogs(batch, mostBytes, (count) => {
          cut += count;
        });
        expect(cut).toBe(bodies.filter((body) => Buffer.byteLength(body) > mostBytes).length);
        if (cut === 0) expect(trimmed).toBe(batch);
        for (const [row, body] of bodies.entries()) {
          const kept = textAt(trimmed.bodies, row);
          expect(body.startsWith(kept)).toBe(true);
          expect(Buffer.byteLength(kept)).toBeLessThanOrEqual(mostBytes);
          if (kept !== body) expect(Buffer.byteLength(kept)).toBeGreaterThan(mostBytes - 4);
        }
      },
    ),
  );
});

test('a document that is too long loses length, not its shape; others are left alone', () => {
  const whole = incident('i', 1);
  expect(trimDocument(whole, 100_000)).toBe(whole);
  const long = incident('i', 1, {
    title: 'x'.repeat(50_000),
    anomalies: Array.from({ length: 5000 }, (_, i) => `anm-${i}`),
  });
  const trimmed = trimDocument(long, 10_000);
  expect(JSON.stringify(trimmed).length).toBeLessThanOrEqual(10_000);
  expect(trimmed).toMatchObject({ id: 'i', revision: 1, state: 'open', openedAt: long.openedAt });
});

test('what is cut on its way into the store is counted', async () => {
  const counted: Record<string, number> = {};
  const counter = () => ({
    add: (amount: number, labels: Readonly<Record<string, string>> = {}) => {
      counted[String(labels.what)] = amount;
    },
  });
  const memory = createMemoryStore({ memoryPointsPerSeries: 10, memoryRecords: 10 });
  const store = trimmingStore(memory, 1000, { ...noMetrics, counter });
  const stream = definition(1, 'log', { kind: 'logs', labels: { long: 'ü'.repeat(800), short: 'a' } });
  const logs = [logBatch({ series: 1, timeMs: 0, body: 'y'.repeat(2000) }, { series: 1, timeMs: 1, body: 'z' })];
  await store.writeSignals(block({ definitions: [stream], logs }), 'a');
  await store.writeDecisions([{ type: 'anomaly', value: anomaly('a', 1, { reason: 'r'.repeat(9000) }) }], 'a');
  expect(counted).toEqual({ 'log bodies': 1, 'label values': 1, documents: 1 });
  const [{ labels }] = await store.series({}, 1);
  expect(labels).toEqual({ long: 'ü'.repeat(500), short: 'a' });
  expect((await store.logs({ limit: 9 })).items.map(({ body }) => body.length)).toEqual([1, 1000]);
  expect(((await store.anomaly('a'))?.reason ?? '').length).toBeLessThan(4200);
});
