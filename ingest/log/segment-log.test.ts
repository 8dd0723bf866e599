import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { bytesOf, openTestLog, readAll, text } from './testing/open-test-log.ts';
import { tempDirectory } from './testing/temp-directory.ts';

const numbered = (count: number, size = 20) => Array.from({ length: count }, (_, i) => `${i}:`.padEnd(size, 'x'));

describe('a topic of the segment log', () => {
  test('numbers records from 0 and gives them back in order, across segments and a restart', async () => {
    const directory = await tempDirectory();
    const values = numbered(500);
    const first = await openTestLog(directory);
    const offsets = await Promise.all(values.map((value) => first.topic.append(bytesOf(value))));
    expect(offsets).toEqual(values.map((_, i) => i));
    expect((await readAll(first.topic)).map(text)).toEqual(values);
    await first.log.close();

    const second = await openTestLog(directory);
    expect(second.topic.nextOffset).toBe(500);
    expect((await readAll(second.topic)).map(text)).toEqual(values);
    expect(await second.topic.append(bytesOf('more'))).toBe(500);
    expect((await readAll(second.topic, 499)).map(text)).toEqual([values[499], 'more']);
    await second.log.close();
  });

  test('gives at least one record, and no more bytes than asked for otherwise, from memory as from disk', async () => {
    for (const cacheBytes of [0, 1 << 20]) {
      const { log, topic } = await openTestLog(await tempDirectory(), { cacheBytes });
      for (const value of numbered(10, 100)) await topic.append(bytesOf(value));
      expect(await topic.read(0, 1)).toHaveLength(1);
      expect(await topic.read(0, 350)).toHaveLength(3);
      expect((await topic.read(7, 1 << 20)).map((record) => record.offset)).toEqual([7, 8, 9]);
      expect(await topic.read(10, 100)).toEqual([]);
      await log.close();
    }
  });

  test('holds a record larger than a segment, and an empty one', async () => {
    const { log, topic } = await openTestLog(await tempDirectory());
    const large = 'y'.repeat(3_000_000);
    await topic.append(bytesOf(large));
    await topic.append(bytesOf(''));
    expect((await readAll(topic)).map(text)).toEqual([large, '']);
    await log.close();
  });

  test('lets the caller reuse its buffer at once', async () => {
    const { log, topic } = await openTestLog(await tempDirectory(), { cacheBytes: 1000 });
    const buffer = bytesOf('one');
    const appended = topic.append(buffer);
    buffer.fill(0);
    await appended;
    expect((await topic.read(0, 100)).map(text)).toEqual(['one']);
    await log.close();
  });

  test('wakes those who wait for an offset, and lets go of those who give up or when it closes', async () => {
    const { log, topic } = await openTestLog(await tempDirectory());
    const giveUp = new AbortController();
    const waits = [0, 1, 5].map((offset) => topic.waitFor(offset, new AbortController().signal));
    const abandoned = topic.waitFor(5, giveUp.signal);
    await Promise.all([topic.append(bytesOf('a')), topic.append(bytesOf('b'))]);
    expect(await Promise.all(waits.slice(0, 2))).toEqual([true, true]);
    giveUp.abort();
    expect(await abandoned).toBe(false);
    await log.close();
    expect(await waits[2]).toBe(false);
  });

  test('makes appends under way durable when it closes and refuses later ones', async () => {
    const directory = await tempDirectory();
    const { log, topic } = await openTestLog(directory);
    const appended = topic.append(bytesOf('last words'));
    await log.close();
    expect(await appended).toBe(0);
    await expect(topic.append(bytesOf('too late'))).rejects.toMatchObject({ code: 'KYBERN_LOG_UNAVAILABLE' });
    const { topic: again, log: reopened } = await openTestLog(directory);
    expect((await readAll(again)).map(text)).toEqual(['last words']);
    await reopened.close();
  });

  test('refuses names that would be paths', async () => {
    const { log } = await openTestLog(await tempDirectory());
    expect(() => log.topic('../etc')).toThrow(RangeError);
    await log.close();
  });
});

describe('retention', () => {
  test('deletes the oldest segments beyond the bytes to keep', async () => {
    const directory = await tempDirectory();
    const { log, topic } = await openTestLog(directory, { retentionBytes: 16_384 });
    for (const value of numbered(100, 1000)) await topic.append(bytesOf(value));
    expect(topic.firstOffset).toBeGreaterThan(70);
    const kept = await readAll(topic, 0);
    expect(kept[0].offset).toBe(topic.firstOffset);
    expect(kept.at(-1)?.offset).toBe(99);
    await log.close();
  });

  test('never deletes from the topics to keep', async () => {
    const directory = await tempDirectory();
    const { log } = await openTestLog(directory, { retentionBytes: 16_384 });
    for (const value of numbered(60, 1000)) await log.topic('decisions').append(bytesOf(value));
    expect(log.topic('decisions').firstOffset).toBe(0);
    expect((await readdir(join(directory, 'decisions'))).length).toBeGreaterThan(10);
    await log.close();
  });

  test('stops where a consumer still reads and pushes back on senders until it has caught up', async () => {
    let position = 0;
    const { log, topic } = await openTestLog(await tempDirectory(), {
      retentionBytes: 16_384,
      heldFrom: () => position,
    });
    const outcomes = await Promise.allSettled(numbered(100, 1000).map((value) => topic.append(bytesOf(value))));
    await expect(topic.append(bytesOf('x'))).rejects.toMatchObject({ code: 'KYBERN_OVERLOADED' });
    const taken = outcomes.filter((outcome) => outcome.status === 'fulfilled').length;
    expect((await readAll(topic)).length).toBe(taken);
    position = topic.nextOffset;
    expect(await topic.append(bytesOf('fits again'))).toBe(taken);
    await log.close();
  });
});
