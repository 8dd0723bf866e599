import { expect, test } from 'vitest';
import { keepHeapSmall } from './keep-heap-small.ts';

const mebibyte = 1 << 20;

/** Looks each 5 s at a heap that has so many mebibytes then, of which 140 stay: the looks at which it was collected. */
async function collectedAt(mebibytes: readonly number[]): Promise<number[]> {
  const collected: number[] = [];
  let look = -1;
  let used = 100;
  await keepHeapSmall(
    {
      used: () => used * mebibyte,
      collect: () => {
        collected.push(look);
        used = 140;
      },
    },
    {
      sleep: async (ms) => {
        look += ms / 5000;
        used = mebibytes[look] ?? used;
        return look < mebibytes.length;
      },
    },
    new AbortController().signal,
  );
  return collected;
}

test('garbage is collected where there may be much of it, and not again for what stays', async () => {
  expect(await collectedAt([100, 140, 150, 185, 190, 200, 140, 140, 140, 203, 205])).toEqual([3, 10]);
});

test('however much there is, half a minute passes between two pauses', async () => {
  expect(await collectedAt(Array.from({ length: 14 }, () => 1000))).toEqual([0, 6, 12]);
});
