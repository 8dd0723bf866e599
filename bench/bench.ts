import type { ParseArgsOptionsConfig } from 'node:util';

/** One benchmark: measures, and holds what it measured against its bars. */
export interface Bench {
  readonly name: string;
  /** One line for `npm run bench -- list`. */
  readonly title: string;
  /** Options of its own on the command line, beside those of all benchmarks. */
  readonly options?: ParseArgsOptionsConfig;
  /** Those explained, one line each. */
  readonly usage?: string;
  run(options: BenchOptions): Promise<BenchResult>;
}

/** Several benchmarks under one name, each of which can be run alone; their records are kept in one file. */
export interface BenchSet {
  readonly name: string;
  readonly title: string;
  readonly parts: readonly Bench[];
}

export interface BenchOptions {
  /** Shorter measurements, to see that it works; not for figures that are quoted. */
  readonly quick: boolean;
  /** A line for people about what is being measured now. */
  readonly say: (line: string) => void;
  /** What was given of the benchmark's own options. */
  readonly given?: Readonly<Record<string, string | boolean | undefined>>;
}

/** What a benchmark found; names carry the unit, such as `statefulPointsPerCpuSecond`. */
export interface BenchResult {
  readonly figures: Readonly<Record<string, number>>;
  /** The same, of what we are held against, measured in the same run. */
  readonly baselines: Readonly<Record<string, number>>;
  readonly bars: readonly Bar[];
  /** The part of the results' file that it belongs to, where the options decide on that. */
  readonly part?: string;
  /** Finer figures, printed with `--json` and not kept. */
  readonly details?: unknown;
  /** A table for people, in place of the plain list of figures. */
  readonly table?: string;
  /** False where the options left something out: such figures are printed and not kept. */
  readonly keep?: boolean;
}

export interface Bar {
  readonly name: string;
  readonly want: string;
  readonly got: number;
  readonly ok: boolean;
}

/** A bar that is met from `least` on. */
export function atLeast(name: string, got: number, least: number): Bar {
  return { name, want: `>= ${least}`, got, ok: got >= least };
}

/** A bar that is met up to `most`. */
export function atMost(name: string, got: number, most: number): Bar {
  return { name, want: `<= ${most}`, got, ok: got <= most };
}

/** A bar that is met by this and nothing else. */
export function exactly(name: string, got: number, wanted: number): Bar {
  return { name, want: `= ${wanted}`, got, ok: got === wanted };
}

/** A result with where and when it was made: what `--json` prints and `bench/results/` keeps. */
export interface BenchRecord extends Omit<BenchResult, 'keep' | 'table'> {
  readonly bench: string;
  readonly commit: string;
  readonly date: string;
  readonly machine: string;
  readonly seconds: number;
}
