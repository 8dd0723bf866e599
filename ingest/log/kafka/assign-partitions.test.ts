import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { assignPartitions } from './assign-partitions.ts';

describe('partitions shared out', () => {
  test('each goes to exactly one member, as evenly as they can, whatever the members say they own', () => {
    const members = fc.uniqueArray(
      fc.record({ id: fc.string({ minLength: 1 }), owned: fc.array(fc.integer({ min: -2, max: 40 })) }),
      { selector: ({ id }) => id, minLength: 1, maxLength: 8 },
    );
    fc.assert(
      fc.property(members, fc.integer({ min: 1, max: 32 }), (given, partitions) => {
        const shares = [...assignPartitions(given, partitions).values()];
        expect(shares.flat().sort((a, b) => a - b)).toEqual(Array.from({ length: partitions }, (_, i) => i));
        const sizes = shares.map((share) => share.length);
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
        expect(assignPartitions(given.toReversed(), partitions)).toEqual(assignPartitions(given, partitions));
      }),
    );
  });

  test('a member that comes takes no more than its share: the rest stays where its state is', () => {
    const shares = assignPartitions(
      [
        { id: 'a', owned: [0, 1, 2, 3, 4, 5] },
        { id: 'b', owned: [6, 7, 8, 9, 10, 11] },
        { id: 'c', owned: [] },
      ],
      12,
    );
    expect([shares.get('a'), shares.get('b')]).toEqual([
      [0, 1, 2, 3],
      [6, 7, 8, 9],
    ]);
    expect(shares.get('c')).toEqual([4, 5, 10, 11]);
  });

  test('one that goes leaves its own alone behind', () => {
    const shares = assignPartitions(
      [
        { id: 'a', owned: [0, 1, 2, 3] },
        { id: 'b', owned: [4, 5, 6, 7] },
      ],
      12,
    );
    expect(shares.get('a')).toEqual(expect.arrayContaining([0, 1, 2, 3]));
    expect(shares.get('b')).toEqual(expect.arrayContaining([4, 5, 6, 7]));
  });
});
