import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Bench, BenchRecord, BenchSet } from './bench.ts';
import { benches } from './registry.ts';
import { keepRecord } from './results.ts';
import { describeCommit, describeMachine } from './surroundings.ts';
import { alignRows, renderRecord } from './table.ts';

const usage = `npm run bench -- list | NAME [PART...] [--json] [--quick]

  list      what there is
  NAME      measure; the figures are printed and kept in bench/results/NAME.json
  PART      of a set (such as chaos) only these
  --json    print one JSON object as the last thing on standard output
  --quick   short measurements, printed and not kept
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
const [name, ...wanted] = positionals;
const bench = benches.get(name ?? '');

if (name === undefined || values.help) console.log(usage);
else if (name === 'list') listBenches();
else if (bench !== undefined) await runParts(bench);
else {
  console.error(`There is no benchmark "${name}".\n`);
  listBenches();
  process.exitCode = 64;
}

function listBenches(): void {
  const rows = [...benches.values()].map(({ name, title }) => [name, title]);
  if (values.json) console.log(JSON.stringify(rows.map(([name, title]) => ({ name, title }))));
  else console.log(alignRows(rows).join('\n'));
}

async function runParts(bench: Bench | BenchSet): Promise<void> {
  if (!('parts' in bench)) return runBench(bench.name, bench);
  const parts = bench.parts.filter((part) => wanted.length === 0 || wanted.includes(part.name));
  if (parts.length === 0) {
    console.error(`${bench.name} has ${bench.parts.map((part) => part.name).join(', ')}`);
    process.exitCode = 64;
  }
  for (const part of parts) await runBench(bench.name, part, part.name);
}

async function runBench(name: string, bench: Bench, part?: string): Promise<void> {
  const startMs = performance.now();
  const result = await bench.run({ quick: values.quick, say: (line) => console.error(line) });
  const record: BenchRecord = {
    bench: name,
    ...(part === undefined ? {} : { part }),
    commit: describeCommit(),
    date: new Date().toISOString(),
    machine: describeMachine(),
    seconds: Math.round((performance.now() - startMs) / 100) / 10,
    ...result,
  };
  if (!values.quick) await keepRecord(join(import.meta.dirname, 'results', `${name}.json`), record);
  console.log(values.json ? JSON.stringify(record) : renderRecord(record));
  if (record.bars.some(({ ok }) => !ok)) process.exitCode = 1;
}
