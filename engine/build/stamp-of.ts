import { createHash } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Another one once what is in the files that these patterns mean, suites left out, is another; copied elsewhere it is the same. */
export function stampOf(root: string, patterns: readonly string[]): string {
  const hash = createHash('sha256');
  for (const path of globSync(patterns as string[], { cwd: root, exclude: ['**/*.test.ts'] }).sort()) {
    hash.update(`${path}\n`).update(readFileSync(join(root, path)));
  }
  return hash.digest('hex');
}
