import { join } from 'node:path';
import { KybernError } from '../../model/index.ts';
import { readCsv, readText, utcMs } from './csv.ts';
import { listFiles } from './list-files.ts';
import { createSeriesBuilder, type RecordedSeries } from './recorded-series.ts';

/** Numenta Anomaly Benchmark: `data/GROUP/FILE.csv`, labels as windows in `labels/combined_windows.json`, ends included. */
export async function* readNab(folder: string): AsyncGenerator<RecordedSeries> {
  const windows = await readWindows(join(folder, 'labels/combined_windows.json'));
  for (const file of await listFiles(join(folder, 'data'), '.csv')) {
    const [, ...rows] = await readCsv(join(folder, 'data', file));
    const anomalous = (windows[file] ?? []).map(([start, end]) => [utcMs(start), utcMs(end)] as const);
    const series = createSeriesBuilder(`nab/${file.slice(0, -'.csv'.length)}`, true);
    for (const [time = '', value] of rows) {
      const timeMs = utcMs(time);
      const label = anomalous.some(([start, end]) => timeMs >= start && timeMs <= end);
      series.add(timeMs, Number(value), label ? 1 : 0);
    }
    yield series.finish();
  }
}

type Windows = Readonly<Record<string, readonly (readonly [start: string, end: string])[]>>;

async function readWindows(path: string): Promise<Windows> {
  try {
    return JSON.parse(await readText(path)) as Windows;
  } catch (cause) {
    throw new KybernError('KYBERN_DATASET', `${path} does not hold label windows`, { cause });
  }
}
