import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openSpillFiles, type SpillPlace } from '../../../../detectors/index.ts';
import type { KeyedRecord, KeyedRecords } from '../../../../ingest/log/index.ts';
import { KybernError } from '../../../../model/index.ts';
import { openSharedSpill, type SharedSpill } from './shared-spill.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'kybern-shared-spill-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const clock = {
  now: () => 0,
  sleep: async (_ms: number, signal?: AbortSignal) => {
    await new Promise((turn) => setImmediate(turn));
    return signal?.aborted !== true;
  },
};
const away = () => new KybernError('KYBERN_LOG_UNAVAILABLE', 'away');

/** One partition of a compacted topic, in memory. */
function memoryRecords() {
  const all: KeyedRecord[] = [];
  const world = { isAway: false, all };
  function compacted(): KeyedRecord[] {
    const newest = new Map(all.map((record) => [record.key, record]));
    return all.filter((record) => newest.get(record.key) === record && record.value !== null);
  }
  async function answer<T>(give: () => T): Promise<T> {
    await new Promise((turn) => setImmediate(turn));
    if (world.isAway) throw away();
    return give();
  }
  const records: KeyedRecords = {
    put: (key, value) => answer(() => all.push({ key, offset: all.length, value: value.slice() }) - 1),
    remove: (keys) => answer(() => void all.push(...keys.map((key) => ({ key, offset: all.length, value: null })))),
    async readAll(visit) {
      for (const record of await answer(compacted)) await visit(record);
    },
    readAt: (offset) => answer(() => compacted().find((record) => record.offset === offset)?.value ?? undefined),
  };
  return { ...world, world, records, pieces: () => compacted().filter(({ key }) => key.includes('/')) };
}

/** What one process has of the partition; its copy lies in a directory of its own. */
function opened(records: KeyedRecords, options: { fullFrom?: number; confirm?: () => Promise<void> } = {}) {
  const own = mkdtempSync(join(directory, 'copy-'));
  const failures: string[] = [];
  const spill = openSharedSpill({
    copyOn: (numbered) => openSpillFiles(own, options.fullFrom ?? 1000, numbered),
    records,
    confirm: options.confirm ?? (async () => {}),
    removeCopy: () => rm(own, { recursive: true }),
    clock,
    failed: ({ code }) => failures.push(code),
  });
  return { spill, own, failures };
}

const segmentsOf = (places: Iterable<SpillPlace>): Set<number> => new Set([...places].map(({ segment }) => segment));
const bytesOf = (records: readonly (Uint8Array | undefined)[]) => records.map((record) => record && [...record]);

/** What a checkpoint holds: places, and what lies there. */
type State = ReadonlyMap<SpillPlace, Uint8Array>;

async function holds(spill: SharedSpill, state: State): Promise<void> {
  expect(bytesOf(await spill.read([...state.keys()]))).toEqual(bytesOf([...state.values()]));
}

const step = fc.oneof(
  fc.record({
    do: fc.constant('append' as const),
    rows: fc.array(fc.uint8Array({ minLength: 1, maxLength: 400 }), { minLength: 1, maxLength: 8 }),
  }),
  fc.record({ do: fc.constant('wake' as const), share: fc.double({ min: 0, max: 1, noNaN: true }) }),
  fc.record({ do: fc.constant('checkpoint' as const) }),
  fc.record({ do: fc.constant('move' as const), isKilled: fc.boolean(), sleeps: fc.boolean() }),
);

test('whatever owner follows on whatever happened, it finds all that the durable state refers to', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 25 }), async (steps) => {
      const { records } = memoryRecords();
      let owner = 0;
      const own = (mine: number) =>
        opened(records, {
          async confirm() {
            if (owner !== mine) throw new KybernError('KYBERN_FENCED', 'another one');
          },
        }).spill;
      let spill = own(owner);
      let memory = new Map<SpillPlace, Uint8Array>();
      let durable: State = new Map();
      const asleep: SharedSpill[] = [];

      async function checkpoint(): Promise<void> {
        const state = new Map(memory);
        await spill.sync();
        await spill.share();
        durable = state;
        await spill.keep(segmentsOf([...state.keys(), ...memory.keys()]));
      }

      for (const each of steps) {
        if (each.do === 'append') {
          const places = await spill.append(each.rows);
          for (const [at, place] of places.entries()) memory.set(place, each.rows[at]!);
        } else if (each.do === 'wake') {
          const woken = [...memory.keys()].slice(0, Math.ceil(memory.size * each.share));
          for (const place of woken) memory.delete(place);
        } else if (each.do === 'checkpoint') await checkpoint();
        else {
          if (!each.isKilled) await checkpoint();
          if (each.sleeps) asleep.push(spill);
          owner += 1;
          spill = own(owner);
          memory = new Map(durable);
          // Who slept does not know it yet, and goes on for a moment.
          for (const other of asleep.splice(0)) {
            await other.append([Uint8Array.of(1, 2, 3)]);
            await other.share();
            await other.keep(new Set());
          }
        }
        await holds(spill, memory);
      }
      const last = own(owner);
      await holds(last, durable);
      await last.close();
    }),
    { numRuns: 40 },
  );
});

test('what nobody refers to goes from the log, of a former owner too', async () => {
  const { records, pieces } = memoryRecords();
  const first = opened(records, { fullFrom: 1 }).spill;
  const places = [];
  for (let at = 0; at < 4; at += 1) places.push(...(await first.append([new Uint8Array(50).fill(at)])));
  await first.share();
  expect(pieces()).toHaveLength(4);
  const next = opened(records, { fullFrom: 1 });
  await next.spill.read([places[1]!]);
  await next.spill.keep(new Set([places[1]!.segment]));
  expect(pieces().map(({ key }) => key)).toEqual([`${places[1]!.segment}/0`]);
  expect(readdirSync(next.own)).toHaveLength(1);
});

test('what is damaged or lost on this disk is had from the log again', async () => {
  const { records } = memoryRecords();
  const first = opened(records).spill;
  const rows = [3, 5, 7].map((fill) => new Uint8Array(90).fill(fill));
  const places = await first.append(rows);
  await first.share();
  const { spill, own } = opened(records);
  await spill.read(places);
  const [file] = readdirSync(own).map((name) => join(own, name));
  const bytes = readFileSync(file!);
  bytes[places[1]!.offset + 20]! ^= 4;
  writeFileSync(file!, bytes);
  expect(bytesOf(await spill.read(places))).toEqual(bytesOf(rows));
});

test('a disk that takes nothing costs no series: each is read from the log when it is wanted', async () => {
  const { records } = memoryRecords();
  const rows = [3, 5, 7].map((fill) => new Uint8Array(90).fill(fill));
  const { spill: first } = opened(records);
  const places = await first.append(rows);
  await first.share();
  const { spill, own, failures } = opened(records);
  rmSync(own, { recursive: true });
  expect(bytesOf(await spill.read(places.toReversed()))).toEqual(bytesOf(rows.toReversed()));
  expect(failures).toContain('KYBERN_DATA_DIR');
});

test('while the brokers are away series stay in memory, a state waits, and a new owner reads once they are back', async () => {
  const { records, world } = memoryRecords();
  const { spill } = opened(records);
  world.isAway = true;
  await expect(spill.append([Uint8Array.of(1)])).rejects.toMatchObject({ code: 'KYBERN_LOG_UNAVAILABLE' });
  world.isAway = false;
  const places = await spill.append([Uint8Array.of(1)]);
  world.isAway = true;
  await expect(spill.share()).rejects.toMatchObject({ code: 'KYBERN_LOG_UNAVAILABLE' });
  const reading = opened(records).spill.read(places);
  await new Promise((turn) => setTimeout(turn, 5));
  world.isAway = false;
  expect(bytesOf(await reading)).toEqual([undefined]);
  await spill.share();
  expect(bytesOf(await opened(records).spill.read(places))).toEqual([[1]]);
});

test('one that is closed gives nothing any more, and leaves nothing on this disk', async () => {
  const { records, world } = memoryRecords();
  const places = await opened(records).spill.append([Uint8Array.of(1)]);
  world.isAway = true;
  const { spill, own } = opened(records);
  const reading = expect(spill.read(places)).rejects.toMatchObject({ code: 'KYBERN_FENCED' });
  await spill.close();
  await reading;
  expect(readdirSync(directory)).not.toContain(own.slice(directory.length + 1));
});
