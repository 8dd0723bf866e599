import { copyFile, cp, open, readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { frameHeaderBytes } from './frame.ts';
import { bytesOf, openTestLog, readAll, text } from './testing/open-test-log.ts';
import { tempDirectory } from './testing/temp-directory.ts';

const values = Array.from({ length: 38 }, (_, i) => `record ${i} `.padEnd(300, '.'));

/** Three segments: 0-12, 13-25, 26-37. */
async function written(): Promise<{ directory: string; segments: string[] }> {
  const directory = await tempDirectory();
  const { log, topic } = await openTestLog(directory);
  for (const value of values) await topic.append(bytesOf(value));
  await log.close();
  const names = (await readdir(join(directory, 'signals'))).sort();
  return { directory, segments: names.map((name) => join(directory, 'signals', name)) };
}

async function spoil(path: string, position: number): Promise<void> {
  const file = await open(path, 'r+');
  await file.write(Buffer.from('damage'), 0, 6, position);
  await file.close();
}

describe('a torn tail', () => {
  test('is cut off at every length of the last record, and its offset used again', async () => {
    const directory = await tempDirectory();
    const original = await openTestLog(directory);
    for (const value of ['one', 'two', 'three']) await original.topic.append(bytesOf(value));
    await original.log.close();
    const segment = join('signals', `${'0'.repeat(20)}.log`);
    const whole = (await readFile(join(directory, segment))).byteLength;
    for (let cut = 1; cut <= frameHeaderBytes + 5; cut++) {
      const copy = await tempDirectory();
      await cp(directory, copy, { recursive: true });
      await truncate(join(copy, segment), whole - cut);
      const { log, topic, reports } = await openTestLog(copy);
      expect(topic.nextOffset).toBe(2);
      expect(await topic.append(bytesOf('again'))).toBe(2);
      expect((await readAll(topic)).map(text)).toEqual(['one', 'two', 'again']);
      expect(reports).toEqual([]);
      await log.close();
    }
  });

  test('may be a few zeros, a lone header, or an empty file', async () => {
    const { directory, segments } = await written();
    await writeFile(segments[2], Buffer.concat([await readFile(segments[2]), Buffer.alloc(100)]));
    const zeros = await openTestLog(directory);
    expect(zeros.topic.nextOffset).toBe(38);
    await zeros.log.close();
    for (const length of [8, 3, 0]) {
      await truncate(segments[2], length);
      const { log, topic } = await openTestLog(directory);
      expect(topic.nextOffset).toBe(26);
      expect((await readAll(topic)).map(text)).toEqual(values.slice(0, 26));
      await log.close();
    }
  });
});

describe('damage in the middle', () => {
  test.each([0, 1, 2])('of segment %i: the file is set aside and reading goes on behind the gap', async (which) => {
    const { directory, segments } = await written();
    const pristine = await tempDirectory();
    await copyFile(segments[which], join(pristine, 'before'));
    const frame = frameHeaderBytes + 300;
    await spoil(segments[which], 8 + 4 * frame + 100);
    const { log, topic, reports } = await openTestLog(directory);
    const lost = which * 13 + 4;
    const expected = values.filter((_, i) => i !== lost);
    expect((await readAll(topic)).map(text)).toEqual(expected);
    expect(topic.nextOffset).toBe(38);
    expect(reports.map((report) => report.code)).toEqual(['KYBERN_LOG_CORRUPT']);
    expect(reports[0].message).toContain(`1 record(s) from offset ${lost}`);
    expect((await readFile(`${segments[which]}.corrupt`)).byteLength).toBe(
      (await readFile(join(pristine, 'before'))).byteLength,
    );
    await log.close();

    const again = await openTestLog(directory);
    expect((await readAll(again.topic)).map(text)).toEqual(expected);
    expect(again.reports).toEqual([]);
    await again.log.close();
  });

  test('in a length field, or over a whole segment, loses no record elsewhere', async () => {
    const { directory, segments } = await written();
    await spoil(segments[0], 8 + 2 * (frameHeaderBytes + 300));
    await writeFile(segments[1], Buffer.alloc(500, 'z'));
    const { log, topic, reports } = await openTestLog(directory);
    const read = (await readAll(topic)).map((record) => record.offset);
    expect(read).toEqual(values.map((_, i) => i).filter((i) => i !== 2 && (i < 13 || i >= 26)));
    expect(reports).toHaveLength(2);
    await log.close();
  });

  test('of the file being written to moves later appends to another one', async () => {
    const { directory, segments } = await written();
    const { log, topic, reports } = await openTestLog(directory);
    await topic.append(bytesOf('thirty-ninth'));
    await spoil(segments[2], 8 + 100);
    expect((await readAll(topic, 26)).map((record) => record.offset)).toEqual(
      Array.from({ length: 12 }, (_, i) => 27 + i),
    );
    expect(await topic.append(bytesOf('behind'))).toBe(39);
    expect((await readAll(topic, 38)).map(text)).toEqual(['thirty-ninth', 'behind']);
    expect(reports).toHaveLength(1);
    await log.close();
  });
});
