import type { Store } from '../../model/index.ts';
import { type Connection, createConnection, type Engine } from './connection.ts';
import { createDocumentReader } from './document-reader.ts';
import { applyRetention, migrate } from './migrate.ts';
import { createRecordReader } from './record-reader.ts';
import { createSeriesReader } from './series-reader.ts';
import { createClickHouseWriter } from './writer.ts';

/** The store on a ClickHouse, its tables made and brought up to date. Rejects with KYBERN_STORE. */
export async function openClickHouseStore(engine: Engine, database: string, retentionDays: number): Promise<Store> {
  const connection: Connection = createConnection(engine, database);
  await migrate(connection);
  await applyRetention(connection, retentionDays);
  return {
    name: connection.name,
    ping: connection.ping,
    close: connection.close,
    ...createClickHouseWriter(connection),
    ...createDocumentReader(connection),
    ...createSeriesReader(connection),
    ...createRecordReader(connection),
  };
}
