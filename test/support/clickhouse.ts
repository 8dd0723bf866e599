import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { Value } from 'typebox/value';
import { StoreConfig } from '../../store/index.ts';
import { repositoryRoot, temporaryDirectory } from './kybern-process.ts';
import { standPath } from './stand.ts';

export const clickHouseServer = 'clickhouse-http/server.mjs';

export interface ClickHouse {
  readonly url: string;
  /** Orders a fault; what it can be is at the top of the stand's script. */
  fault(order: Readonly<Record<string, unknown>>): Promise<void>;
  noFaults(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts the stand's ClickHouse behind HTTP, with data of its own. */
export async function startClickHouse(args: readonly string[] = []): Promise<ClickHouse> {
  const data = join(temporaryDirectory('kybern-clickhouse-'), 'data');
  const running: ChildProcess = spawn(
    process.execPath,
    [join(standPath, clickHouseServer), '--port', '0', '--data', data, ...args],
    { cwd: repositoryRoot, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const [line] = await once(running.stdout as NodeJS.ReadableStream, 'data');
  const { url, control } = JSON.parse(String(line)) as { url: string; control: string };
  return {
    url,
    fault: async (order) => {
      await fetch(`${control}/faults`, { method: 'POST', body: JSON.stringify(order) });
    },
    noFaults: async () => {
      await fetch(`${control}/faults`, { method: 'DELETE' });
    },
    stop: async () => {
      running.kill();
      if (running.exitCode === null) await once(running, 'exit');
    },
  };
}

/** The configuration of a store on it, with what is not told as by default. */
export function serverConfig(changes: Partial<StoreConfig>): StoreConfig {
  return {
    ...(Value.Default(StoreConfig, {}) as StoreConfig),
    kind: 'server',
    retentionDays: 0,
    timeoutSeconds: 5,
    ...changes,
  };
}
