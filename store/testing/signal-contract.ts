import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type HistorySeries, type PastRecords, type Store, textAt } from '../../model/index.ts';
import { bandBatch, block, definition, logBatch, type SampleRow, sampleBatch, spanBatch } from './signals.ts';

const t0 = Date.UTC(2026, 5, 1, 12);
const heap = definition(0, 'heap', { labels: { pod: 'cart-1', zone: 'a' } });
const cpu = definition(7, 'cpu', { labels: { pod: 'cart-1' } });
const other = definition(9, 'heap', {
  labels: { pod: 'db-1' },
  entity: { kind: 'pod', namespace: 'shop', name: 'db-1' },
});
const logs = definition(20, 'log', { kind: 'logs', labels: { 'service.name': 'cart' } });
const spans = definition(30, 'GET /cart', { kind: 'spans', labels: { 'service.name': 'cart' } });
const parent = definition(31, 'GET /', { kind: 'spans', labels: { 'service.name': 'shop' } });
const definitions = [heap, cpu, other, logs, spans];
const all = [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER] as const;
const traceId = '0af7651916cd43dd8448eb211c80319c';

/** Texts that break out of careless statements. */
const nasty = [
  "Robert'); DROP TABLE samples; --",
  '"quoted" \\ back\\slash \\\' {x:String} ?',
  'tab\tnewline\nreturn\r bell\u0007 ',
  'snow ☃ 東京 🚀 ‮right',
  '{{process.exit()}} %s %n',
];

/** What every store owes to signals. `open` gives a fresh, empty store; `runs` bounds the random cases of slow ones. */
export function signalContract(kind: string, open: () => Promise<Store>, runs: number): void {
  describe(`signals in the ${kind} store`, () => {
    test('samples come back as they were, series by series, in order of time', async () => {
      const store = await open();
      const values = [0, -0.5, 1e-300, 1.7976931348623157e308, Math.PI];
      const rows = values.map((value, i): SampleRow => [i % 2 ? 7 : 0, t0 + 1000 * i, value]);
      await store.writeSignals(block({ definitions, samples: [sampleBatch(...rows)] }), 'a');
      const [found] = await store.points({ fingerprint: heap.fingerprint }, t0, t0 + 60_000, 100, 10);
      expect(found).toMatchObject({
        fingerprint: heap.fingerprint,
        metric: 'heap',
        labels: { pod: 'cart-1', zone: 'a' },
        unit: 'By',
        kind: 'gauge',
        entity: heap.entity,
      });
      expect(found.timesMs).toEqual([t0, t0 + 2000, t0 + 4000]);
      expect(found.values).toEqual([0, 1e-300, Math.PI]);
    });

    test('the past of several series comes in order of time, whole or a value a minute', async () => {
      const store = await open();
      const sent = definition(8, 'sent', { kind: 'delta' });
      const old = definition(11, 'old');
      const rows: SampleRow[] = [
        ...[0, 20_000, 40_000, 61_000, 150_000].map((at): SampleRow => [0, t0 + at, at]),
        ...[10_000, 20_000, 70_000].map((at): SampleRow => [8, t0 + at, 1]),
        [11, t0 - 90_000_000, 5],
        [7, t0 + 200_000, 9],
      ];
      await store.writeSignals(
        block({ definitions: [...definitions, sent, old], samples: [sampleBatch(...rows)] }),
        'a',
      );
      const live = await store.liveSeries(t0, t0 + 200_000);
      expect(live.map(({ fingerprint }) => fingerprint).sort()).toEqual([heap.fingerprint, sent.fingerprint].sort());
      expect(live.find(({ fingerprint }) => fingerprint === heap.fingerprint)).toEqual({
        fingerprint: heap.fingerprint,
        entity: heap.entity,
        identity: { name: 'heap', labels: heap.labels, kind: 'gauge', unit: 'By', origin: 'received' },
      });
      const series = [...live].sort((a, b) => a.identity.name.localeCompare(b.identity.name));
      const range = { series, fromMs: t0 + 10_000, toMs: t0 + 150_000 };
      const flat = ({ count, places, timesMs, values }: Awaited<ReturnType<Store['history']>>) =>
        Array.from({ length: count }, (_, row) => [places[row], timesMs[row] - t0, values[row]]);
      const whole = flat(await store.history({ ...range, resolution: 'whole' }));
      expect(whole.map(([, at]) => at)).toEqual([10_000, 20_000, 20_000, 40_000, 61_000, 70_000]);
      expect(whole.filter(([place]) => place === 0)).toEqual([20_000, 40_000, 61_000].map((at) => [0, at, at]));
      expect(flat(await store.history({ ...range, resolution: 'minute' }))).toEqual([
        [1, 20_000, 2],
        [0, 40_000, 40_000],
        [0, 61_000, 61_000],
        [1, 70_000, 1],
      ]);
      expect((await store.history({ ...range, toMs: t0 + 10_000, resolution: 'minute' })).count).toBe(0);
    });

    test('log lines and spans of the past come in bulk, in order of time, the newest of them', async () => {
      const store = await open();
      const lines = [
        { at: 3, body: 'GET /cart/17 200', severity: 9 },
        { at: 1, body: 'cannot reach redis 10.0.0.1 ☃', severity: 17 },
        { at: 2, body: 'FATAL: out of memory', severity: 0 },
        { at: 9, body: 'too late', severity: 17 },
      ];
      const rows = lines.map(({ at, body, severity }) => ({ series: 20, timeMs: t0 + at, body, severity, traceId }));
      const [root, child] = ['00000000000000a1', '00000000000000b2'];
      const sent = spanBatch(
        { series: 30, traceId, spanId: child, parentId: root, startMs: t0 + 1.5, durationMs: 2, status: 2 },
        { series: 31, traceId, spanId: root, startMs: t0 + 1, durationMs: 7 },
      );
      const all = [...definitions, parent];
      await store.writeSignals(block({ definitions: all, logs: [logBatch(...rows)], spans: [sent] }), 'a');
      const range = { fromMs: t0, toMs: t0 + 9, most: 10 } as const;
      const past = await store.pastRecords?.({ ...range, kind: 'logs' });
      if (past === undefined) return;
      expect(past.streams.map(({ fingerprint }) => fingerprint)).toEqual([logs.fingerprint]);
      expect(past.streams[0]!.identity).toMatchObject({ name: 'log', kind: 'logs', labels: logs.labels });
      const bodiesOf = ({ batch }: PastRecords) =>
        batch.kind === 'logs' ? Array.from({ length: batch.count }, (_, row) => textAt(batch.bodies, row)) : [];
      expect(bodiesOf(past)).toEqual([lines[1]!.body, lines[2]!.body, lines[0]!.body]);
      expect(past.batch).toMatchObject({ count: 3, series: Uint32Array.of(0, 0, 0) });
      expect(past.batch.kind === 'logs' && [...past.batch.severities]).toEqual([17, 0, 9]);
      expect(past.batch.kind === 'logs' && [...past.batch.timesMs]).toEqual([t0 + 1, t0 + 2, t0 + 3]);
      expect(Buffer.from(past.batch.traceIds.slice(0, 16)).toString('hex')).toBe(traceId);
      const newest = await store.pastRecords?.({ ...range, kind: 'logs', most: 2 });
      expect(bodiesOf(newest!)).toEqual([lines[2]!.body, lines[0]!.body]);
      const errors = await store.pastRecords?.({ ...range, kind: 'logs', selected: true });
      expect(bodiesOf(errors!)).toEqual([lines[1]!.body, lines[2]!.body]);

      const calls = await store.pastRecords?.({ ...range, kind: 'spans' });
      const { batch } = calls!;
      expect(calls!.streams.map(({ identity }) => identity.name).sort()).toEqual(['GET /', 'GET /cart']);
      if (batch.kind !== 'spans') throw new Error('spans were asked for');
      expect([...batch.startsMs]).toEqual([t0 + 1, t0 + 1.5]);
      expect([...batch.durationsMs, ...batch.statuses]).toEqual([7, 2, 1, 2]);
      expect(Buffer.from(batch.parentIds).toString('hex')).toBe(`${'0'.repeat(16)}${root}`);
      expect(Buffer.from(batch.spanIds).toString('hex')).toBe(root + child);
      const chosen = (await store.pastRecords?.({ ...range, kind: 'spans', selected: true }))!.batch;
      expect([chosen.count, chosen.kind === 'spans' && [...chosen.startsMs]]).toEqual([2, [t0 + 1, t0 + 1.5]]);
      const isMeant = ({ identity }: HistorySeries): boolean => identity.name === 'GET /cart';
      const own = await store.pastRecords?.({ ...range, most: 1, kind: 'spans', isMeant });
      const isSecond = calls!.streams[batch.series[1]!]!.identity.name === 'GET /cart';
      expect([own!.streams.length, ...(own!.batch.kind === 'spans' ? own!.batch.startsMs : [])]).toEqual([
        1,
        batch.startsMs[isSecond ? 1 : 0],
      ]);
      const none = await store.pastRecords?.({ ...range, toMs: t0, kind: 'spans' });
      expect([none!.batch.count, none!.streams]).toEqual([0, []]);
    });

    test('only valid rows of a batch count, and times before 1970 are times', async () => {
      const store = await open();
      const batch = { ...sampleBatch([0, -5, 1], [0, 5, 2], [7, t0, 3]), count: 2 };
      await store.writeSignals(block({ definitions, samples: [batch] }), 'a');
      expect((await store.counts()).samples).toBe(2);
      const [found] = await store.points({ fingerprint: heap.fingerprint }, -10, 10, 100, 1);
      expect(found.timesMs).toEqual([-5, 5]);
    });

    test('the same block again changes nothing, with the same token or another', async () => {
      const store = await open();
      const written = block({
        definitions,
        samples: [sampleBatch([0, t0, 1], [0, t0 + 1, 2], [7, t0, 3])],
        bands: [bandBatch([0, t0, 1, 0, 2])],
        logs: [logBatch({ series: 20, timeMs: t0, body: 'one' }, { series: 20, timeMs: t0, body: 'one' })],
        spans: [spanBatch({ series: 30, traceId, spanId: 'b7ad6b7169203331', startMs: t0, durationMs: 5 })],
      });
      for (const token of ['a', 'a', 'b', 'a', 'c']) await store.writeSignals(written, token);
      expect(await store.counts()).toEqual({ samples: 3, logs: 2, spans: 1, series: 5 });
    });

    test('the same sample in a block with others is one sample', async () => {
      const store = await open();
      await store.writeSignals(block({ definitions, samples: [sampleBatch([0, t0, 1], [0, t0 + 1000, 2])] }), 'a');
      await store.writeSignals(
        block({ definitions, samples: [sampleBatch([0, t0 + 1000, 2], [0, t0 + 2000, 3])] }),
        'b',
      );
      expect((await store.counts()).samples).toBe(3);
      const [found] = await store.points({ fingerprint: heap.fingerprint }, t0, t0 + 9000, 100, 1);
      expect(found.values).toEqual([1, 2, 3]);
    });

    test('whatever is written in whatever order, each series has each time once, the last value written', async () => {
      const row = fc.tuple(fc.constantFrom(0, 7), fc.integer({ min: 0, max: 20 }), fc.integer({ min: -9, max: 9 }));
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.array(row, { minLength: 1, maxLength: 12 }), { minLength: 1, maxLength: 4 }),
          async (blocks) => {
            const store = await open();
            const expected = new Map<string, number>();
            for (const [i, rows] of blocks.entries()) {
              const samples = sampleBatch(...rows.map(([id, at, value]): SampleRow => [id, t0 + at, value]));
              await store.writeSignals(block({ definitions, samples: [samples] }), `block ${i}`);
              for (const [id, at, value] of rows) expected.set(`${id} ${t0 + at}`, value);
            }
            const seen = new Map<string, number>();
            for (const each of [heap, cpu]) {
              const [found] = await store.points({ fingerprint: each.fingerprint }, ...all, 1000, 1);
              for (const [i, time] of found.timesMs.entries()) seen.set(`${each.id} ${time}`, found.values[i]);
              expect(found.timesMs).toEqual([...found.timesMs].sort((a, b) => a - b));
            }
            expect(seen).toEqual(expected);
          },
        ),
        { numRuns: runs, seed: 7 },
      );
    });

    test('series are found by fingerprint, metric, entity and labels, at most as many as asked for', async () => {
      const store = await open();
      await store.writeSignals(block({ definitions }), 'a');
      const ids = async (...args: Parameters<typeof store.series>) =>
        (await store.series(...args)).map((s) => s.fingerprint);
      expect(await ids({ fingerprint: cpu.fingerprint }, 10)).toEqual([cpu.fingerprint]);
      expect((await ids({ metric: 'heap' }, 10)).sort()).toEqual([heap.fingerprint, other.fingerprint].sort());
      expect(await ids({ metric: 'heap', labels: { zone: 'a', pod: 'cart-1' } }, 10)).toEqual([heap.fingerprint]);
      expect(await ids({ metric: 'heap', labels: { zone: 'b' } }, 10)).toEqual([]);
      expect(await ids({ entity: other.entity }, 10)).toEqual([other.fingerprint]);
      expect(await ids({ fingerprint: 'not a fingerprint' }, 10)).toEqual([]);
      expect(await ids({}, 2)).toHaveLength(2);
      expect(await ids({}, 10)).toHaveLength(5);
    });

    test('a crowded series is thinned and keeps its extremes, a sparse one beside it stays whole', async () => {
      const store = await open();
      const rows: SampleRow[] = Array.from({ length: 5000 }, (_, i) => [0, t0 + i * 100, Math.sin(i / 50)]);
      rows[1234] = [0, t0 + 123_400, 99];
      rows[4321] = [0, t0 + 432_100, -99];
      rows.push([9, t0, 1], [9, t0 + 100, 2]);
      await store.writeSignals(block({ definitions, samples: [sampleBatch(...rows)] }), 'a');
      const found = await store.points({ metric: 'heap' }, t0, t0 + 500_000, 100, 10);
      const crowded = found.find((series) => series.fingerprint === heap.fingerprint);
      const sparse = found.find((series) => series.fingerprint === other.fingerprint);
      expect(crowded?.timesMs.length).toBeLessThanOrEqual(100);
      expect(crowded?.timesMs.length).toBeGreaterThan(80);
      expect(Math.max(...(crowded?.values ?? []))).toBe(99);
      expect(Math.min(...(crowded?.values ?? []))).toBe(-99);
      expect(crowded?.values[crowded.timesMs.indexOf(t0 + 123_400)]).toBe(99);
      expect(crowded?.timesMs).toEqual([...(crowded?.timesMs ?? [])].sort((a, b) => a - b));
      expect(sparse?.values).toEqual([1, 2]);
    });

    test('each point has the band that held then: none before the first, none long after the last', async () => {
      const store = await open();
      const samples = [0, 1000, 1500, 2000, 60_000, 400_000].map((at): SampleRow => [0, t0 + at, at]);
      const bands = [bandBatch([0, t0 + 1000, 10, 9, 11], [0, t0 + 2000, 20, 19, 21], [7, t0, 5, 4, 6])];
      await store.writeSignals(block({ definitions, samples: [sampleBatch(...samples)], bands }), 'a');
      const [found] = await store.points({ fingerprint: heap.fingerprint }, t0, t0 + 500_000, 100, 1);
      expect(found.expected).toEqual([Number.NaN, 10, 10, 20, 20, Number.NaN]);
      expect(found.lower).toEqual([Number.NaN, 9, 9, 19, 19, Number.NaN]);
      expect(found.upper).toEqual([Number.NaN, 11, 11, 21, 21, Number.NaN]);
      const [late] = await store.points({ fingerprint: heap.fingerprint }, t0 + 1500, t0 + 1500, 100, 1);
      expect(late.expected).toEqual([10]);
    });

    test('log records come newest first, by entity, time and text, page by page', async () => {
      const store = await open();
      const rows = Array.from({ length: 25 }, (_, i) => ({
        series: 20,
        timeMs: t0 + Math.floor(i / 5),
        body: `Line ${i}`,
        severity: 17,
      }));
      await store.writeSignals(
        block({ definitions, logs: [logBatch({ ...rows[0], traceId }, ...rows.slice(1))] }),
        'a',
      );
      const bodies: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await store.logs({ limit: 7, ...(cursor !== undefined && { cursor }) });
        expect(page.items.length).toBeLessThanOrEqual(7);
        bodies.push(...page.items.map((item) => item.body));
        cursor = page.next;
      } while (cursor !== undefined);
      expect(new Set(bodies).size).toBe(25);
      expect(bodies).toHaveLength(25);
      expect(bodies.slice(0, 5).sort()).toEqual(
        rows
          .slice(20)
          .map((row) => row.body)
          .sort(),
      );
      const [first] = (await store.logs({ limit: 10, text: 'LINE 0' })).items;
      expect(first).toEqual({ timeMs: t0, severity: 17, body: 'Line 0', entity: logs.entity, traceId });
      expect((await store.logs({ limit: 99, fromMs: t0 + 1, toMs: t0 + 2 })).items).toHaveLength(10);
      expect((await store.logs({ limit: 99, entity: other.entity })).items).toEqual([]);
      expect((await store.logs({ limit: 99, entity: logs.entity, text: '%' })).items).toEqual([]);
    });

    test('a trace comes in order of time, with service and parent', async () => {
      const store = await open();
      const span = (spanId: string, startMs: number, parentId?: string) => ({
        series: 30,
        traceId,
        spanId,
        startMs,
        durationMs: 1.25,
        ...(parentId !== undefined && { parentId }),
      });
      const root = 'b7ad6b7169203331';
      const rows = [
        span('000000000000000a', t0 + 0.5, root),
        span(root, t0),
        { ...span('000000000000000c', t0), traceId: '1'.repeat(32) },
      ];
      await store.writeSignals(block({ definitions, spans: [spanBatch(...rows)] }), 'a');
      const common = { traceId, name: 'GET /cart', service: 'cart', durationMs: 1.25, status: 1, kind: 2 };
      expect(await store.trace(traceId)).toEqual([
        { ...common, spanId: root, parentId: '', startMs: t0 },
        { ...common, spanId: '000000000000000a', parentId: root, startMs: t0 + 0.5 },
      ]);
      expect(await store.trace('unknown')).toEqual([]);
    });

    test('texts are texts, whatever they contain', async () => {
      const store = await open();
      const entity = (text: string) => ({ kind: 'service', namespace: text, name: text }) as const;
      const definitions = nasty.flatMap((text, i) => [
        definition(40 + i, text, { labels: { [text]: text }, entity: entity(text) }),
        definition(50 + i, 'log', { kind: 'logs', entity: entity(text), labels: { nasty: text } }),
      ]);
      await store.writeSignals(
        block({
          definitions,
          samples: [sampleBatch(...nasty.map((_, i): SampleRow => [40 + i, t0, i]))],
          logs: [logBatch(...nasty.map((body, i) => ({ series: 50 + i, timeMs: t0 + i, body })))],
        }),
        nasty.join(),
      );
      for (const [i, text] of nasty.entries()) {
        const named = { metric: text, labels: { [text]: text }, entity: entity(text) };
        const [found] = await store.points(named, t0, t0, 10, 10);
        expect(found).toMatchObject({ ...named, values: [i] });
        expect((await store.logs({ limit: 10, text, entity: entity(text) })).items.map((item) => item.body)).toEqual([
          text,
        ]);
      }
      expect((await store.counts()).samples).toBe(nasty.length);
    });

    test('a text with a zero byte in it is kept whole', async () => {
      const store = await open();
      const zero = definition(60, 'log', { kind: 'logs', labels: { zero: 'a\u0000b' } });
      const body = 'before\u0000after';
      await store.writeSignals(block({ definitions: [zero], logs: [logBatch({ series: 60, timeMs: t0, body })] }), 'a');
      expect((await store.logs({ limit: 9 })).items.map((item) => item.body)).toEqual([body]);
      expect((await store.series({}, 9)).map((each) => each.labels)).toEqual([{ zero: 'a\u0000b' }]);
    });

    test('times that no clock shows do no harm to the samples beside them', async () => {
      const store = await open();
      const times = [-1e15, -62_135_596_800_000, -1, 8.64e15, 1e14, t0];
      const rows = times.map((time): SampleRow => [0, time, 1]);
      const far = [logBatch({ series: 20, timeMs: 8.64e15, body: 'far' }, { series: 20, timeMs: t0, body: 'near' })];
      await store.writeSignals(block({ definitions, samples: [sampleBatch(...rows)], logs: far }), 'a');
      const [found] = await store.points({ fingerprint: heap.fingerprint }, t0, t0, 10, 1);
      expect(found.timesMs).toEqual([t0]);
      const near = await store.logs({ limit: 9, fromMs: t0, toMs: t0 });
      expect(near.items.map((item) => item.body)).toEqual(['near']);
    });

    test('writes and reads may go on side by side', async () => {
      const store = await open();
      const write = (i: number) =>
        store.writeSignals(
          block({ definitions, samples: [sampleBatch([0, t0 + i, i], [7, t0 + i, i])] }),
          `block ${i}`,
        );
      const reads = () => store.points({ metric: 'heap' }, t0, t0 + 99, 100, 5);
      await Promise.all(Array.from({ length: 10 }, (_, i) => Promise.all([write(i), reads()])));
      expect((await store.counts()).samples).toBe(20);
    });

    test('a series without its definition is a defect of the caller, and nothing is written', async () => {
      const store = await open();
      const stray = block({ definitions: [heap], samples: [sampleBatch([0, t0, 1], [5, t0, 1])] });
      await expect(store.writeSignals(stray, 'a')).rejects.toThrow(RangeError);
    });

    test('cursors that were never given out are refused', async () => {
      const store = await open();
      for (const cursor of ['', 'nonsense', Buffer.from('[1,2,3]').toString('base64url'), 'W10'])
        await expect(store.logs({ limit: 1, cursor })).rejects.toMatchObject({ code: 'KYBERN_BAD_REQUEST' });
    });

    test('it answers a ping', async () => {
      await (await open()).ping();
    });
  });
}
