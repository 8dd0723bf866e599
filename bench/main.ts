import { join } from 'node:path';
import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';
import { KybernError } from '../model/index.ts';
import { setup as buildKybern } from '../test/support/build-kybern.ts';
import type { Bench, BenchRecord, BenchSet } from './bench.ts';
import { benches } from './registry.ts';
import { keepRecord } from './results.ts';
import { describeCommit, describeMachine } from './surroundings.ts';
import { alignRows, renderRecord } from './table.ts';

const usage = `npm run bench -- list | NAME [PART...] [--json] [--quick] [options of NAME]

  list      what there is
  NAME      measure; the figures are printed and kept in bench/results/NAME.json
  PART      of a set (such as chaos) only these
  --json    print one JSON object as the last thing on standard output
  --quick   short measurements, printed and not kept
`;

const common = {
  json: { type: 'boolean', default: false },
  quick: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

/** The first word names the benchmark, and so which options there are. */
const named = benches.get(process.argv[2] ?? '');
const { values, given, positionals } = readArguments(named);
const [name, ...wanted] = positionals;
const bench = benches.get(name ?? '');

if (name === undefined || values.help) console.log(usage + usageOf(bench));
else if (name === 'list') listBenches();
else if (bench !== undefined) await runParts(bench).catch(tellError);
else {
  console.error(`There is no benchmark "${name}".\n`);
  listBenches();
  process.exitCode = 64;
}

function readArguments(chosen: Bench | BenchSet | undefined): ReturnType<typeof parseCommon> {
  const own = chosen !== undefined && 'run' in chosen ? chosen.options : undefined;
  try {
    return parseCommon({ ...own });
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n\n${usage}${usageOf(chosen)}`);
    return process.exit(64);
  }
}

function parseCommon(own: ParseArgsOptionsConfig) {
  const parsed = parseArgs({ allowPositionals: true, options: { ...own, ...common } });
  const { json, quick, help } = parsed.values as { json: boolean; quick: boolean; help: boolean };
  const given: Record<string, string | boolean | undefined> = {};
  for (const [option, value] of Object.entries(parsed.values)) if (!Array.isArray(value)) given[option] = value;
  return { values: { json, quick, help }, given, positionals: parsed.positionals };
}

function usageOf(chosen: Bench | BenchSet | undefined): string {
  return chosen !== undefined && 'run' in chosen && chosen.usage !== undefined
    ? `\n${chosen.name}\n${chosen.usage}\n`
    : '';
}

/** What is wrong with the data or the options is told; anything else is a defect and shows its trace. */
function tellError(error: unknown): void {
  if (!(error instanceof KybernError)) throw error;
  console.error(`${error.code}: ${error.message}`);
  process.exitCode = 1;
}

function listBenches(): void {
  const rows = [...benches.values()].map(({ name, title }) => [name, title]);
  if (values.json) console.log(JSON.stringify(rows.map(([name, title]) => ({ name, title }))));
  else console.log(alignRows(rows).join('\n'));
}

async function runParts(bench: Bench | BenchSet): Promise<void> {
  buildKybern();
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
  const { keep, table, ...result } = await bench.run({
    quick: values.quick,
    say: (line) => console.error(line),
    given,
  });
  const record: BenchRecord = {
    bench: name,
    ...(part === undefined ? {} : { part }),
    commit: describeCommit(),
    date: new Date().toISOString(),
    machine: describeMachine(),
    seconds: Math.round((performance.now() - startMs) / 100) / 10,
    ...result,
  };
  if (!values.quick && keep !== false) {
    const { details: _, ...kept } = record;
    await keepRecord(join(import.meta.dirname, 'results', `${name}.json`), kept);
  }
  console.log(values.json ? JSON.stringify(record) : renderRecord(record, table));
  if (record.bars.some(({ ok }) => !ok)) process.exitCode = 1;
}
