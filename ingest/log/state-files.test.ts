import { readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { KybernError } from '../../model/index.ts';
import { openStateFiles } from './state-files.ts';
import { tempDirectory } from './testing/temp-directory.ts';

const bytes = (value: string) => new TextEncoder().encode(value);
const textOf = (value: Uint8Array | undefined) => value && Buffer.from(value).toString();

describe('state files', () => {
  test('keep the last value of each name over a restart', async () => {
    const directory = await tempDirectory();
    const state = await openStateFiles(directory);
    expect(await state.get('store/signals')).toBeUndefined();
    await state.put('store/signals', bytes('1'));
    await state.put('store.signals', bytes('other'));
    await Promise.all(['2', '3', '4'].map((value) => state.put('store/signals', bytes(value))));
    const again = await openStateFiles(directory);
    expect(textOf(await again.get('store/signals'))).toBe('4');
    expect(textOf(await again.get('store.signals'))).toBe('other');
  });

  test('a value written bit by bit stands once it is committed, the one before until then', async () => {
    const directory = await tempDirectory();
    const state = await openStateFiles(directory);
    await state.put('a', bytes('before'));
    const draft = await state.draft!('a');
    for (const piece of ['one ', '', 'two ', 'three']) await draft.write(bytes(piece));
    expect(textOf(await state.get('a'))).toBe('before');
    await draft.commit();
    expect(textOf(await state.get('a'))).toBe('one two three');
    const given = await state.draft!('a');
    await given.write(bytes('half'));
    await given.discard();
    expect(textOf(await (await openStateFiles(directory)).get('a'))).toBe('one two three');
    expect(await readdir(directory)).toHaveLength(1);
  });

  test('a name can be no path out of the folder', async () => {
    const directory = await tempDirectory();
    const state = await openStateFiles(directory);
    await state.put('../../escape', bytes('x'));
    expect(textOf(await state.get('../../escape'))).toBe('x');
    expect(await readdir(directory)).toHaveLength(1);
  });

  test('what an interrupted put left is gone at the next start', async () => {
    const directory = await tempDirectory();
    await writeFile(join(directory, 'a.state.new'), 'half');
    const state = await openStateFiles(directory);
    expect(await state.get('a')).toBeUndefined();
    expect(await readdir(directory)).toEqual([]);
  });

  test('a damaged value is set aside and told of', async () => {
    const directory = await tempDirectory();
    const reports: KybernError[] = [];
    const state = await openStateFiles(directory, (error) => reports.push(error));
    await state.put('a', bytes('value'));
    await writeFile(join(directory, 'a.state'), 'not what was written');
    expect(await state.get('a')).toBeUndefined();
    await state.put('b', bytes('value'));
    await writeFile(join(directory, 'b.state'), (await readFile(join(directory, 'b.state'))).fill(9, 18, 19));
    expect(await state.find!('b')).toBeUndefined();
    expect(reports.map((report) => report.code)).toEqual(['KYBERN_LOG_CORRUPT', 'KYBERN_LOG_CORRUPT']);
    expect(await readdir(directory)).toEqual(['a.state.corrupt', 'b.state.corrupt']);
  });

  test('a folder that is gone is an error with a code', async () => {
    const directory = await tempDirectory();
    const state = await openStateFiles(join(directory, 'state'));
    const elsewhere = await openStateFiles(join(await tempDirectory(), 'deeper', 'still'));
    await elsewhere.put('a', bytes('made on the way'));
    await writeFile(join(directory, 'file'), '');
    await expect(openStateFiles(join(directory, 'file'))).rejects.toMatchObject({ code: 'KYBERN_DATA_DIR' });
    await rm(join(directory, 'state'), { recursive: true });
    await expect(state.put('a', bytes('x'))).rejects.toMatchObject({ code: 'KYBERN_LOG_UNAVAILABLE' });
    expect(await state.get('a')).toBeUndefined();
  });
});

test('a value given in pieces is read as one, however large: more than a log record may be', async () => {
  const directory = await tempDirectory();
  const state = await openStateFiles(directory);
  const pieces = [Buffer.alloc(40 << 20, 1), Buffer.alloc(0), Buffer.alloc(40 << 20, 2)];
  await state.put('large', pieces);
  const found = await (await openStateFiles(directory)).get('large');
  expect(found?.length).toBe(80 << 20);
  expect([found?.[0], found?.[(40 << 20) - 1], found?.[40 << 20]]).toEqual([1, 1, 2]);

  const { path, start, length } = (await state.find!('large'))!;
  expect(length).toBe(80 << 20);
  expect((await readFile(path)).subarray(start).equals(found!)).toBe(true);
});

test('a value is found where it lies, however short; one that was cut off is set aside', async () => {
  const directory = await tempDirectory();
  const state = await openStateFiles(directory);
  expect(await state.find!('none')).toBeUndefined();
  await state.put('empty', bytes(''));
  expect(await state.find!('empty')).toMatchObject({ length: 0 });
  for (const left of [0, 7, 16, 18]) {
    await state.put('cut', bytes('four'));
    expect(await state.find!('cut')).toMatchObject({ length: 4 });
    await truncate(join(directory, 'cut.state'), left);
    expect(await state.find!('cut')).toBeUndefined();
    expect(await readdir(directory)).toEqual(['cut.state.corrupt', 'empty.state']);
  }
});
