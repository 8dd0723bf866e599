import { spawn } from 'node:child_process';
import { openSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { stand } from './stand.ts';

export interface FullPrometheus {
  readonly release: '2' | '3';
  readonly remoteWrite: string;
  readonly scrape: readonly string[];
  /** `STAND_RUN` and `STAND_PROMETHEUS_PORT`. */
  readonly environment: Readonly<Record<'STAND_RUN' | 'STAND_PROMETHEUS_PORT', string>>;
}

/**
 * The stand's Prometheus, started once more with what is off by default: native histograms and exemplars, scraped and
 * sent. The stand's `stop` stops it.
 */
export async function startFullPrometheus({
  release,
  remoteWrite,
  scrape,
  environment,
}: FullPrometheus): Promise<void> {
  const targets = scrape.flatMap((target) => ['--scrape', target]);
  const options = ['--release', release, '--remote-write', remoteWrite, ...targets, '--interval', '1s'];
  await stand('prometheus', ['start', ...options], environment);
  const directory = join(environment.STAND_RUN, 'prometheus');
  const pidFile = join(directory, 'pid');
  const command = readFileSync(`/proc/${readFileSync(pidFile, 'utf8').trim()}/cmdline`, 'utf8')
    .split('\0')
    .slice(0, -1);
  await stand('prometheus', ['stop'], environment);

  const configFile = join(directory, 'prometheus.yml');
  const sendAll = '$&\n    send_exemplars: true\n    send_native_histograms: true';
  writeFileSync(configFile, readFileSync(configFile, 'utf8').replaceAll(/^ {2}- url: .*$/gm, sendAll));
  const log = openSync(join(directory, 'log'), 'a');
  const [binary = '', ...args] = command;
  const features = '--enable-feature=native-histograms,exemplar-storage';
  const child = spawn(binary, [...args, features], { detached: true, stdio: ['ignore', log, log] });
  child.unref();
  writeFileSync(pidFile, `${child.pid}\n`);
}

export interface ExemplarTarget {
  /** `host:port`, to be scraped. */
  readonly address: string;
  close(): void;
}

/** A target in OpenMetrics whose one counter, `shop_orders_total`, has a trace as its example. */
export async function startExemplarTarget(): Promise<ExemplarTarget> {
  let orders = 0;
  const server = createServer((_request, response) => {
    orders++;
    response.setHeader('content-type', 'application/openmetrics-text; version=1.0.0; charset=utf-8');
    const trace = `4bf92f3577b34da6a3ce929d${orders.toString(16).padStart(8, '0')}`;
    response.end(`# TYPE shop_orders counter\nshop_orders_total ${orders}.0 # {trace_id="${trace}"} 1.0\n# EOF\n`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { address: `127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => server.close() };
}
