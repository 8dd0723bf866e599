import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type TopicUnderTest, testLogContract } from './testing/log-contract.ts';
import { bytesOf, openTestLog, readAll } from './testing/open-test-log.ts';
import { tempDirectory } from './testing/temp-directory.ts';

async function openIn(directory: string): Promise<TopicUnderTest> {
  const { log, topic } = await openTestLog(directory);
  const reopen = async () => {
    await log.close();
    return openIn(directory);
  };
  return { topic, reopen, close: log.close };
}

const numbered = (count: number, size = 20) => Array.from({ length: count }, (_, i) => `${i}:`.padEnd(size, 'x'));

describe('a topic of the segment log', () => {
  testLogContract(async () => openIn(await tempDirectory()));

  test('gives at least one record, and no more bytes than asked for otherwise, from memory too', async () => {
    const { log, topic } = await openTestLog(await tempDirectory(), { cacheBytes: 1 << 20 });
    for (const value of numbered(10, 100)) await topic.append(bytesOf(value));
    expect(await topic.read(0, 1)).toHaveLength(1);
    expect(await topic.read(0, 350)).toHaveLength(3);
    expect((await topic.read(7, 1 << 20)).map((record) => record.offset)).toEqual([7, 8, 9]);
    expect(await topic.read(10, 100)).toEqual([]);
    await log.close();
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
