import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runTarget } from './run-target.ts';

// The process of one target, so that its memory is its own: `run-alone.ts TARGET SEED SECONDS`. Prints one line of JSON.
const [target, seed, seconds] = process.argv.slice(2);
const directory = join(import.meta.dirname, 'findings');
const { run, findings } = await runTarget({ target, seed: Number(seed), seconds: Number(seconds) });
const kept = findings.map(({ kind, detail, input }) => {
  const hash = createHash('sha256').update(input).digest('hex').slice(0, 12);
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, `${target}-${hash}.bin`), input);
  return { kind, detail, bytes: input.length, file: `${target}-${hash}.bin` };
});
console.log(JSON.stringify({ run, findings: kept }));
