import {
  closeSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createStateReader } from '../checkpoint/state-reader.ts';
import { createStateWriter } from '../checkpoint/state-writer.ts';
import { createSpillIndex, openSpillFiles, type SpillFiles, type SpillIndex } from '../spill/index.ts';
import { compactOne } from './compact-one.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'kybern-compact-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const segmentBytes = 600;

type Step =
  | { readonly what: 'put'; readonly records: readonly Uint8Array[] }
  | { readonly what: 'take'; readonly which: number }
  | { readonly what: 'compact' | 'save' | 'draft' }
  /** What was not synced is cut off anywhere, as after a loss of power. */
  | { readonly what: 'crash'; readonly cut: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      what: fc.constant('put' as const),
      records: fc.array(fc.uint8Array({ maxLength: 120 }), { minLength: 2, maxLength: 8 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ what: fc.constant('take' as const), which: fc.nat() }) },
  {
    weight: 6,
    arbitrary: fc.record({
      what: fc.constantFrom(...(['compact', 'compact', 'compact', 'save', 'save', 'draft'] as const)),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ what: fc.constant('crash' as const), cut: fc.double({ min: 0, max: 1, noNaN: true }) }),
  },
);

/** What a life is held against: what each row was put with, now and as of the state that is durable. */
interface World {
  files: SpillFiles;
  index: SpillIndex;
  held: Map<number, Uint8Array>;
  state: { readonly bytes: Uint8Array; readonly held: ReadonlyMap<number, Uint8Array> } | undefined;
  nextSeries: number;
  /** Bytes of each file that a loss of power would leave. */
  readonly synced: Map<string, number>;
}

async function expectAll({ files, index, held }: World): Promise<void> {
  const found = new Map<number, string>();
  const rows: number[] = [];
  index.forEachRow((row) => rows.push(row));
  const records = await files.read(rows.map(index.at));
  for (const [at, row] of rows.entries())
    found.set(index.at(row).series, Buffer.from(records[at] ?? 'lost').toString('hex'));
  const wanted = [...held].map(([series, record]) => [series, Buffer.from(record).toString('hex')] as const);
  expect([...found].sort(([a], [b]) => a - b)).toEqual(wanted.sort(([a], [b]) => a - b));
}

async function draft(world: World): Promise<World['state']> {
  const writer = createStateWriter();
  world.index.save(writer);
  await world.files.sync();
  for (const name of readdirSync(directory)) world.synced.set(name, statSync(join(directory, name)).size);
  return { bytes: writer.finish(), held: new Map(world.held) };
}

async function crash(world: World, cut: number): Promise<void> {
  await world.files.close();
  for (const name of readdirSync(directory)) {
    const path = join(directory, name);
    const [least, size] = [world.synced.get(name) ?? 0, statSync(path).size];
    const left = least + Math.floor(cut * (size - least));
    if (left === 0) rmSync(path);
    else truncateSync(path, left);
  }
  world.files = openSpillFiles(directory, segmentBytes);
  world.index = createSpillIndex();
  if (world.state !== undefined) world.index.load(createStateReader(world.state.bytes));
  world.held = new Map(world.state?.held);
}

async function live(world: World, todo: Step): Promise<void> {
  const { files, index, held } = world;
  if (todo.what === 'crash') return crash(world, todo.cut);
  if (todo.what === 'compact') return compactOne(index, files);
  if (todo.what === 'draft') return void (await draft(world));
  if (todo.what === 'save') {
    world.state = await draft(world);
    return files.keep(new Set(index.bytesOf.keys()));
  }
  if (todo.what === 'put') {
    const places = await files.append(todo.records);
    for (const [at, place] of places.entries()) {
      const series = world.nextSeries++;
      index.add({ ...place, series, samples: 1, lastMs: 0 });
      held.set(series, todo.records[at]!);
    }
    return;
  }
  if (todo.what !== 'take') return;
  // Most come back: little is left of segments that were full.
  index.forEachRow((row, series) => {
    if (series % 5 === todo.which % 5) return;
    held.delete(series);
    index.remove(row);
  });
}

test('whatever is put aside, taken back, moved on and saved, a crash at any byte leaves what the last state had', async () => {
  let moved = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 40, maxLength: 60 }), async (life) => {
      for (const name of readdirSync(directory)) rmSync(join(directory, name));
      const files = openSpillFiles(directory, segmentBytes);
      const world: World = {
        files,
        index: createSpillIndex(),
        held: new Map(),
        state: undefined,
        nextSeries: 0,
        synced: new Map(),
      };
      for (const todo of [...life, { what: 'crash', cut: 0.5 } as const]) {
        const before = JSON.stringify([...world.index.bytesOf]);
        await live(world, todo);
        if (todo.what === 'compact' && JSON.stringify([...world.index.bytesOf]) !== before) moved += 1;
        await expectAll(world);
      }
      await world.files.close();
    }),
    { numRuns: 25 },
  );
  expect(moved).toBeGreaterThan(20);
});

/** Three segments of which one record each is left, and a newest one. */
async function sparseSegments(files: SpillFiles, index: SpillIndex): Promise<void> {
  for (let segment = 0; segment < 4; segment += 1) {
    const records = Array.from({ length: 6 }, (_, at) => new Uint8Array(110).fill(10 * segment + at));
    const places = await files.append(records);
    index.add({ ...places[segment === 3 ? 0 : 5]!, series: segment, samples: 1, lastMs: 0 });
  }
}

test('moved on until each segment of which little is in use has gone', async () => {
  const files = openSpillFiles(directory, segmentBytes);
  const index = createSpillIndex();
  await sparseSegments(files, index);
  for (let minute = 0; minute < 4; minute += 1) {
    await compactOne(index, files);
    await files.keep(new Set(index.bytesOf.keys()));
  }
  expect(readdirSync(directory).length).toBeLessThanOrEqual(2);
  expect((await files.read([0, 1, 2, 3].map(index.at))).map((record) => record?.[0])).toEqual([5, 15, 25, 30]);
  await files.close();
});

test('a segment whose records are damaged keeps no other one from being moved on', async () => {
  const files = openSpillFiles(directory, segmentBytes);
  const index = createSpillIndex();
  await sparseSegments(files, index);
  const path = join(directory, readdirSync(directory).sort()[0]!);
  const file = openSync(path, 'r+');
  writeSync(file, Uint8Array.of(readFileSync(path).at(-1)! ^ 1), 0, 1, statSync(path).size - 1);
  closeSync(file);
  for (let minute = 0; minute < 4; minute += 1) await compactOne(index, files);
  expect([1, 2].map((row) => index.segmentOf(row)).every((segment) => segment >= index.segmentOf(3))).toBe(true);
  // Its series is told of when it comes.
  expect(index.segmentOf(0)).toBe(1);
  await files.close();
});
