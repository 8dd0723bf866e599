import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { KybernError } from '../../model/index.ts';
import { readAsd, readSmd } from './machine-tables.ts';
import { readMsCloud } from './ms-cloud.ts';
import { readNab } from './nab.ts';
import type { RecordedSeries } from './recorded-series.ts';
import { readAutothrottle, readGocrane, readWorldCup98 } from './workloads.ts';

interface SeriesCollection {
  /** Folder below the datasets' root. */
  readonly folder: string;
  readonly licence: string;
  readonly origin: string;
  readonly read: (folder: string) => AsyncGenerator<RecordedSeries>;
}

/** Public collections whose licence allows shipping what is learnt from them. */
export const seriesCollections = {
  nab: { folder: 'anomaly/nab', licence: 'MIT', origin: 'numenta/NAB', read: readNab },
  'ms-cloud': {
    folder: 'anomaly/ms-cloud',
    licence: 'MIT',
    origin: 'microsoft/cloud-monitoring-dataset',
    read: readMsCloud,
  },
  smd: { folder: 'anomaly/smd', licence: 'MIT', origin: 'NetManAIOps/OmniAnomaly', read: readSmd },
  asd: { folder: 'anomaly/asd', licence: 'MIT', origin: 'zhhlee/InterFusion', read: readAsd },
  gocrane: { folder: 'workloads/gocrane', licence: 'Apache-2.0', origin: 'gocrane/crane', read: readGocrane },
  autothrottle: {
    folder: 'workloads/autothrottle',
    licence: 'MIT',
    origin: 'microsoft/autothrottle',
    read: readAutothrottle,
  },
  worldcup98: {
    folder: 'workloads/worldcup98',
    licence: 'MIT',
    origin: 'nimamahmoudi/worldcup98-dataset',
    read: readWorldCup98,
  },
} as const satisfies Record<string, SeriesCollection>;

export type SeriesCollectionName = keyof typeof seriesCollections;

/** Whether the collection lies below this datasets' root. */
export function hasSeries(name: SeriesCollectionName, datasetsPath: string): boolean {
  return existsSync(join(datasetsPath, seriesCollections[name].folder));
}

/**
 * The collection's series, one after the other. Rejects with KYBERN_DATASET where the collection is not there or is not
 * laid out as expected.
 */
export async function* readSeries(name: SeriesCollectionName, datasetsPath: string): AsyncGenerator<RecordedSeries> {
  const { folder, read } = seriesCollections[name];
  if (!hasSeries(name, datasetsPath)) {
    throw new KybernError('KYBERN_DATASET', `${name} is not in ${join(datasetsPath, folder)}`);
  }
  yield* read(join(datasetsPath, folder));
}
