import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { KybernError } from '../../model/index.ts';
import { cell, readCsv, readText } from './csv.ts';
import { listFiles } from './list-files.ts';

/** Layouts of machines with many metrics each, and how far apart their points are. */
export const machineFormats = { smd: 60_000, asd: 300_000 } as const;
export type MachineFormat = keyof typeof machineFormats;

/** What people found to explain an incident: first and last point, and the metrics, by their number. */
export interface LabelledCause {
  readonly first: number;
  readonly last: number;
  readonly metrics: readonly number[];
}

/** One machine: columns of equal length, the unlabelled part first, then the labelled one. */
export interface LabelledMachine {
  readonly name: string;
  readonly metrics: readonly string[];
  readonly timesMs: Float64Array;
  /** By metric; NaN where a cell is empty. */
  readonly columns: readonly Float64Array[];
  /** Where the labelled part begins. */
  readonly trainEnd: number;
  readonly labels: Uint8Array;
  readonly causes: readonly LabelledCause[];
}

/**
 * The machines of a folder: `NAME_train.csv[.gz]`, `NAME_test.csv[.gz]` (the last column is the label) and
 * `NAME_interpretation.txt` with lines `first-last:metric,metric`, points from 0 and metrics from 1. What cannot be read
 * is told to `unreadable` and left out. Rejects with KYBERN_DATASET where there is no such file.
 */
export async function* readLabelledMachines(
  format: MachineFormat,
  folder: string,
  unreadable: (error: KybernError) => void,
): AsyncGenerator<LabelledMachine> {
  const tests = (await listFiles(folder, '')).filter((file) => /_test\.csv(\.gz)?$/.test(file));
  if (tests.length === 0) throw new KybernError('KYBERN_DATASET', `${folder} holds no NAME_test.csv or .csv.gz`);
  for (const file of tests) {
    try {
      yield await readMachine(join(folder, file), file.replace(/_test\.csv(\.gz)?$/, ''), machineFormats[format]);
    } catch (error) {
      if (!(error instanceof KybernError)) throw error;
      unreadable(error);
    }
  }
}

async function readMachine(testPath: string, name: string, intervalMs: number): Promise<LabelledMachine> {
  const [header = [], ...test] = await readCsv(testPath);
  const labelColumn = header.findIndex((field) => field.trim().toLowerCase() === 'label');
  if (labelColumn < 0) throw new KybernError('KYBERN_DATASET', `${testPath} has no column label`);
  const [trainHeader = [], ...train] = await readCsv(testPath.replace(/_test(?=\.csv)/, '_train'));
  const rows = [...train, ...test];
  const metrics = header.filter((_, column) => column !== labelColumn);
  const trainColumns = metrics.map((metric) => trainHeader.indexOf(metric));
  if (trainColumns.includes(-1)) {
    throw new KybernError('KYBERN_DATASET', `${testPath} and its train part have other columns`);
  }
  const testColumns = metrics.map((metric) => header.indexOf(metric));
  const labels = Uint8Array.from(rows, (row, at) => (at >= train.length && Number(row[labelColumn]) > 0 ? 1 : 0));
  return {
    name,
    metrics,
    timesMs: Float64Array.from(rows, (_, at) => at * intervalMs),
    columns: metrics.map((_, metric) =>
      Float64Array.from(rows, (row, at) => cell(row[(at < train.length ? trainColumns : testColumns)[metric]!])),
    ),
    trainEnd: train.length,
    labels,
    causes: await readCauses(testPath.replace(/_test\.csv(\.gz)?$/, '_interpretation.txt'), labels, train.length),
  };
}

/** Some sets name the last point of an incident, some the first behind it: the labels tell. */
async function readCauses(path: string, labels: Uint8Array, trainEnd: number): Promise<readonly LabelledCause[]> {
  if (!existsSync(path)) return [];
  const lines = (await readText(path)).split(/\r?\n/).filter((line) => line.trim() !== '');
  return lines.map((line) => {
    const found = /^\s*(\d+)-(\d+):([\d,\s]+)$/.exec(line);
    if (found === null)
      throw new KybernError('KYBERN_DATASET', `${path}: "${line.slice(0, 60)}" is no first-last:metrics`);
    const first = trainEnd + Number(found[1]);
    let last = Math.min(trainEnd + Number(found[2]), labels.length - 1);
    while (last > first && labels[last] === 0) last -= 1;
    return {
      first,
      last,
      metrics: found[3]!.split(',').map((metric) => Number(metric) - 1),
    };
  });
}
