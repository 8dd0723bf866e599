import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { Value } from 'typebox/value';
import { afterEach, describe, expect, test } from 'vitest';
import { KybernError, type SignalBatch } from '../../model/index.ts';
import { createSeriesCatalog } from '../catalog/series-catalog.ts';
import { createCountedMetrics } from '../testing/counted-metrics.ts';
import { nowMs } from '../testing/door.ts';
import { ingestConfig } from '../testing/ingest-config.ts';
import { createMemoryTopic } from '../testing/memory-topic.ts';
import { ScrapeTarget } from './scrape-config.ts';
import { createScraper } from './scraper.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close().closeAllConnections();
});

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`;
}

function scraperOf(url: string, more: Partial<ScrapeTarget> = {}) {
  const limits = { ...ingestConfig().limits, bodyBytes: 100_000 };
  const catalog = createSeriesCatalog(createMemoryTopic(), limits);
  const metrics = createCountedMetrics();
  const appended: SignalBatch[] = [];
  const slept: number[] = [];
  const log = { broken: false };
  const target = Value.Parse(
    ScrapeTarget,
    Value.Default(ScrapeTarget, { url, job: 'stand', timeoutSeconds: 1, labels: { zone: 'a' }, ...more }),
  );
  const scraper = createScraper({
    target,
    limits,
    catalog,
    metrics,
    append: async (batches) => {
      if (log.broken) throw new KybernError('KYBERN_LOG_UNAVAILABLE', 'broken for a test');
      appended.push(...batches);
    },
    clock: {
      now: () => nowMs,
      sleep: async (milliseconds) => {
        slept.push(milliseconds);
        return slept.length < 3;
      },
    },
  });
  const samples = () =>
    appended
      .flatMap((batch) =>
        batch.kind !== 'samples'
          ? []
          : Array.from(
              { length: batch.count },
              (_, row) => `${catalog.get(batch.series[row]).name} ${batch.values[row]}`,
            ),
      )
      .filter((sample) => !sample.startsWith('scrape_duration_seconds'));
  const ends = () =>
    appended.flatMap((batch) => (batch.kind === 'ends' ? Array.from(batch.series, (id) => catalog.get(id).name) : []));
  return { scraper, catalog, metrics, samples, ends, slept, log };
}

const bomb = gzipSync(Buffer.alloc(5_000_000, 'a 1\n'));
const never = new AbortController().signal;

describe('a scrape', () => {
  test('brings the samples of the page and up = 1, all with the labels of the target', async () => {
    const url = await serve((_request, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('cpu_seconds_total{pod="a"} 7\n')),
    );
    const { scraper, samples, catalog } = scraperOf(url);
    await scraper.scrape(never);
    expect(samples()).toEqual(['cpu_seconds_total 7', 'up 1', 'scrape_samples_scraped 1']);
    const instance = new URL(url).host;
    expect(catalog.get(1).labels).toEqual([
      ['instance', instance],
      ['job', 'stand'],
      ['zone', 'a'],
    ]);
    expect(catalog.get(0).entity).toMatchObject({ kind: 'pod', name: 'a' });
  });

  test.each<[string, RequestListener, string]>([
    ['an error', (_request, response) => response.writeHead(500).end('no'), 'KYBERN_UNAVAILABLE'],
    ['a page of HTML', (_request, response) => response.end('<html>'), 'KYBERN_BODY_UNREADABLE'],
    ['a page over the limit', (_request, response) => response.end('a 1\n'.repeat(50_000)), 'KYBERN_BODY_TOO_LARGE'],
    [
      'a bomb',
      (_request, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb),
      'KYBERN_BODY_TOO_LARGE',
    ],
    ['nothing in time', () => {}, 'KYBERN_UNAVAILABLE'],
    ['a broken connection', (request) => request.socket.destroy(), 'KYBERN_UNAVAILABLE'],
  ])('that meets %s brings up = 0 and counts', async (_what, listener, code) => {
    const { scraper, samples, metrics } = scraperOf(await serve(listener));
    await scraper.scrape(never);
    expect(samples()).toEqual(['up 0', 'scrape_samples_scraped 0']);
    expect(metrics.total('kybern_scrape_failures_total', { code })).toBe(1);
  });

  test('that the log refuses is counted, and the next one goes on', async () => {
    const { scraper, samples, metrics, log } = scraperOf(await serve((_request, response) => response.end('a 1\n')));
    log.broken = true;
    await scraper.scrape(never);
    log.broken = false;
    await scraper.scrape(never);
    expect(samples()).toEqual(['a 1', 'up 1', 'scrape_samples_scraped 1']);
    expect(metrics.total('kybern_scrape_failures_total', { code: 'KYBERN_LOG_UNAVAILABLE' })).toBe(1);
  });

  test.each([
    ['application/openmetrics-text; version=1.0.0; charset=utf-8', '# TYPE a counter\na_total 1\n# EOF\n', 'a_total 1'],
    ['text/plain; version=1.0.0; escaping=allow-utf-8', '{"a.b",x="1"} 1\n', 'a.b 1'],
    ['text/plain; version=0.0.4', 'a 1\n', 'a 1'],
  ])('asks for OpenMetrics first and reads %s as what it is', async (type, page, sample) => {
    let accept: string | undefined;
    const url = await serve((request, response) => {
      accept = request.headers.accept;
      response.writeHead(200, { 'content-type': type }).end(page);
    });
    const { scraper, samples } = scraperOf(url);
    await scraper.scrape(never);
    expect(samples()[0]).toBe(sample);
    expect(accept).toMatch(
      /^application\/openmetrics-text;version=1\.0\.0;escaping=allow-utf-8;q=0\.6,.*\*\/\*;q=0\.1$/,
    );
  });

  test('sends the token of a file as it is now, and further headers', async () => {
    const seen: unknown[] = [];
    const url = await serve(({ headers }, response) => {
      seen.push([headers.authorization, headers['x-scope-orgid']]);
      response.end('a 1\n');
    });
    const directory = mkdtempSync(join(tmpdir(), 'kybern-scrape-'));
    const tokenFile = join(directory, 'token');
    const { scraper, samples, metrics } = scraperOf(url, { tokenFile, headers: { 'X-Scope-OrgID': 'shop' } });
    for (const token of ['one', 'two']) {
      writeFileSync(tokenFile, `${token}\n`);
      await scraper.scrape(never);
    }
    rmSync(directory, { recursive: true });
    await scraper.scrape(never);
    expect(seen).toEqual([
      ['Bearer one', 'shop'],
      ['Bearer two', 'shop'],
    ]);
    expect(samples().slice(-2)).toEqual(['up 0', 'scrape_samples_scraped 0']);
    expect(metrics.total('kybern_scrape_failures_total', { code: 'KYBERN_UNAVAILABLE' })).toBe(1);
  });

  test('counts the series that are gone, one by one or with their target, and writes no value for them; those of a living target end', async () => {
    const pages = ['a 1\nb 1\nc 1\n', 'c 2\n', undefined, 'c 3\n'];
    const url = await serve((_request, response) => {
      const page = pages.shift();
      response.writeHead(page === undefined ? 500 : 200).end(page);
    });
    const { scraper, samples, metrics, ends } = scraperOf(url);
    for (let scrapes = 0; scrapes < 4; scrapes++) await scraper.scrape(never);
    expect(metrics.total('kybern_scrape_series_stale_total', { reason: 'series' })).toBe(2);
    expect(metrics.total('kybern_scrape_series_stale_total', { reason: 'target' })).toBe(1);
    expect(samples().filter((sample) => /^[abc] /.test(sample))).toEqual(['a 1', 'b 1', 'c 1', 'c 2', 'c 3']);
    expect(ends()).toEqual(['a', 'b']);
  });

  test('of more samples than its limit is not taken; a series over the limits of labels is left out alone', async () => {
    const url = await serve((_request, response) => response.end('a{x="123456789"} 1\nb 1\n'));
    const limits = { bodyBytes: 100_000, samples: 1, labels: 64, labelNameBytes: 1024, labelValueBytes: 30 };
    const many = scraperOf(url, { limits });
    await many.scraper.scrape(never);
    expect(many.samples()).toEqual(['up 0', 'scrape_samples_scraped 0']);
    expect(many.metrics.total('kybern_scrape_failures_total', { code: 'KYBERN_SCRAPE_LIMIT' })).toBe(1);
    const wide = scraperOf(url, { limits: { ...limits, samples: 2, labelValueBytes: 8 }, labels: {}, job: 'j' });
    await wide.scraper.scrape(never);
    expect(wide.metrics.total('kybern_ingest_items_rejected_total', { reason: 'labels' })).toBe(2);
    expect(wide.metrics.total('kybern_ingest_items_received_total')).toBe(2);
  });

  test("keeps a series' own labels where it is told to honor them", async () => {
    const url = await serve((_request, response) => response.end('a{job="mine",zone=""} 1\n'));
    const { scraper, catalog } = scraperOf(url, { honorLabels: true });
    await scraper.scrape(never);
    expect(catalog.get(0).labels).toEqual([
      ['instance', new URL(url).host],
      ['job', 'mine'],
    ]);
  });

  test('comes at every interval until it is to end', async () => {
    const { scraper, samples, slept } = scraperOf(await serve((_request, response) => response.end('a 1\n')));
    await scraper.run(never);
    expect(slept).toEqual([15_000, 30_000, 45_000]);
    expect(samples().filter((sample) => sample === 'a 1')).toHaveLength(3);
  });
});
