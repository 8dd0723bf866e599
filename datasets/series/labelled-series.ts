import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { KybernError } from '../../model/index.ts';
import { readLabelledCsv } from './labelled-csv.ts';
import { listFiles } from './list-files.ts';
import { readNab } from './nab.ts';
import type { RecordedSeries } from './recorded-series.ts';

/** Layouts of labelled single series that are read from a folder of the user's. */
export const labelledFormats = ['nab', 'kpi', 'wsd', 'ms'] as const;
export type LabelledFormat = (typeof labelledFormats)[number];

/**
 * The labelled series of a folder, one after the other, by file name. A file that cannot be read is told to `unreadable`
 * and left out. Rejects with KYBERN_DATASET where the folder is not there or holds no such file.
 */
export async function* readLabelledSeries(
  format: LabelledFormat,
  folder: string,
  unreadable: (error: KybernError) => void,
): AsyncGenerator<Required<RecordedSeries>> {
  if (format === 'nab') {
    for await (const series of readNab(folderWithLabels(folder), unreadable)) if (hasLabels(series)) yield series;
    return;
  }
  const files = (await listFiles(folder, '')).filter((file) => /\.csv(\.gz)?$/.test(file));
  if (files.length === 0) throw new KybernError('KYBERN_DATASET', `${folder} holds no .csv or .csv.gz file`);
  for (const file of files) {
    try {
      const read = await readLabelledCsv(join(folder, file), file.replace(/\.csv(\.gz)?$/, ''));
      for (const series of read) {
        if (hasLabels(series)) yield series;
        else unreadable(new KybernError('KYBERN_DATASET', `${file} has no label column`));
      }
    } catch (error) {
      if (!(error instanceof KybernError)) throw error;
      unreadable(error);
    }
  }
}

function folderWithLabels(folder: string): string {
  const inside = join(folder, 'nab');
  return existsSync(join(folder, 'labels')) || !existsSync(inside) ? folder : inside;
}

function hasLabels(series: RecordedSeries): series is Required<RecordedSeries> {
  return series.labels !== undefined && series.values.length > 0;
}
