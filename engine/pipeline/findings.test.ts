import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createPortableEncoder } from '../../ingest/index.ts';
import { KybernError, type SampleBatch } from '../../model/index.ts';
import type { Finding } from './deciding.ts';
import { createFindingsIntake } from './findings-intake.ts';
import { encodeEntry, openEntries } from './findings-record.ts';
import { createFindingsSender } from './findings-sender.ts';

const encode = createPortableEncoder({ high: (id) => id + 7, low: (id) => id });

function samplesOf(series: readonly number[]): SampleBatch {
  return {
    kind: 'samples',
    count: series.length,
    series: Uint32Array.from(series),
    timesMs: Float64Array.from(series, (_, i) => 1000 * i),
    values: Float64Array.from(series, (_, i) => i / 3),
  };
}

describe('an entry of the findings', () => {
  test('comes back as it was, several to a record', () => {
    const finding = fc.record({
      samples: fc.array(fc.array(fc.nat(50), { maxLength: 9 }).map(samplesOf), { maxLength: 2 }),
      derived: fc.array(fc.array(fc.nat(50), { maxLength: 9 }).map(samplesOf), { maxLength: 2 }),
      cluster: fc.array(fc.constant({ kind: 'cluster', timeMs: 4, events: [] } as const), { maxLength: 1 }),
    });
    fc.assert(
      fc.property(fc.array(fc.array(finding, { maxLength: 3 }), { maxLength: 4 }), (given) => {
        const entries = given.map((parts, offset) => ({
          partition: 3,
          offset,
          receivedMs: 10 + offset,
          watermarkMs: 5,
          findings: parts.map(
            ({ samples, derived, cluster }): Finding => ({
              samples,
              cluster,
              result: { derived, anomalies: [], calls: [], slos: [] },
            }),
          ),
        }));
        const record = Buffer.concat(entries.map((entry) => encodeEntry(entry, encode).bytes));
        const read = openEntries(new Uint8Array(record)).map(({ table, findings, ...own }) => ({
          ...own,
          // The low words are the ids.
          findings: findings(table.filter((_, at) => at % 2 === 1)),
        }));
        expect(read).toEqual(entries);
      }),
      { numRuns: 50 },
    );
  });
});

describe('the intake of findings', () => {
  const entry = (partition: number, offset: number, receivedMs: number, watermarkMs: number) => ({
    partition,
    offset,
    receivedMs,
    watermarkMs,
  });

  test('takes each entry once, however often partitions are scored again from earlier offsets', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ partition: fc.nat(2), backBy: fc.nat(6), length: fc.nat(8) }), { maxLength: 25 }),
        (lives) => {
          const intake = createFindingsIntake(1000);
          const next = [0, 0, 0];
          const taken = new Set<string>();
          for (const { partition, backBy, length } of lives) {
            const from = Math.max(0, next[partition] - backBy);
            for (let offset = from; offset < from + length; offset++) {
              const one = entry(partition, offset, offset, offset);
              if (!intake.accepts(one)) continue;
              expect(taken.has(`${partition} ${offset}`)).toBe(false);
              taken.add(`${partition} ${offset}`);
              intake.take(one);
            }
            next[partition] = Math.max(next[partition], from + length);
          }
          expect(taken.size).toBe(next[0] + next[1] + next[2]);
        },
      ),
    );
  });

  test('event time is that of the slowest partition heard of lately, and never goes back', () => {
    const intake = createFindingsIntake(30_000);
    expect(intake.take(entry(0, 0, 100_000, 90_000))).toBe(90_000);
    expect(intake.take(entry(1, 0, 101_000, 80_000))).toBe(90_000);
    expect(intake.take(entry(0, 1, 105_000, 95_000))).toBe(90_000);
    expect(intake.take(entry(1, 1, 106_000, 96_000))).toBe(95_000);
    // Partition 1 is silent from here on: it holds the others up for half a minute, then no more.
    expect(intake.take(entry(0, 2, 130_000, 120_000))).toBe(96_000);
    expect(intake.take(entry(0, 3, 137_000, 127_000))).toBe(127_000);
  });

  test('goes on from what it saved', () => {
    const intake = createFindingsIntake(30_000);
    intake.take(entry(4, 8, 100_000, 90_000));
    const again = createFindingsIntake(30_000);
    expect(again.load(intake.save())).toBe(true);
    expect([again.accepts(entry(4, 8, 1, 1)), again.accepts(entry(4, 9, 1, 1))]).toEqual([false, true]);
    expect(again.take(entry(5, 0, 100_500, 89_000))).toBe(90_000);
  });
});

describe('the sender of findings', () => {
  const clock = { now: () => 0, sleep: async () => true };
  const bytes = (text: string) => new TextEncoder().encode(text);

  test('sends all in order, each again until it is taken', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.boolean(), { maxLength: 30 }), fc.nat(20), async (failures, count) => {
        let taken = '';
        let turn = 0;
        const sender = createFindingsSender({
          clock,
          append: async (record) => {
            if (failures[turn++] === true) throw new KybernError('KYBERN_LOG_UNAVAILABLE', 'away');
            taken += new TextDecoder().decode(record);
          },
        });
        const wanted = Array.from({ length: count }, (_, i) => `${i};`);
        for (const each of wanted) await sender.send(bytes(each));
        await sender.flush();
        expect(taken).toBe(wanted.join(''));
      }),
      { numRuns: 50 },
    );
  });

  test('closed before all is sent, a checkpoint that waits for it fails', async () => {
    const sender = createFindingsSender({
      clock: { now: () => 0, sleep: async () => new Promise((turn) => setImmediate(() => turn(true))) },
      append: () => Promise.reject(new KybernError('KYBERN_LOG_UNAVAILABLE', 'away')),
    });
    await sender.send(bytes('a'));
    const flushed = sender.flush();
    sender.close();
    await expect(flushed).rejects.toMatchObject({ code: 'KYBERN_FENCED' });
  });
});
