import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Bench, BenchRecord } from './bench.ts';
import { benches } from './registry.ts';
import { keepRecord } from './results.ts';
import { describeCommit, describeMachine } from './surroundings.ts';
import { alignRows, renderRecord } from './table.ts';

const usage = `npm run bench -- list | NAME [--json] [--quick]

  list      what there is
  NAME      measure; the figures are printed and kept in bench/results/NAME.json
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
const [name] = positionals;
const bench = benches.get(name ?? '');

if (name === undefined || values.help) console.log(usage);
else if (name === 'list') listBenches();
else if (bench !== undefined) await runBench(bench);
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

async function runBench(bench: Bench): Promise<void> {
  const startMs = performance.now();
  const result = await bench.run({ quick: values.quick, say: (line) => console.error(line) });
  const record: BenchRecord = {
    bench: bench.name,
    commit: describeCommit(),
    date: new Date().toISOString(),
    machine: describeMachine(),
    seconds: Math.round((performance.now() - startMs) / 100) / 10,
    ...result,
  };
  if (!values.quick) await keepRecord(join(import.meta.dirname, 'results', `${bench.name}.json`), record);
  console.log(values.json ? JSON.stringify(record) : renderRecord(record));
  if (record.bars.some(({ ok }) => !ok)) process.exitCode = 1;
}
