import { expect, test } from 'vitest';
import { createGarbageCollection } from './collect-garbage.ts';

test('garbage is collected where there may be much of it, and not again for what stays', () => {
  const mebibyte = 1 << 20;
  let used = 100 * mebibyte;
  let collections = 0;
  const collect = createGarbageCollection({
    used: () => used,
    collect: () => {
      collections += 1;
      used = 140 * mebibyte;
    },
  });
  const after = (mebibytes: number) => {
    used = mebibytes * mebibyte;
    collect();
    return collections;
  };
  expect([after(100), after(140), after(150), after(185), after(190), after(1000)]).toEqual([0, 0, 0, 1, 1, 2]);
});
