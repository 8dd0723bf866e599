import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Finding } from './fuzz-loop.ts';

/** One run over one target. */
export interface FuzzRecord {
  readonly target: string;
  readonly date: string;
  readonly commit: string;
  readonly machine: string;
  readonly seed: number;
  readonly seconds: number;
  readonly executions: number;
  readonly slowestMs: number;
  readonly grownMegabytes: number;
  readonly findings: readonly (Pick<Finding, 'kind' | 'detail'> & { readonly bytes: number; readonly file: string })[];
}

const path = join(import.meta.dirname, '../../bench/results/fuzz.json');

/** Puts the latest record of its target in the place of the one before. */
export function keepFuzzRecord(record: FuzzRecord): void {
  const before = existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as FuzzRecord[]) : [];
  const records = [...before.filter(({ target }) => target !== record.target), record];
  records.sort((left, right) => left.target.localeCompare(right.target));
  writeFileSync(path, `${JSON.stringify(records, null, 2)}\n`);
}
