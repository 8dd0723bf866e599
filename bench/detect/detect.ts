import { type MachineFormat, machineFormats } from '../../datasets/series/index.ts';
import type { Bench, BenchOptions, BenchResult } from '../bench.ts';
import { measureMachines } from './measure-machines.ts';
import { measureSeries } from './measure-series.ts';
import { detectArguments, detectUsage, keptPartOf, readDetectOptions } from './options.ts';
import { reportOf } from './report.ts';

export const detectBench: Bench = {
  name: 'detect',
  title:
    'how right alarms are on labelled series: VUS-PR, AUC-PR, events, false alarms, delay; views and baselines beside it',
  options: detectArguments,
  usage: detectUsage,
  run: measure,
};

async function measure({ given = {}, say }: BenchOptions): Promise<BenchResult> {
  const options = readDetectOptions(given);
  const { format } = options;
  const measured =
    format in machineFormats
      ? await measureMachines(format as MachineFormat, options, say)
      : await measureSeries(format as Exclude<typeof format, MachineFormat>, options, say);
  const part = keptPartOf(options);
  return { ...reportOf(format, measured), part: part ?? format, keep: part !== undefined };
}
