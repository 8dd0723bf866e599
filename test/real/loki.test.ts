import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  eventually,
  type KybernProcess,
  removeTemporaryDirectories,
  startKybern,
  temporaryDirectory,
} from '../support/kybern-process.ts';
import { readOwnMetrics } from '../support/read-kybern.ts';

const port = 21_220;
const lines = 200;

/** syslog-ng with its HTTP destination: Debian's syslog-ng-core and syslog-ng-mod-http. */
function hasSyslogNg(): boolean {
  if (spawnSync('syslog-ng', ['--version']).stdout?.includes('http')) return true;
  process.stderr.write('\nNOT RUN: no syslog-ng with its HTTP module (Debian: syslog-ng-core, syslog-ng-mod-http)\n');
  return false;
}

/** Follows a file, and sends batches of its lines as Loki's clients do. */
function configOf(file: string, url: string): string {
  return `@version: 3.38
options { stats-freq(0); };
source lines { file("${file}" flags(no-parse) follow-freq(0.2)); };
destination loki {
  http(
    url("${url}") method("POST") headers("Content-Type: application/json")
    body-prefix('{"streams":[{"stream":{"namespace":"shop","app":"cart","host":"\${HOST}"},"values":[')
    body('["\${R_UNIXTIME}000000000", "\${MSG}"]')
    delimiter(",") body-suffix(']}]}')
    batch-lines(50) batch-timeout(200)
  );
};
log { source(lines); destination(loki); };
`;
}

describe.runIf(hasSyslogNg())('a real client of Loki, syslog-ng', () => {
  const directory = temporaryDirectory('kybern-syslog-');
  const [file, config] = [join(directory, 'app.log'), join(directory, 'syslog-ng.conf')];
  let kybern: KybernProcess;
  let client: ChildProcess;
  let printed = '';

  beforeAll(async () => {
    kybern = await startKybern({
      dataDir: temporaryDirectory(),
      port,
      otlpPort: port + 1,
      config: { mode: 'observe' },
    });
    writeFileSync(file, '');
    writeFileSync(config, configOf(file, `${kybern.otlpUrl}/loki/api/v1/push`));
    const places = ['persist-file', 'pidfile', 'control'].map((name) => `--${name}=${join(directory, name)}`);
    client = spawn('syslog-ng', ['--foreground', '--stderr', '--no-caps', '--cfgfile', config, ...places]);
    client.stderr?.setEncoding('utf8').on('data', (text: string) => (printed += text));
  });

  afterAll(async () => {
    const ended = client === undefined ? undefined : once(client, 'exit');
    client?.kill('SIGTERM');
    await ended;
    expect(await kybern?.stop()).toBe(0);
    removeTemporaryDirectories();
  });

  test('every line that it sends is taken once, into the stream that its labels name', async () => {
    appendFileSync(file, Array.from({ length: lines }, (_, index) => `ERROR request ${index} failed\n`).join(''));
    const labels = { protocol: 'loki' };
    await eventually(
      async () => (await readOwnMetrics(kybern))('kybern_ingest_items_accepted_total', labels) >= lines,
      { withinMs: 60_000, what: () => `all lines to arrive:\n${printed}\n${kybern.output().slice(-2000)}` },
    );
    const total = await readOwnMetrics(kybern);
    expect(total('kybern_ingest_items_received_total', labels)).toBe(lines);
    expect(total('kybern_ingest_items_rejected_total', labels)).toBe(0);
    expect(total('kybern_ingest_requests_total', { ...labels, status: '204' })).toBe(
      total('kybern_ingest_requests_total', labels),
    );
  });

  test('the rate of its lines becomes a series of the service', async () => {
    interface Series {
      readonly metric: string;
      readonly entity: { readonly kind: string; readonly namespace: string; readonly name: string };
    }
    const series = await eventually(
      async () => {
        // Windows close by event time: it stands still while nothing arrives.
        appendFileSync(file, 'ERROR request failed again\n');
        const { items } = await kybern.get<{ items: Series[] }>('/api/v1/series?metric=log.records.rate');
        const found = items.filter(({ metric }) => metric === 'log.records.rate');
        return found.length > 0 && found;
      },
      { withinMs: 60_000, what: () => 'a series of the service', everyMs: 1000 },
    );
    expect(series[0].entity).toMatchObject({ kind: 'service', namespace: 'shop', name: 'cart' });
  });
});
