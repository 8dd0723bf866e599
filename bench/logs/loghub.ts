import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type LabelledLines, readStructuredCsv } from './read-structured-csv.ts';

export interface LoghubSystem extends LabelledLines {
  readonly name: string;
}

/** Where the data sets lie unless told otherwise. */
export function defaultLogsDirectory(): string {
  const datasets = process.env.KYBERN_DATASETS ?? resolve(import.meta.dirname, '../../../shared/datasets');
  return join(datasets, 'logs', 'loghub2k');
}

/**
 * Every system of a Loghub directory, `SYSTEM/SYSTEM_2k.log_structured_corrected.csv` (Khan et al., ICSE 2022), or the
 * uncorrected or full-size file where that is what there is.
 */
export function readLoghub(directory: string): readonly LoghubSystem[] {
  if (!existsSync(directory)) throw new Error(`no directory ${directory}: give one by --data`);
  const systems: LoghubSystem[] = [];
  for (const name of readdirSync(directory).sort()) {
    const inner = join(directory, name);
    if (!statSync(inner).isDirectory()) continue;
    const files = readdirSync(inner);
    const file =
      files.find((each) => each.endsWith('structured_corrected.csv')) ??
      files.find((each) => each.endsWith('structured.csv'));
    if (file !== undefined) systems.push({ name, ...readStructuredCsv(readFileSync(join(inner, file), 'utf8')) });
  }
  if (systems.length === 0) throw new Error(`no *_structured_corrected.csv in the folders of ${directory}`);
  return systems;
}
