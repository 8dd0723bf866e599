import { readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { ClickHouseLogLevel, createClient } from '@clickhouse/client';
import { KybernError } from '../../model/index.ts';
import type { StoreConfig } from '../config.ts';
import type { Engine, InsertFormat } from './connection.ts';

/** A ClickHouse server over HTTP. Rejects with KYBERN_CONFIG where the password file can't be read. */
export async function openServerEngine(config: StoreConfig): Promise<Engine> {
  const client = createClient({
    url: config.url,
    username: config.username,
    password: await readPassword(config.passwordFile),
    request_timeout: config.timeoutSeconds * 1000,
    application: 'kybern',
    // Its errors are thrown too, and it would write to the console.
    log: { level: ClickHouseLogLevel.OFF },
    compression: { request: true, response: true },
  });

  async function insert(
    into: string,
    clause: string,
    format: InsertFormat,
    body: readonly Uint8Array[],
  ): Promise<void> {
    const result = await client.exec({
      query: `INSERT INTO ${into} SETTINGS ${clause} FORMAT ${format}`,
      values: Readable.from(body, { objectMode: false }),
    });
    // An answer left unread keeps its connection busy.
    for await (const _ of result.stream);
  }

  return { name: `clickhouse ${config.url}`, client, insert, close: () => client.close() };
}

async function readPassword(path: string): Promise<string> {
  if (path === '') return '';
  try {
    return (await readFile(path, 'utf8')).trimEnd();
  } catch (error) {
    throw new KybernError('KYBERN_CONFIG', `store.passwordFile: ${String(error)}`, { cause: error });
  }
}
