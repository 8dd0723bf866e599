import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  type LabelledFormat,
  labelledFormats,
  type MachineFormat,
  machineFormats,
} from '../../datasets/series/index.ts';
import { KybernError } from '../../model/index.ts';

export type DetectFormat = LabelledFormat | MachineFormat;

export interface DetectOptions {
  readonly format: DetectFormat;
  readonly folder: string;
  /** Share of a series that warms; the rest is scored. */
  readonly split: number;
  /** Methods to measure; all that do not take long where undefined. */
  readonly methods: readonly string[] | undefined;
  readonly pattern: RegExp | undefined;
}

/** Methods that run only when they are named, since they take long. */
export const heavyMethods: readonly string[] = ['lstm60'];

export const detectArguments = {
  data: { type: 'string' },
  format: { type: 'string' },
  split: { type: 'string' },
  methods: { type: 'string' },
  series: { type: 'string' },
} as const;

const formats: readonly string[] = [...labelledFormats, ...Object.keys(machineFormats)];

/** Where a format's part lies below the datasets for development. */
const folders: Readonly<Record<DetectFormat, string>> = {
  nab: 'anomaly/nab',
  kpi: 'anomaly/kpi',
  wsd: 'anomaly/wsd',
  ms: 'anomaly/ms-cloud',
  smd: 'anomaly/smd',
  asd: 'anomaly/asd',
};

export const detectUsage = `  --format F     ${formats.join(', ')}
  --data DIR     where the files are; else the format's folder below $KYBERN_DATASETS (../shared/datasets)
  --split S      share of each series that warms and is not scored (0.5)
  --methods A,B  only these; lstm60 trains a network for each series and runs only when it is named; its figures alone
                 are kept beside those of the rest
  --series R     only series whose name matches this regular expression`;

/** Throws KYBERN_BAD_REQUEST where something is not understood. */
export function readDetectOptions(given: Readonly<Record<string, string | boolean | undefined>>): DetectOptions {
  const text = (name: string): string | undefined => {
    const value = given[name];
    return value === undefined ? undefined : String(value);
  };
  const format = text('format') ?? '';
  if (!formats.includes(format)) throw refusal(`--format is one of ${formats.join(', ')}`);
  const split = Number(text('split') ?? 0.5);
  if (!(split > 0 && split < 1)) throw refusal('--split is a share between 0 and 1');
  const folder = text('data') ?? join(datasetsPath(), folders[format as DetectFormat]);
  if (!existsSync(folder)) throw new KybernError('KYBERN_DATASET', `${folder} is not there`);
  const pattern = text('series');
  return {
    format: format as DetectFormat,
    folder,
    split,
    methods: text('methods')?.split(','),
    pattern: pattern === undefined ? undefined : readPattern(pattern),
  };
}

/** The part of the results' file that the figures belong to; undefined where something was left out. */
export function keptPartOf({ format, methods, pattern }: DetectOptions): string | undefined {
  if (pattern !== undefined) return undefined;
  if (methods === undefined) return format;
  const [method, ...others] = methods;
  return method !== undefined && others.length === 0 && heavyMethods.includes(method)
    ? `${format}-${method}`
    : undefined;
}

function datasetsPath(): string {
  return process.env.KYBERN_DATASETS ?? join(import.meta.dirname, '../../../shared/datasets');
}

function readPattern(pattern: string): RegExp {
  try {
    return new RegExp(pattern);
  } catch (cause) {
    throw new KybernError('KYBERN_BAD_REQUEST', `--series ${pattern} is no regular expression`, { cause });
  }
}

function refusal(detail: string): KybernError {
  return new KybernError('KYBERN_BAD_REQUEST', detail);
}
