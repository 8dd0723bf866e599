import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Chunk, chunksOf, createStateSlots } from './state-slots.ts';

const value = (size: number, seed: number) => new Uint8Array(size).fill(seed & 255);
const isSame = (a: Uint8Array | undefined, b: Uint8Array) => a !== undefined && Buffer.compare(a, b) === 0;

/** What compaction leaves: of each key its last message, in the order of these. */
function compacted(messages: readonly Chunk[]): Chunk[] {
  return messages.filter(({ key }, index) => !messages.slice(index + 1).some((later) => later.key === key));
}

function latestOf(messages: readonly Chunk[], name: string) {
  const slots = createStateSlots();
  for (const { key, bytes } of messages) slots.take(key, bytes);
  return slots.latest(name);
}

describe('state in a compacted topic', () => {
  test('a value of any size comes back whole, and names do not mix', () => {
    const messages = [
      ...chunksOf('scoring', value(1_700_000, 1), { epoch: 3, sequence: 1 }),
      ...chunksOf('store.kybern.signals-3', value(5, 2), { epoch: 3, sequence: 1 }),
      ...chunksOf('empty', value(0, 3), { epoch: 3, sequence: 1 }),
    ];
    expect(isSame(latestOf(messages, 'scoring')?.bytes, value(1_700_000, 1))).toBe(true);
    expect(isSame(latestOf(messages, 'store.kybern.signals-3')?.bytes, value(5, 2))).toBe(true);
    expect(isSame(latestOf(messages, 'empty')?.bytes, value(0, 3))).toBe(true);
    expect(latestOf(messages, 'signals-3')).toBeUndefined();
  });

  test('cut short at any message, compacted or not, the last whole put counts', () => {
    const sizes = [600_000, 1_200_000, 10, 1_600_000];
    const puts = sizes.map((size, i) => chunksOf('a', value(size, i), { epoch: 1, sequence: i + 1 }));
    const all = puts.flat();
    for (let end = 0; end <= all.length; end++) {
      let whole = -1;
      for (let put = 0, chunks = 0; put < puts.length; put++) {
        chunks += puts[put].length;
        if (chunks <= end) whole = put;
      }
      for (const messages of [all.slice(0, end), compacted(all.slice(0, end))])
        expect(latestOf(messages, 'a')?.mark.sequence).toBe(whole === -1 ? undefined : whole + 1);
    }
  });

  test('of two owners the later one counts, however late the other, who does not know, writes', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { minLength: 1, maxLength: 12 }), (isNew) => {
        const sequences = { old: 7, new: 0 };
        const messages = isNew.flatMap((fresh) =>
          fresh
            ? chunksOf('a', value(700_000, 100 + ++sequences.new), { epoch: 5, sequence: sequences.new })
            : chunksOf('a', value(900_000, ++sequences.old), { epoch: 4, sequence: sequences.old }),
        );
        const found = latestOf(compacted(messages), 'a');
        if (sequences.new === 0) expect(found?.mark).toEqual({ epoch: 4, sequence: sequences.old });
        else expect(found?.mark).toEqual({ epoch: 5, sequence: sequences.new });
      }),
      { numRuns: 30 },
    );
  });

  test('what was deleted is gone, and keys of earlier owners can be told', () => {
    const slots = createStateSlots();
    const [old] = chunksOf('a', value(3, 1), { epoch: 1, sequence: 1 });
    const [fresh] = chunksOf('a', value(3, 2), { epoch: 2, sequence: 1 });
    for (const { key, bytes } of [old, fresh]) slots.take(key, bytes);
    expect(slots.highestEpoch).toBe(2);
    expect(slots.keysBefore(2)).toEqual([old.key]);
    slots.take(fresh.key, null);
    expect(slots.latest('a')?.mark.epoch).toBe(1);
  });
});
