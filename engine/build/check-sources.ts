import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { breaches } from './source-rules.ts';

// Part of `npm run layers`: the house rules of source-rules.ts over every file that git does not ignore.
const root = fileURLToPath(new URL('../..', import.meta.url));
const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: root });
const paths = listed
  .toString()
  .split('\0')
  .filter((path) => path !== '' && existsSync(join(root, path)));
const found = paths.flatMap((path) => breaches(path, readFileSync(join(root, path), 'utf8')));

for (const breach of found) process.stdout.write(`${breach}\n`);
if (found.length > 0) process.exit(1);
process.stdout.write(`✔ no house rule broken (${paths.length} files)\n`);
