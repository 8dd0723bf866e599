import { join } from 'node:path';
import { readCsv } from './csv.ts';
import { listFiles } from './list-files.ts';
import { createSeriesBuilder, type RecordedSeries } from './recorded-series.ts';

/** Server Machine Dataset: 38 metrics of a machine every minute. */
export function readSmd(folder: string): AsyncGenerator<RecordedSeries> {
  return readMachineTables('smd', folder, 60_000);
}

/** Application Server Dataset: 19 metrics of a server every 5 minutes. */
export function readAsd(folder: string): AsyncGenerator<RecordedSeries> {
  return readMachineTables('asd', folder, 300_000);
}

/**
 * `MACHINE_{train,test}.csv.gz`: one column a metric, without times. The test part has a label column that holds for all
 * of the machine's metrics together; the train part has none.
 */
async function* readMachineTables(
  collection: string,
  folder: string,
  intervalMs: number,
): AsyncGenerator<RecordedSeries> {
  for (const file of await listFiles(folder, '.csv.gz')) {
    const [machine, part] = file.slice(0, -'.csv.gz'.length).split('_');
    const [header = [], ...rows] = await readCsv(join(folder, file));
    const labelColumn = header.indexOf('label');
    for (const [column, metric] of header.entries()) {
      if (column === labelColumn) continue;
      const series = createSeriesBuilder(`${collection}/${machine}/${metric}/${part}`, labelColumn >= 0);
      for (const [index, row] of rows.entries()) {
        series.add(index * intervalMs, Number(row[column]), labelColumn >= 0 ? Number(row[labelColumn]) : 0);
      }
      yield series.finish();
    }
  }
}
