import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { join } from 'node:path';
import { Counter, collectDefaultMetrics, Histogram, type OpenMetricsContentType, Registry, Summary } from 'prom-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readPage } from '../../ingest/testing/read-page.ts';
import {
  eventually,
  type KybernProcess,
  removeTemporaryDirectories,
  startKybern,
  temporaryDirectory,
} from '../support/kybern-process.ts';
import { pointsOf, readOwnMetrics } from '../support/read-kybern.ts';
import { stand, standHas } from '../support/stand.ts';

const ports = { prometheus: 21_350, victoriametrics: 21_360, kybern: 21_370, otlp: 21_371, secure: 21_372 };
const page = `http://127.0.0.1:${ports.prometheus}/metrics`;
const victoriaPage = `http://127.0.0.1:${ports.victoriametrics}/metrics`;

describe.runIf(standHas('prometheus') && standHas('victoriametrics'))('the pages of real exporters', () => {
  const environment = {
    STAND_RUN: temporaryDirectory('kybern-stand-'),
    STAND_PROMETHEUS_PORT: String(ports.prometheus),
    STAND_VM_PORT: String(ports.victoriametrics),
  };
  let kybern: KybernProcess;
  let secure: Awaited<ReturnType<typeof serveOverTls>>;

  beforeAll(async () => {
    secure = await serveOverTls(temporaryDirectory());
    await stand('prometheus', ['start', '--release', '3', '--interval', '1s'], environment);
    await stand('victoriametrics', ['start'], environment);
    // A page that a busy machine gives late is not to count as one that is down.
    const target = { intervalSeconds: 2, timeoutSeconds: 2 };
    kybern = await startKybern({
      dataDir: temporaryDirectory(),
      port: ports.kybern,
      otlpPort: ports.otlp,
      config: {
        mode: 'observe',
        ingest: {
          scrape: [
            { ...target, url: page, job: 'prometheus' },
            { ...target, url: page, job: 'text', openMetrics: false },
            { ...target, url: victoriaPage, job: 'victoria' },
            { ...target, url: `http://127.0.0.1:${ports.kybern}/metrics`, job: 'kybern' },
            { ...target, url: secure.url, job: 'tls', tls: { caFile: secure.caFile, serverName: 'exporter.test' } },
            { ...target, url: secure.url, job: 'untrusted' },
          ],
        },
      },
    });
  });

  afterAll(async () => {
    expect(await kybern?.stop()).toBe(0);
    secure.server.close().closeAllConnections();
    await stand('victoriametrics', ['stop'], environment);
    await stand('prometheus', ['stop'], environment).catch(() => {});
    removeTemporaryDirectories();
  });

  test('of prom-client have the same samples in both formats', async () => {
    function fill<T extends Registry | Registry<OpenMetricsContentType>>(registry: T): T {
      const shared = { help: 'text "of" \\ \n', registers: [registry] };
      new Counter({ ...shared, name: 'requests_total', labelNames: ['code'] }).inc({ code: '200' }, 2);
      new Summary({ ...shared, name: 'size' }).observe(3);
      new Histogram({ ...shared, name: 'latency', labelNames: ['m'] }).observe({ m: 'GET' }, 0.3);
      return registry;
    }
    const open = fill(new Registry<OpenMetricsContentType>());
    open.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
    const openMetrics = readPage(await open.metrics(), 'openmetrics');
    const text = readPage(await fill(new Registry()).metrics(), 'text');
    expect(openMetrics.samples.length).toBeGreaterThan(20);
    expect(openMetrics.samples).toEqual(text.samples);

    const traced = new Histogram({ name: 'traced', help: 'Time.', registers: [open], enableExemplars: true });
    traced.observe({ value: 0.3, exemplarLabels: { traceId: 'ab' } });
    collectDefaultMetrics({ register: open });
    const whole = readPage(await open.metrics(), 'openmetrics');
    expect(whole.samples.length).toBeGreaterThan(openMetrics.samples.length + 50);
    expect(whole.exemplars).toBe(1);
  });

  test.each(['prometheus', 'text', 'victoria', 'kybern'])(
    'of %s are up, scraped each two seconds and queryable',
    async (job) => {
      const query = `&label.job=${job}`;
      const up = await pointsOf(kybern, 'up', 5, query);
      expect(up.every((value) => value === 1)).toBe(true);
      const series = await kybern.get<{ items: { labels: Record<string, string> }[] }>('/api/v1/series?metric=up');
      expect(series.items.map(({ labels }) => labels.job)).toContain(job);
    },
  );

  test('over TLS are read where the certificate is of the authority and name that were told, and else are not', async () => {
    const trusted = await pointsOf(kybern, 'up', 3, '&label.job=tls');
    expect(trusted.every((value) => value === 1)).toBe(true);
    const untrusted = await pointsOf(kybern, 'up', 3, '&label.job=untrusted');
    expect(untrusted.every((value) => value === 0)).toBe(true);
  });

  test('a target that goes away is down and its series are stale; every sample is accounted for', async () => {
    const before = (await readOwnMetrics(kybern))('kybern_scrape_series_stale_total', { reason: 'target' });
    await stand('prometheus', ['stop'], environment);
    const total = await eventually(
      async () => {
        const now = await readOwnMetrics(kybern);
        return now('kybern_scrape_series_stale_total', { reason: 'target' }) > before + 500 && now;
      },
      { withinMs: 60_000, what: () => 'the series of Prometheus to be stale' },
    );
    expect(total('kybern_scrape_failures_total', { code: 'KYBERN_BODY_UNREADABLE' })).toBe(0);
    const at = { protocol: 'scrape' };
    expect(total('kybern_ingest_items_received_total', at)).toBe(
      total('kybern_ingest_items_accepted_total', at) +
        total('kybern_ingest_items_rejected_total', at) +
        total('kybern_ingest_items_dropped_total', at),
    );
  });
});

/** An exporter with a certificate of its own for `exporter.test`. */
async function serveOverTls(directory: string) {
  const [keyFile, caFile] = [join(directory, 'key.pem'), join(directory, 'cert.pem')];
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', keyFile];
  const name = ['-subj', '/CN=exporter.test', '-addext', 'subjectAltName=DNS:exporter.test', '-days', '2'];
  execFileSync('openssl', ['req', '-x509', ...key, '-out', caFile, ...name], { stdio: 'ignore' });
  const server = createServer({ key: readFileSync(keyFile), cert: readFileSync(caFile) }, (_request, response) =>
    response.end('a 1\n'),
  );
  await new Promise<void>((resolve) => server.listen(ports.secure, '127.0.0.1', resolve));
  return { server, caFile, url: `https://127.0.0.1:${ports.secure}/metrics` };
}
