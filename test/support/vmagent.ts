import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { temporaryDirectory } from './kybern-process.ts';
import { stand } from './stand.ts';

const { STAND_CACHE, XDG_CACHE_HOME } = process.env;
const cache = STAND_CACHE ?? join(XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'kybern-stand');

/** VictoriaMetrics' agent lies beside the server of the stand, which is fetched by starting it once. */
async function vmagentBinary(): Promise<string> {
  const binary = join(cache, 'sid-victoria-metrics/usr/bin/vmagent');
  if (!existsSync(binary)) {
    const environment = { STAND_RUN: temporaryDirectory('kybern-stand-'), STAND_VM_PORT: '21096' };
    await stand('victoriametrics', ['start'], environment);
    await stand('victoriametrics', ['stop'], environment);
  }
  return binary;
}

/** A vmagent that scrapes these targets once a second and writes what it has to this address. */
export async function startVmagent(options: {
  readonly remoteWrite: string;
  readonly scrape: readonly string[];
  readonly port: number;
}): Promise<ChildProcess> {
  const directory = temporaryDirectory('kybern-vmagent-');
  const configFile = join(directory, 'scrape.yml');
  const targets = options.scrape.map((target) => `'${target}'`).join(', ');
  writeFileSync(
    configFile,
    `global: { scrape_interval: 1s }\nscrape_configs:\n  - { job_name: vm, static_configs: [ { targets: [${targets}] } ] }\n`,
  );
  const args = [
    `-promscrape.config=${configFile}`,
    `-remoteWrite.url=${options.remoteWrite}`,
    `-remoteWrite.tmpDataPath=${join(directory, 'queue')}`,
    `-httpListenAddr=127.0.0.1:${options.port}`,
  ];
  return spawn(await vmagentBinary(), args, { stdio: 'ignore' });
}
