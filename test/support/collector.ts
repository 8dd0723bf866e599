import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { connect } from 'node:net';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { eventually } from './kybern-process.ts';
import { stand } from './stand.ts';

export interface Collector {
  /** Host and port of its OTLP/gRPC receiver. */
  readonly endpoint: string;
  /** Of its OTLP/HTTP receiver. */
  readonly httpUrl: string;
  output(): string;
  stop(): Promise<void>;
}

/**
 * The stand's OpenTelemetry Collector, built if need be, under a configuration of ours: the stand's own `start` names the
 * HTTP exporter by its old type, which this Collector doesn't know.
 */
export async function startCollector(options: {
  readonly config: string;
  /** Of OTLP/gRPC; OTLP/HTTP is on the next one. */
  readonly port: number;
  readonly kybernOtlp: string;
}): Promise<Collector> {
  await stand('otel', ['build']);
  const cache =
    process.env.STAND_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'kybern-stand');
  const binary = readdirSync(cache).find((name) => /^otelcol-[\d.]+$/.test(name));
  if (binary === undefined) throw new Error(`the stand built no Collector into ${cache}`);
  const endpoint = `127.0.0.1:${options.port}`;
  const http = `127.0.0.1:${options.port + 1}`;
  const child = spawn(join(cache, binary), ['--config', `file:${options.config}`], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, COLLECTOR_GRPC: endpoint, COLLECTOR_HTTP: http, KYBERN_OTLP: options.kybernOtlp },
  });
  let printed = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (printed += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (printed += text));
  await eventually(
    async () => {
      if (child.exitCode !== null) throw new Error(`the Collector ended with ${child.exitCode}:\n${printed}`);
      return listens(options.port);
    },
    { withinMs: 30_000, what: () => `the Collector to listen:\n${printed}` },
  );
  return { endpoint, httpUrl: `http://${http}`, output: () => printed, stop: () => end(child) };
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('close', () => resolve(false)).setTimeout(1000, () => socket.destroy());
    socket.once('connect', () => socket.destroy());
  });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  await exit;
}
