import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RawSeries } from './history.ts';

/** A training that was asked for; kept beside its history until it is over, so that a restart goes on with it. */
export interface TrainingJob {
  readonly class: string;
  readonly reason: string;
  /** Model that it goes on from: the one that served. */
  readonly parent: string;
  readonly seed: number;
  /** At most. */
  readonly epochs: number;
  readonly startedMs: number;
  /** How often it was begun or gone on with. */
  readonly starts: number;
}

/** `<data-dir>/models/.training`: the job, its history, its checkpoint and the model it makes. */
export interface TrainingFolder {
  readonly path: string;
  readonly checkpoint: string;
  readonly candidate: string;
  /** The job last: without it there is nothing to go on with. */
  begin(job: TrainingJob, series: readonly RawSeries[]): Promise<void>;
  update(job: TrainingJob): Promise<void>;
  /** Undefined where there is none, or it cannot be read. */
  job(): Promise<TrainingJob | undefined>;
  /** Throws a RangeError where it is damaged. */
  history(): Promise<readonly RawSeries[]>;
  forget(): Promise<void>;
}

export function openTrainingFolder(path: string): TrainingFolder {
  const jobPath = join(path, 'job.json');
  const historyPath = join(path, 'history.bin');

  async function update(job: TrainingJob): Promise<void> {
    await writeFile(`${jobPath}.new`, JSON.stringify(job));
    await rename(`${jobPath}.new`, jobPath);
  }

  return {
    path,
    checkpoint: join(path, 'checkpoint.json'),
    candidate: join(path, 'forecast.onnx'),
    async begin(job, series) {
      await rm(path, { recursive: true, force: true });
      await mkdir(path, { recursive: true });
      await writeFile(historyPath, encodeHistory(series));
      await update(job);
    },
    update,
    async job() {
      try {
        return JSON.parse(await readFile(jobPath, 'utf8')) as TrainingJob;
      } catch {
        return undefined;
      }
    },
    history: async () => decodeHistory(await readFile(historyPath)),
    forget: () => rm(path, { recursive: true, force: true }),
  };
}

const headFloats = 2;

/** For each series its kind and count, then its times, then its values; all as 64-bit floats. */
export function encodeHistory(series: readonly RawSeries[]): Uint8Array {
  const floats = new Float64Array(series.reduce((sum, { values }) => sum + headFloats + 2 * values.length, 0));
  let at = 0;
  for (const { kind, timesMs, values } of series) {
    floats.set([kind, values.length], at);
    floats.set(timesMs, at + headFloats);
    floats.set(values, at + headFloats + values.length);
    at += headFloats + 2 * values.length;
  }
  return new Uint8Array(floats.buffer);
}

/** Throws a RangeError where the bytes are no such thing. */
export function decodeHistory(bytes: Uint8Array): readonly RawSeries[] {
  // A copy, since a Buffer may begin at an odd place of its pool.
  const floats = new Float64Array(new Uint8Array(bytes).buffer);
  const series: RawSeries[] = [];
  let at = 0;
  while (at < floats.length) {
    const [kind = Number.NaN, count = Number.NaN] = floats.subarray(at, at + headFloats);
    const end = at + headFloats + 2 * count;
    if (!Number.isSafeInteger(count) || count < 0 || end > floats.length)
      throw new RangeError('the history is damaged');
    const middle = at + headFloats + count;
    series.push({ kind, timesMs: floats.slice(at + headFloats, middle), values: floats.slice(middle, end) });
    at = end;
  }
  return series;
}
