import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { describeCommit, describeMachine } from '../../bench/surroundings.ts';
import type { FuzzRun } from './fuzz-loop.ts';
import { type FuzzRecord, keepFuzzRecord } from './results.ts';
import { fuzzSubjects } from './targets.ts';

const usage = `npm run fuzz -- list | TARGET... | all [--seconds 600] [--seed N] [--jobs 2]

  list       what there is to fuzz
  TARGET     feed this decoder with damaged bodies; what it should not do is written to test/fuzz/findings
  all        every one of them
  --seconds  how long each, 600 at first
  --seed     the same seed gives the same inputs; by default another one each time
  --jobs     how many at a time, 2 at first

Runs of 30 seconds and more are kept in bench/results/fuzz.json.
`;
const leastKeptSeconds = 30;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: 'string', default: '600' },
    seed: { type: 'string' },
    jobs: { type: 'string', default: '2' },
    help: { type: 'boolean', default: false },
  },
});
const names = fuzzSubjects().map(({ name }) => name);
const wanted = positionals.includes('all') ? names : positionals;
const unknown = wanted.filter((name) => name !== 'list' && !names.includes(name));
const seconds = Number(values.seconds);
const seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(values.seed);

if (wanted.length === 0 || values.help) console.log(usage);
else if (wanted.includes('list')) console.log(names.join('\n'));
else if (unknown.length > 0 || !(seconds > 0) || !Number.isInteger(seed)) {
  console.error(unknown.length > 0 ? `There is no target "${unknown[0]}".\n` : 'seconds or seed is no number\n');
  console.error(usage);
  process.exitCode = 64;
} else {
  const left = [...wanted];
  const commit = describeCommit();
  await Promise.all(Array.from({ length: Number(values.jobs) || 1 }, () => work(left, commit)));
}

async function work(left: string[], commit: string): Promise<void> {
  for (let target = left.shift(); target !== undefined; target = left.shift()) {
    const record = await fuzzAlone(target, commit).catch((error: Error) => {
      console.error(`${target}: ${error.message}`);
      process.exitCode = 1;
    });
    if (record === undefined) continue;
    const { executions, slowestMs, grownMegabytes, findings } = record;
    console.log(
      `${target}: ${executions} executions in ${record.seconds} s, slowest ${slowestMs} ms, ` +
        `${grownMegabytes} MB grown, ${findings.length} findings (seed ${seed})`,
    );
    for (const { kind, detail, bytes, file } of findings) {
      console.log(`  ${kind}: ${detail}\n  ${bytes} bytes in test/fuzz/findings/${file}`);
      process.exitCode = 1;
    }
    if (record.seconds >= leastKeptSeconds) keepFuzzRecord(record);
  }
}

async function fuzzAlone(target: string, commit: string): Promise<FuzzRecord> {
  const script = join(import.meta.dirname, 'run-alone.ts');
  const args = ['--expose-gc', script, target, String(seed), String(seconds)];
  const { stdout } = await promisify(execFile)(process.execPath, args, { maxBuffer: 1e8 });
  const { run, findings } = JSON.parse(stdout) as {
    run?: FuzzRun;
    findings: FuzzRecord['findings'];
  };
  return {
    target,
    date: new Date().toISOString(),
    commit,
    machine: describeMachine(),
    seed,
    seconds: Math.round(run?.seconds ?? 0),
    executions: run?.executions ?? 0,
    slowestMs: Math.round(run?.slowestMs ?? 0),
    grownMegabytes: Math.round((run?.grownBytes ?? 0) / 1e6),
    findings,
  };
}
