import type { ClickHouseClient } from '@clickhouse/client';
import { contentHash, KybernError } from '../../model/index.ts';

export type QueryParams = Readonly<Record<string, string | number | readonly string[] | readonly number[]>>;

/** A ClickHouse, in this process or elsewhere. Every method rejects with KYBERN_STORE. */
export interface Connection {
  readonly name: string;
  /** The database, already checked to be an identifier: the only thing that is put into statements as text. */
  readonly database: string;
  rows<T>(statement: string, params?: QueryParams): Promise<T[]>;
  command(statement: string): Promise<void>;
  /**
   * Inserts a body of this format. The same token a second time is dropped by the engine, for as many inserts as the
   * table's deduplication window remembers.
   */
  insert(table: string, format: InsertFormat, body: readonly Uint8Array[], token: string): Promise<void>;
  ping(): Promise<void>;
  close(): Promise<void>;
}

export type InsertFormat = 'Native' | 'JSONEachRow';

/** How an insert's body reaches the engine is the only thing in which the two kinds differ. */
export interface Engine {
  readonly name: string;
  readonly client: ClickHouseClient;
  insert(into: string, settings: string, format: InsertFormat, body: readonly Uint8Array[]): Promise<void>;
  close(): Promise<void>;
}

export function createConnection(engine: Engine, database: string): Connection {
  async function rows<T>(statement: string, params: QueryParams = {}): Promise<T[]> {
    return guarded(async () => {
      const result = await engine.client.query({
        query: statement,
        query_params: { ...params },
        format: 'JSONEachRow',
      });
      return result.json<T>();
    });
  }

  async function command(statement: string): Promise<void> {
    await guarded(() => engine.client.command({ query: statement }));
  }

  async function insert(
    table: string,
    format: InsertFormat,
    body: readonly Uint8Array[],
    token: string,
  ): Promise<void> {
    // Settings within the statement: chDB keeps those of the client for every later statement. A hash is safe as text.
    const settings = `insert_deduplication_token = '${contentHash(table, token)}', async_insert = 0`;
    await guarded(() => engine.insert(`${database}.${table}`, settings, format, body));
  }

  async function ping(): Promise<void> {
    await guarded(async () => {
      const result = await engine.client.ping({ select: true });
      if (!result.success) throw result.error;
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
