import { expect, test } from 'vitest';
import type { LogTopic } from '../../../model/index.ts';
import { bytesOf, readAll, text } from './open-test-log.ts';

/** A topic that nobody else uses, as it is, and as it is after its process began anew. */
export interface TopicUnderTest {
  readonly topic: LogTopic;
  /** Closes it and opens it again. */
  reopen(): Promise<TopicUnderTest>;
  close(): Promise<void>;
}

const numbered = (count: number, size = 20) => Array.from({ length: count }, (_, i) => `${i}:`.padEnd(size, 'x'));

/** What every log owes its readers and writers, whatever it is made of. */
export function testLogContract(open: () => Promise<TopicUnderTest>): void {
  test('numbers records from 0 and gives them back in order, after a restart too', async () => {
    const values = numbered(500);
    const first = await open();
    const offsets = await Promise.all(values.map((value) => first.topic.append(bytesOf(value))));
    expect(offsets).toEqual(values.map((_, i) => i));
    expect((await readAll(first.topic)).map(text)).toEqual(values);
    const second = await first.reopen();
    expect(second.topic.nextOffset).toBe(500);
    expect((await readAll(second.topic)).map(text)).toEqual(values);
    expect(await second.topic.append(bytesOf('more'))).toBe(500);
    expect((await readAll(second.topic, 499)).map(text)).toEqual([values[499], 'more']);
    await second.close();
  });

  test('gives at least one record, and no more bytes than asked for otherwise', async () => {
    const { topic, close } = await open();
    for (const value of numbered(10, 100)) await topic.append(bytesOf(value));
    expect(await topic.read(0, 1)).toHaveLength(1);
    expect(await topic.read(0, 350)).toHaveLength(3);
    expect((await topic.read(7, 1 << 20)).map((record) => record.offset)).toEqual([7, 8, 9]);
    expect(await topic.read(10, 100)).toEqual([]);
    await close();
  });

  test('holds a large record and an empty one', async () => {
    const { topic, close } = await open();
    const large = 'y'.repeat(3_000_000);
    await topic.append(bytesOf(large));
    await topic.append(bytesOf(''));
    expect((await readAll(topic)).map(text)).toEqual([large, '']);
    await close();
  });

  test('lets the caller reuse its buffer at once', async () => {
    const { topic, close } = await open();
    const buffer = bytesOf('one');
    const appended = topic.append(buffer);
    buffer.fill(0);
    await appended;
    expect((await topic.read(0, 100)).map(text)).toEqual(['one']);
    await close();
  });

  test('wakes those who wait for an offset, and lets go of those who give up or when it closes', async () => {
    const { topic, close } = await open();
    const giveUp = new AbortController();
    const waits = [0, 1, 5].map((offset) => topic.waitFor(offset, new AbortController().signal));
    const abandoned = topic.waitFor(5, giveUp.signal);
    await Promise.all([topic.append(bytesOf('a')), topic.append(bytesOf('b'))]);
    expect(await Promise.all(waits.slice(0, 2))).toEqual([true, true]);
    expect(await topic.waitFor(1, new AbortController().signal)).toBe(true);
    giveUp.abort();
    expect(await abandoned).toBe(false);
    await close();
    expect(await waits[2]).toBe(false);
  });

  test('makes appends under way durable when it closes and refuses later ones', async () => {
    const first = await open();
    const appended = first.topic.append(bytesOf('last words'));
    const second = await first.reopen();
    expect(await appended).toBe(0);
    await expect(first.topic.append(bytesOf('too late'))).rejects.toMatchObject({ code: 'KYBERN_LOG_UNAVAILABLE' });
    expect((await readAll(second.topic)).map(text)).toEqual(['last words']);
    await second.close();
  });
}
