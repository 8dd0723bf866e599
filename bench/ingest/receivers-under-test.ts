import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { startKybern, temporaryDirectory } from '../../test/support/kybern-process.ts';
import { stand } from '../../test/support/stand.ts';

import { settled } from './settled.ts';

/** A receiver of remote-write in a process of its own. */
export interface Receiver {
  readonly name: string;
  /** Where bodies are posted. */
  readonly writeUrl: string;
  readonly pid: number;
  /** Resolves when all that it acknowledged has gone the whole way. */
  settled(): Promise<void>;
  stop(): Promise<void>;
}

/** Kybern whole: detection with the network, embedded store. */
export async function startWhole(port: number, config: Readonly<Record<string, unknown>> = {}): Promise<Receiver> {
  const dataDir = temporaryDirectory('kybern-bench-');
  const kybern = await startKybern({ dataDir, port, otlpPort: port + 1, config });
  return {
    name: 'kybern',
    writeUrl: `${kybern.url}/api/v1/write`,
    pid: kybern.child.pid!,
    settled: () => settled(kybern.url),
    async stop() {
      await kybern.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** The doors and the log with fsync, nothing behind them. */
export async function startDoors(): Promise<Receiver> {
  const child = fork(join(import.meta.dirname, 'doors-child.ts'), {
    execPath: process.execPath,
    execArgv: ['--max-semi-space-size=4', '--disable-warning=ExperimentalWarning'],
  });
  const [url] = (await once(child, 'message')) as [string];
  return {
    name: 'doors and log',
    writeUrl: `${url}/api/v1/write`,
    pid: child.pid!,
    settled: async () => {},
    stop: () => ended(child),
  };
}

async function ended(child: ChildProcess): Promise<void> {
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  await exit;
}

/** A peer that the stand starts, with its data in a directory of its own. */
export async function startPeer(script: 'prometheus' | 'victoriametrics', port: number): Promise<Receiver> {
  const run = temporaryDirectory('kybern-bench-peer-');
  const environment = { STAND_RUN: run, STAND_PROMETHEUS_PORT: String(port), STAND_VM_PORT: String(port) };
  // Old samples in order of time are refused by nobody; Prometheus keeps what is within its last hours.
  await stand(
    script,
    script === 'prometheus' ? ['start', '--release', '3', '--interval', '60s'] : ['start'],
    environment,
  );
  return {
    name: script,
    writeUrl: `http://127.0.0.1:${port}/api/v1/write`,
    pid: Number(readFileSync(join(run, script, 'pid'), 'utf8')),
    settled: async () => {},
    async stop() {
      await stand(script, ['stop'], environment);
      rmSync(run, { recursive: true, force: true });
    },
  };
}
