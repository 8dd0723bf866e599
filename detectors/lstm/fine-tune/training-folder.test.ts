import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { decodeHistory, encodeHistory, openTrainingFolder } from './training-folder.ts';

const directory = await mkdtemp(join(tmpdir(), 'kybern-training-'));
afterAll(() => rm(directory, { recursive: true }));

const series = fc
  .tuple(fc.integer({ min: 0, max: 3 }), fc.array(fc.tuple(fc.double(), fc.double()), { maxLength: 20 }))
  .map(([kind, points]) => ({
    kind,
    timesMs: Float64Array.from(points, ([timeMs]) => timeMs),
    values: Float64Array.from(points, ([, value]) => value),
  }));

test('a history comes back as it was', () => {
  fc.assert(
    fc.property(fc.array(series, { maxLength: 8 }), (all) => {
      expect(decodeHistory(encodeHistory(all))).toEqual(all);
    }),
  );
});

test('a torn history is refused, never read as another', () => {
  const bytes = encodeHistory([{ kind: 1, timesMs: Float64Array.of(1, 2), values: Float64Array.of(3, 4) }]);
  for (const length of [1, 8, 16, 24, 40]) expect(() => decodeHistory(bytes.slice(0, length))).toThrow(RangeError);
  expect(decodeHistory(bytes)).toHaveLength(1);
});

test('a job lasts until it is forgotten, and one that cannot be read is none', async () => {
  const folder = openTrainingFolder(join(directory, '.training'));
  expect(await folder.job()).toBeUndefined();
  const job = { class: 'http', reason: 'nightly', parent: 'shipped', seed: 4, epochs: 8, startedMs: 5, starts: 1 };
  await folder.begin(job, []);
  await folder.update({ ...job, starts: 2 });
  expect(await folder.job()).toEqual({ ...job, starts: 2 });
  expect(await folder.history()).toEqual([]);
  await writeFile(join(folder.path, 'job.json'), '{"class":');
  expect(await folder.job()).toBeUndefined();
  await folder.forget();
  expect(await folder.job()).toBeUndefined();
});
