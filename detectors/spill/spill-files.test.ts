import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { frameOf, openSpillFiles, type SpillPlace } from './spill-files.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'kybern-spill-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const records = fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1, maxLength: 20 });

test('what was put aside is read again, over rotations and restarts, in any order', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(records, { minLength: 1, maxLength: 6 }), fc.nat(), async (appends, seed) => {
      let files = openSpillFiles(directory, 1000);
      const known: [SpillPlace, Uint8Array][] = [];
      for (const appended of appends) {
        const places = await files.append(appended);
        for (const [at, place] of places.entries()) known.push([place, appended[at]!]);
        if ((seed + known.length) % 3 > 0) continue;
        await files.sync();
        await files.close();
        files = openSpillFiles(directory, 1000);
      }
      const asked = known.toSorted(([a], [b]) => ((a.offset * 31 + seed) % 17) - ((b.offset * 31 + seed) % 17));
      const read = await files.read(asked.map(([place]) => place));
      expect(read.map((record) => record && [...record])).toEqual(asked.map(([, record]) => [...record]));
      await files.close();
    }),
    { numRuns: 30 },
  );
});

test('a record that was changed, cut short or removed is lost, and no other', async () => {
  const files = openSpillFiles(directory, 400);
  const bodies = Array.from({ length: 18 }, (_, at) => new Uint8Array(90).fill(at));
  const places: SpillPlace[] = [];
  for (const body of bodies) places.push(...(await files.append([body])));
  const [first, second, third] = readdirSync(directory).map((name) => join(directory, name));
  const bytes = readFileSync(first!);
  bytes[places[1]!.offset + 20]! ^= 4;
  writeFileSync(first!, bytes);
  truncateSync(second!, bytes.length - 30);
  rmSync(third!);
  const read = await files.read(places);
  const inOne = places.filter(({ segment }) => segment === places[0]!.segment).length;
  const isLost = (at: number): boolean => at === 1 || at === 2 * inOne - 1 || Math.floor(at / inOne) === 2;
  expect(read.map((record) => record?.[0])).toEqual(bodies.map((_, at) => (isLost(at) ? undefined : at)));
  await files.close();
});

test('segments that nobody wants go, and one that is being written stays', async () => {
  const files = openSpillFiles(directory, 100);
  const places: SpillPlace[] = [];
  for (let at = 0; at < 5; at += 1) places.push(...(await files.append([new Uint8Array(120).fill(at)])));
  await files.keep(new Set([places[1]!.segment]));
  const read = await files.read(places);
  expect(read.map((record) => record?.[0])).toEqual([undefined, 1, undefined, undefined, 4]);
  expect(readdirSync(directory).length).toBe(2);
  await files.close();
});

test('a directory that cannot be made is KYBERN_DATA_DIR', () => {
  writeFileSync(join(directory, 'file'), '');
  expect(() => openSpillFiles(join(directory, 'file', 'idle'))).toThrow(/KYBERN_DATA_DIR|cannot be used/);
});

test('files that copy others have their numbers, and hold what is put in, whole or with gaps', async () => {
  const numbers = [7, 40];
  const copy = openSpillFiles(directory, 100, async () => numbers.shift()!);
  const own = [...(await copy.append([new Uint8Array(120).fill(1)])), ...(await copy.append([Uint8Array.of(2)]))];
  expect(own.map(({ segment }) => segment)).toEqual([7, 40]);
  const [first, second] = [Uint8Array.of(5, 6), Uint8Array.of(8)];
  const behind = frameOf(first).length + 30;
  await copy.restore(9, behind, frameOf(second));
  const places = [
    { segment: 9, offset: 0, length: first.length },
    { segment: 9, offset: behind, length: second.length },
  ];
  expect((await copy.read(places)).map((record) => record && [...record])).toEqual([undefined, [8]]);
  await copy.restore(9, 0, frameOf(first));
  expect((await copy.read(places)).map((record) => record && [...record])).toEqual([[5, 6], [8]]);
  await copy.keep(new Set([7]));
  expect((await copy.read([...own, ...places])).map((record) => record?.length)).toEqual([
    120,
    1,
    undefined,
    undefined,
  ]);
  await copy.close();
});
