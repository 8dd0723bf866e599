import { expect, test } from 'vitest';
import { createKeyedRecords } from './keyed-records.ts';
import type { KafkaRecord } from './partition-reader.ts';

/** A partition that gives two records at a time, and whose compaction has left gaps. */
function keyed() {
  let next = 0;
  let all: KafkaRecord[] = [];
  const records = createKeyedRecords({
    ref: { topic: 'kybern.idle', partition: 3 },
    reader: {
      offsets: async () => [{ first: 0, next }],
      fetch: async ({ offset }) => all.filter((record) => record.offset >= offset).slice(0, 2),
    },
    producer: {
      async append({ key, value }) {
        all.push({ offset: next, key: Buffer.from(key!), value: value === null ? null : Buffer.from(value) });
        next += 1;
        return next - 1;
      },
    },
  });
  const compact = (...gone: readonly number[]) => {
    all = all.filter(({ offset }) => !gone.includes(offset));
  };
  return { records, compact };
}

test('what was put is read in order, with what was removed, whatever compaction has taken', async () => {
  const { records, compact } = keyed();
  for (const key of ['a', 'b', 'a', 'c', 'd']) await records.put(key, Buffer.from(`of ${key}`));
  await records.remove(['b']);
  compact(0, 4);
  const read: [string, number, string | undefined][] = [];
  await records.readAll(async ({ key, offset, value }) => {
    read.push([key, offset, value === null ? undefined : Buffer.from(value).toString()]);
    // What comes meanwhile is another reading's.
    await records.put('later', Buffer.from('x'));
  });
  expect(read).toEqual([
    ['b', 1, 'of b'],
    ['a', 2, 'of a'],
    ['c', 3, 'of c'],
    ['b', 5, undefined],
  ]);
});

test('a record is found by its offset, and none where it is gone', async () => {
  const { records, compact } = keyed();
  expect(await records.put('a', Buffer.from('one'))).toBe(0);
  expect(await records.put('b', Buffer.from('two'))).toBe(1);
  compact(0);
  expect(await records.readAt(0)).toBeUndefined();
  expect(Buffer.from((await records.readAt(1))!).toString()).toBe('two');
});
