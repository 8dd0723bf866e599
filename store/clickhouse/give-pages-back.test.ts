import { expect, test } from 'vitest';
import { createPageReturn } from './give-pages-back.ts';

const mebibyte = 1 << 20;

test('pages go back after each eight mebibytes that came', async () => {
  let asked = 0;
  const giveBack = createPageReturn(async () => {
    asked += 1;
  });
  const after: number[] = [];
  for (const mebibytes of [7, 1, 3, 4, 1, 20]) {
    await giveBack(mebibytes * mebibyte);
    after.push(asked);
  }
  expect(after).toEqual([0, 1, 1, 1, 2, 3]);
});

test('an engine that refuses is not asked again, and no insert fails for it', async () => {
  let asked = 0;
  const giveBack = createPageReturn(async () => {
    asked += 1;
    throw new Error('SUPPORT_IS_DISABLED');
  });
  for (let insert = 0; insert < 5; insert += 1) await giveBack(9 * mebibyte);
  expect(asked).toBe(1);
});
