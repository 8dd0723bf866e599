import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { BenchRecord } from './bench.ts';

/** `bench/results/NAME.json`: the latest record of every machine and part, ordered by machine. */
export async function keepRecord(path: string, record: BenchRecord): Promise<void> {
  const others = (await readRecords(path)).filter(
    ({ machine, part }) => machine !== record.machine || part !== record.part,
  );
  const records = [...others, record].sort((left, right) => keyOf(left).localeCompare(keyOf(right)));
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, `${JSON.stringify(records, null, 2)}\n`);
}

export async function readRecords(path: string): Promise<readonly BenchRecord[]> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch {
    return [];
  }
  return JSON.parse(text) as BenchRecord[];
}

function keyOf({ machine, part = '' }: BenchRecord): string {
  return `${machine} ${part}`;
}
