import { mkdir, open, readdir, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { ClickHouseLogLevel, createClient } from '@clickhouse/client';
import { drainPending, Session } from 'chdb';
import { createChdbConnection } from 'chdb/connection';
import { KybernError } from '../../model/index.ts';
import { chdbLimits, chdbSettings } from './chdb-settings.ts';
import type { Engine, InsertFormat } from './connection.ts';
import { createPageReturn } from './give-pages-back.ts';
import { forgetUnwrittenParts } from './unwritten-parts.ts';

/**
 * ClickHouse in this process: chDB behind the official client (`chdb/connection`, an experimental hook, so known in
 * this file only). One data directory a process. Rejects with KYBERN_STORE where the engine doesn't start.
 */
export async function openEmbeddedEngine(directory: string, memoryLimitBytes: number): Promise<Engine> {
  // The engine reads file names from statements and settings: absolute ones mean the same to it as to us.
  const home = resolve(directory);
  const inbox = join(home, 'inbox');
  const { keeper, client } = await start(home, inbox, memoryLimitBytes);
  let number = 0;
  const giveBack = createPageReturn((query) => client.command({ query }));

  // The client's own insert turns the body into a JavaScript string, which binary formats don't survive and large ones
  // shouldn't: the engine reads a file instead.
  async function insert(
    into: string,
    clause: string,
    format: InsertFormat,
    body: readonly Uint8Array[],
  ): Promise<void> {
    const path = join(inbox, String(number++));
    try {
      const file = await open(path, 'w');
      try {
        for (const chunk of body) await file.write(chunk);
      } finally {
        await file.close();
      }
      await client.command({
        query: `INSERT INTO ${into} FROM INFILE ${quoted(path)} SETTINGS ${clause} FORMAT ${format}`,
      });
    } finally {
      await rm(path, { force: true });
    }
    await giveBack(body.reduce((sum, chunk) => sum + chunk.length, 0));
  }

  async function close(): Promise<void> {
    await client.close();
    keeper.close();
    // The engine lets go of the directory only once nothing runs on it any more.
    await drainPending();
  }

  return { name: 'clickhouse embedded', use: (run) => run(client), insert, close };
}

// The client and chDB each bring their own copy of the same declarations, which TypeScript holds for different.
type Hook = NonNullable<NonNullable<Parameters<typeof createClient>[0]>['connection']>;

/** The first session decides the engine's settings; the client's connection joins it on the same directory. */
async function start(home: string, inbox: string, memoryLimitBytes: number) {
  try {
    const data = join(home, 'data');
    const settings = join(home, 'settings.xml');
    await mkdir(data, { recursive: true });
    await mkdir(inbox, { recursive: true });
    for (const name of await readdir(inbox)) await rm(join(inbox, name));
    await writeFile(settings, chdbSettings(memoryLimitBytes));
    await forgetUnwrittenParts(data);
    const keeper = new Session(data, { connectionArgs: [`--config-file=${settings}`] });
    const connection = createChdbConnection({ path: data }) as unknown as Hook;
    // Its errors are thrown too, and it would write to the console.
    const client = createClient({ connection, log: { level: ClickHouseLogLevel.OFF } });
    await client.command({ query: chdbLimits(memoryLimitBytes) });
    return { keeper, client };
  } catch (error) {
    throw new KybernError('KYBERN_STORE', `${home}: ${String(error)}`, { cause: error });
  }
}

function quoted(path: string): string {
  return `'${path.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
