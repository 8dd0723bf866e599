import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { stampOf } from './stamp-of.ts';

test('the stamp of sources changes with each that is written, comes or goes, and with no other file', () => {
  const root = mkdtempSync(join(tmpdir(), 'kybern-stamp-'));
  const stamps = [''];
  const changes = (change: () => void) => {
    change();
    stamps.push(stampOf(root, ['model/**/*.ts']));
    return stamps.at(-1) !== stamps.at(-2);
  };
  try {
    mkdirSync(join(root, 'model/ports'), { recursive: true });
    const [one, other] = [join(root, 'model/one.ts'), join(root, 'model/ports/other.ts')];
    expect(changes(() => writeFileSync(one, 'a'))).toBe(true);
    expect(changes(() => writeFileSync(join(root, 'notes.ts'), 'a'))).toBe(false);
    expect(changes(() => writeFileSync(other, 'a'))).toBe(true);
    expect(changes(() => utimesSync(one, 1, 1))).toBe(true);
    expect(changes(() => rmSync(other))).toBe(true);
  } finally {
    rmSync(root, { recursive: true });
  }
});
