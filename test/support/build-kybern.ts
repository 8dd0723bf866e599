import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Builds the program that suites and benches start, unless it is there already. Once before them: they share it. */
export function setup(): void {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  execFileSync('bin/node24', ['engine/build/main.ts'], { cwd: root, stdio: 'inherit' });
}
