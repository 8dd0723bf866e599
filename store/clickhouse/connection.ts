import type { ClickHouseClient } from '@clickhouse/client';
import { contentHash, KybernError } from '../../model/index.ts';
import { onCluster } from './on-cluster.ts';
import { queryError } from './refusal.ts';

export type QueryParams = Readonly<
  Record<string, string | number | readonly string[] | readonly number[] | readonly bigint[]>
>;

/** A ClickHouse, in this process or elsewhere. Every method rejects with KYBERN_STORE, `rows` also with KYBERN_QUERY_LIMIT. */
export interface Connection {
  readonly name: string;
  /** The database, already checked to be an identifier: the only thing that is put into statements as text. */
  readonly database: string;
  rows<T>(statement: string, params?: QueryParams): Promise<T[]>;
  command(statement: string, params?: QueryParams): Promise<void>;
  /**
   * Inserts a body of this format. The same token a second time is dropped by the engine, for as many inserts as the
   * table's deduplication window remembers; without a token every insert counts.
   */
  insert(table: string, format: InsertFormat, body: readonly Uint8Array[], token?: string): Promise<void>;
  ping(): Promise<void>;
  close(): Promise<void>;
}

/** Far above what any reader asks for: a bound against mistakes. */
const maxResultRows = 5_000_000;

export type InsertFormat = 'Native' | 'JSONEachRow';

/** How an insert's body reaches the engine is the only thing in which the two kinds differ. */
export interface Engine {
  readonly name: string;
  /** Gives the client to ask; over several replicas it may be called again with another. */
  use<T>(run: (client: ClickHouseClient) => Promise<T>): Promise<T>;
  insert(into: string, settings: string, format: InsertFormat, body: readonly Uint8Array[]): Promise<void>;
  close(): Promise<void>;
}

export interface ConnectionOptions {
  readonly database: string;
  /** Cluster on which the tables are; none unless told. */
  readonly cluster?: string;
  /** Bounds of one question. */
  readonly queryTimeoutSeconds?: number;
  readonly queryRowsToRead?: number;
}

export function createConnection(engine: Engine, options: ConnectionOptions): Connection {
  const { database, cluster = '', queryTimeoutSeconds = 20, queryRowsToRead = 2e9 } = options;
  // Within the statement, as below: chDB would keep them for inserts and merges too.
  const bounds =
    `SETTINGS max_execution_time = ${queryTimeoutSeconds}, timeout_overflow_mode = 'throw', ` +
    `max_rows_to_read = ${Math.trunc(queryRowsToRead)}, read_overflow_mode = 'throw', ` +
    `max_result_rows = ${maxResultRows}, result_overflow_mode = 'throw'`;

  async function rows<T>(statement: string, params: QueryParams = {}): Promise<T[]> {
    try {
      return await engine.use(async (client) => {
        const query = `${statement}\n${bounds}`;
        const result = await client.query({ query, query_params: { ...params }, format: 'JSONEachRow' });
        return result.json<T>();
      });
    } catch (error) {
      throw queryError(error);
    }
  }

  async function command(statement: string, params: QueryParams = {}): Promise<void> {
    const query = cluster === '' ? statement : onCluster(statement, cluster);
    await guarded(() => engine.use((client) => client.command({ query, query_params: { ...params } })));
  }

  async function insert(
    table: string,
    format: InsertFormat,
    body: readonly Uint8Array[],
    token?: string,
  ): Promise<void> {
    // Settings within the statement: chDB keeps those of the client for every later statement. A hash is safe as text.
    const settings =
      token === undefined
        ? 'insert_deduplicate = 0, async_insert = 0'
        : `insert_deduplication_token = '${contentHash(table, token)}', async_insert = 0`;
    await guarded(() => engine.insert(`${database}.${table}`, settings, format, body));
  }

  async function ping(): Promise<void> {
    await guarded(async () => {
      await engine.use(async (client) => {
        const result = await client.ping({ select: true });
        if (!result.success) throw result.error;
      });
    });
  }

  return { name: engine.name, database, rows, command, insert, ping, close: () => guarded(() => engine.close()) };
}

async function guarded<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new KybernError('KYBERN_STORE', reason, { cause: error });
  }
}
