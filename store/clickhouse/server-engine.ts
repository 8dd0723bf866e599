import { readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { type ClickHouseClient, ClickHouseLogLevel, createClient } from '@clickhouse/client';
import { KybernError } from '../../model/index.ts';
import type { StoreConfig } from '../config.ts';
import type { Engine, InsertFormat } from './connection.ts';
import { refusalOf } from './refusal.ts';

/**
 * A ClickHouse server over HTTP, or several replicas: while one does not answer, the next is asked, and stays the first
 * to be asked. A refused password is read again from its file. Rejects with KYBERN_CONFIG where a file can't be read.
 */
export async function openServerEngine(config: StoreConfig): Promise<Engine> {
  const urls = [config.url, ...config.urls].filter((url) => url !== '');
  if (urls.length === 0) throw new KybernError('KYBERN_CONFIG', 'store.url: kind server needs the address of one');
  const tls = await readTls(config);
  let password = await readPassword(config.passwordFile);
  let clients = urls.map(clientOf);
  let preferred = 0;

  function clientOf(url: string): ClickHouseClient {
    return createClient({
      url,
      username: config.username,
      password,
      request_timeout: config.timeoutSeconds * 1000,
      application: 'kybern',
      // Its errors are thrown too, and it would write to the console.
      log: { level: ClickHouseLogLevel.OFF },
      compression: { request: true, response: true },
      // The server would else answer before an insert is on its disk.
      clickhouse_settings: { async_insert: 0 },
      ...tls,
    });
  }

  async function use<T>(run: (client: ClickHouseClient) => Promise<T>): Promise<T> {
    try {
      return await onAnyReplica(run);
    } catch (error) {
      if (refusalOf(error) !== 'access' || !(await passwordIsNew())) throw error;
      return onAnyReplica(run);
    }
  }

  // What may have been done by one that fell silent may be done again: every statement of ours has its identity.
  async function onAnyReplica<T>(run: (client: ClickHouseClient) => Promise<T>): Promise<T> {
    for (let asked = 1; ; asked++) {
      const chosen = preferred;
      try {
        return await run(clients[chosen]);
      } catch (error) {
        if (refusalOf(error) !== 'away') throw error;
        if (preferred === chosen) preferred = (chosen + 1) % clients.length;
        if (asked >= clients.length) throw error;
      }
    }
  }

  async function passwordIsNew(): Promise<boolean> {
    const read = await readPassword(config.passwordFile);
    if (read === password) return false;
    password = read;
    const old = clients;
    clients = urls.map(clientOf);
    for (const client of old) void client.close().catch(() => {});
    return true;
  }

  function insert(into: string, clause: string, format: InsertFormat, body: readonly Uint8Array[]): Promise<void> {
    return use(async (client) => {
      const result = await client.exec({
        query: `INSERT INTO ${into} SETTINGS ${clause} FORMAT ${format}`,
        values: Readable.from(body, { objectMode: false }),
      });
      // An answer left unread keeps its connection busy.
      for await (const _ of result.stream);
    });
  }

  async function close(): Promise<void> {
    await Promise.all(clients.map((client) => client.close()));
  }

  return { name: `clickhouse ${urls.join(' ')}`, use, insert, close };
}

async function readTls({ caFile, certFile, keyFile }: StoreConfig) {
  const ca = await readNamed('caFile', caFile);
  const cert = await readNamed('certFile', certFile);
  const key = await readNamed('keyFile', keyFile);
  if ((cert === undefined) !== (key === undefined))
    throw new KybernError('KYBERN_CONFIG', 'store.certFile and store.keyFile go together');
  if (ca === undefined) {
    if (cert !== undefined) throw new KybernError('KYBERN_CONFIG', 'store.certFile needs store.caFile');
    return {};
  }
  return cert === undefined || key === undefined ? { tls: { ca_cert: ca } } : { tls: { ca_cert: ca, cert, key } };
}

async function readPassword(path: string): Promise<string> {
  return (await readNamed('passwordFile', path))?.toString('utf8').trimEnd() ?? '';
}

async function readNamed(setting: string, path: string): Promise<Buffer | undefined> {
  if (path === '') return undefined;
  try {
    return await readFile(path);
  } catch (error) {
    throw new KybernError('KYBERN_CONFIG', `store.${setting}: ${String(error)}`, { cause: error });
  }
}
