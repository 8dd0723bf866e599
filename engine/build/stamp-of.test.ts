import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { stampOf } from './stamp-of.ts';

test('the stamp of sources changes with what is in them, which there are, and nothing else', () => {
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
    expect(changes(() => writeFileSync(one, 'b'))).toBe(true);
    expect(changes(() => writeFileSync(one, 'b'))).toBe(false);
    expect(changes(() => writeFileSync(join(root, 'model/one.test.ts'), 'a'))).toBe(false);
    cpSync(join(root, 'model'), join(root, 'copy/model'), { recursive: true });
    expect(stampOf(join(root, 'copy'), ['model/**/*.ts'])).toBe(stamps.at(-1));
    expect(changes(() => rmSync(other))).toBe(true);
  } finally {
    rmSync(root, { recursive: true });
  }
});
