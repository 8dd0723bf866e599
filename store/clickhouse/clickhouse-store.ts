import type { Store } from '../../model/index.ts';
import type { Quarantine } from '../quarantine.ts';
import { type ConnectionOptions, createConnection, type Engine } from './connection.ts';
import { createDocumentReader } from './document-reader.ts';
import { createHistoryReader } from './history-reader.ts';
import { applyRetention, migrate, type Retention } from './migrate.ts';
import { createPastRecordsReader } from './past-records-reader.ts';
import { createRecordReader } from './record-reader.ts';
import { createRollupMarks } from './rollup-marks.ts';
import { rollUp } from './rollups.ts';
import { createSeriesReader } from './series-reader.ts';
import { createClickHouseWriter } from './writer.ts';

export interface ClickHouseStoreOptions extends ConnectionOptions, Partial<Retention> {
  readonly quarantine: Quarantine;
  /** Ten minutes unless told. */
  readonly rollupQuietSeconds?: number;
}

/** The store on a ClickHouse, its tables made and brought up to date. Rejects with KYBERN_STORE. */
export async function openClickHouseStore(engine: Engine, options: ClickHouseStoreOptions): Promise<Store> {
  const { retentionDays = 0, minuteRetentionDays = 0, hourRetentionDays = 0, rollupQuietSeconds = 600 } = options;
  const connection = createConnection(engine, options);
  await migrate(connection);
  await applyRetention(connection, { retentionDays, minuteRetentionDays, hourRetentionDays });
  const marks = createRollupMarks(connection);
  return {
    name: connection.name,
    ping: connection.ping,
    close: connection.close,
    upkeep: async () => {
      await rollUp(connection, marks, { retentionDays, quietSeconds: rollupQuietSeconds });
    },
    ...createClickHouseWriter(connection, options.quarantine, marks),
    ...createDocumentReader(connection),
    ...createSeriesReader(connection, { retentionDays, minuteRetentionDays }),
    ...createHistoryReader(connection),
    ...createPastRecordsReader(connection),
    ...createRecordReader(connection),
  };
}
