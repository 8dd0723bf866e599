import { stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { KybernError } from '../../model/index.ts';
import { readCsv, readText, utcMs } from '../series/csv.ts';
import { listFiles } from '../series/list-files.ts';
import type { RecordedLabel, Recording } from '../telemetry-frame.ts';
import { mergeSeries, type RecordedGauge } from './merge-series.ts';

const header = 'timestamp,value';
const frameMs = 3_600_000;

/**
 * Whether Numenta Anomaly Benchmark data lie here: its folder, one of its groups, or a single series
 * (`timestamp,value`).
 */
export async function isNab(path: string): Promise<boolean> {
  try {
    const [first] = await csvFiles(path);
    return first !== undefined && (await readText(first)).startsWith(header);
  } catch {
    return false;
  }
}

/**
 * Every csv below the path as one gauge named after its file, times in UTC. Series of different spans are merged in time
 * order, an hour to a frame. Labels are the windows of `labels/combined_windows.json`, which is looked for in the path
 * and the three folders above it; without it there are none. Rejects with KYBERN_DATASET.
 */
export async function openNab(path: string): Promise<Recording> {
  const files = await csvFiles(path);
  const series = await Promise.all(files.map(readSeries));
  const windows = await findWindows(resolve(path));
  const labels = series.flatMap(({ name }, index) => labelsOf(name, files[index], windows));
  labels.sort((a, b) => a.startMs - b.startMs);
  return {
    name: `nab/${basename(resolve(path), '.csv')}`,
    startMs: Math.min(...series.map(({ timesMs }) => timesMs[0])),
    endMs: Math.max(...series.map(({ timesMs }) => timesMs[timesMs.length - 1])),
    labels,
    async *frames() {
      yield* mergeSeries(series, frameMs);
    },
  };
}

async function csvFiles(path: string): Promise<readonly string[]> {
  const kind = await stat(path).catch((cause: unknown) => {
    throw new KybernError('KYBERN_DATASET', `${path} cannot be read`, { cause });
  });
  if (!kind.isDirectory()) return path.endsWith('.csv') ? [resolve(path)] : [];
  return (await listFiles(path, '.csv')).map((file) => resolve(path, file));
}

async function readSeries(file: string): Promise<RecordedGauge> {
  const [head = [], ...rows] = await readCsv(file);
  if (head.join(',') !== header) throw new KybernError('KYBERN_DATASET', `${file} does not begin with "${header}"`);
  const points: { readonly timeMs: number; readonly value: number }[] = [];
  rows.forEach(([time = '', text = ''], index) => {
    const [timeMs, value] = [utcMs(time), Number(text)];
    if (Number.isNaN(timeMs) || text.trim() === '' || Number.isNaN(value)) {
      throw new KybernError('KYBERN_DATASET', `${file}:${index + 2} is not a time and a number`);
    }
    points.push({ timeMs, value });
  });
  if (points.length === 0) throw new KybernError('KYBERN_DATASET', `${file} has no points`);
  // Some series tell an hour twice, when clocks went back.
  points.sort((a, b) => a.timeMs - b.timeMs);
  return {
    name: basename(file, '.csv'),
    unit: '',
    resource: { dataset: 'nab', group: basename(dirname(file)) },
    attributes: {},
    timesMs: Float64Array.from(points, ({ timeMs }) => timeMs),
    values: Float64Array.from(points, ({ value }) => value),
  };
}

type Windows = Readonly<Record<string, readonly (readonly [start: string, end: string])[]>>;

async function findWindows(path: string): Promise<Windows> {
  let folder = path;
  for (let level = 0; level < 4; level++) {
    const file = join(folder, 'labels/combined_windows.json');
    const text = await readText(file).catch(() => undefined);
    if (text !== undefined) return parseWindows(file, text);
    folder = dirname(folder);
  }
  return {};
}

function parseWindows(file: string, text: string): Windows {
  try {
    return JSON.parse(text) as Windows;
  } catch (cause) {
    throw new KybernError('KYBERN_DATASET', `${file} does not hold label windows`, { cause });
  }
}

function labelsOf(metric: string, file: string, windows: Windows): RecordedLabel[] {
  const key = `${basename(dirname(file))}/${basename(file)}`;
  return (windows[key] ?? []).map(([start, end]) => ({ startMs: utcMs(start), endMs: utcMs(end), metric }));
}
