import { join } from 'node:path';
import { cell, readCsv, utcMs } from './csv.ts';
import { listFiles } from './list-files.ts';
import { createSeriesBuilder, type RecordedSeries } from './recorded-series.ts';

/** Microsoft's cloud monitoring series: `data/GROUP/FILE.csv` with `TimeStamp,Value,Label`. */
export async function* readMsCloud(folder: string): AsyncGenerator<RecordedSeries> {
  for (const file of await listFiles(join(folder, 'data'), '.csv')) {
    const [, ...rows] = await readCsv(join(folder, 'data', file));
    const series = createSeriesBuilder(`ms-cloud/${file.slice(0, -'.csv'.length)}`, true);
    for (const [time = '', value, label] of rows) series.add(utcMs(time), cell(value), Number(label));
    yield series.finish();
  }
}
