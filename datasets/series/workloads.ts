import { join } from 'node:path';
import { cell, readCsv, utcMs } from './csv.ts';
import { listFiles } from './list-files.ts';
import { createSeriesBuilder, type RecordedSeries } from './recorded-series.ts';

/** Production usage of a minute each, from gocrane/crane: `inputN.csv` with `ts` in Unix seconds and `value`. */
export async function* readGocrane(folder: string): AsyncGenerator<RecordedSeries> {
  for (const file of await listFiles(folder, '.csv')) {
    const [, ...rows] = await readCsv(join(folder, file));
    const series = createSeriesBuilder(`gocrane/${file.slice(0, -'.csv'.length)}`, false);
    for (const [time, value] of rows) series.add(cell(time) * 1000, cell(value), 0);
    yield series.finish();
  }
}

/** Requests a second for an hour each, from microsoft/autothrottle: one number a line. */
export async function* readAutothrottle(folder: string): AsyncGenerator<RecordedSeries> {
  for (const file of await listFiles(folder, '.txt')) {
    if (file.startsWith('LICENSE')) continue;
    const rows = await readCsv(join(folder, file));
    const series = createSeriesBuilder(`autothrottle/${file.slice(0, -'.txt'.length)}`, false);
    for (const [index, row] of rows.entries()) series.add(index * 1000, cell(row[0]), 0);
    yield series.finish();
  }
}

/** Requests a minute to the 1998 World Cup site: `period,count`. */
export async function* readWorldCup98(folder: string): AsyncGenerator<RecordedSeries> {
  const [, ...rows] = await readCsv(join(folder, 'requests-per-minute.csv'));
  const series = createSeriesBuilder('worldcup98/requests-per-minute', false);
  for (const [time = '', value] of rows) series.add(utcMs(time), cell(value), 0);
  yield series.finish();
}
