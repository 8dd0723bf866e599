import { join } from 'node:path';
import { KybernError } from '../../model/index.ts';
import { cell, readCsv, readText, utcMs } from './csv.ts';
import { listFiles } from './list-files.ts';
import { createSeriesBuilder, type RecordedSeries } from './recorded-series.ts';

/**
 * Numenta Anomaly Benchmark: `data/GROUP/FILE.csv`, labels as windows in `labels/combined_windows.json`, ends included.
 * A file that cannot be read is told to `unreadable` and left out; without it, it ends the reading.
 */
export async function* readNab(
  folder: string,
  unreadable: (error: KybernError) => void = rethrow,
): AsyncGenerator<RecordedSeries> {
  const windows = await readWindows(join(folder, 'labels/combined_windows.json'));
  for (const file of await listFiles(join(folder, 'data'), '.csv')) {
    try {
      yield await readFile(join(folder, 'data', file), file, windows);
    } catch (error) {
      if (!(error instanceof KybernError)) throw error;
      unreadable(error);
    }
  }
}

async function readFile(path: string, file: string, windows: Windows): Promise<RecordedSeries> {
  const [, ...rows] = await readCsv(path);
  const anomalous = (windows[file] ?? []).map(([start, end]) => [utcMs(start), utcMs(end)] as const);
  const series = createSeriesBuilder(`nab/${file.slice(0, -'.csv'.length)}`, true);
  for (const [time = '', value] of rows) {
    const timeMs = utcMs(time);
    const label = anomalous.some(([start, end]) => timeMs >= start && timeMs <= end);
    series.add(timeMs, cell(value), label ? 1 : 0);
  }
  const read = series.finish();
  if (read.values.length === 0) throw new KybernError('KYBERN_DATASET', `${path} holds no timestamp and value`);
  return read;
}

function rethrow(error: KybernError): never {
  throw error;
}

type Windows = Readonly<Record<string, readonly (readonly [start: string, end: string])[]>>;

async function readWindows(path: string): Promise<Windows> {
  try {
    return JSON.parse(await readText(path)) as Windows;
  } catch (cause) {
    throw new KybernError('KYBERN_DATASET', `${path} does not hold label windows`, { cause });
  }
}
