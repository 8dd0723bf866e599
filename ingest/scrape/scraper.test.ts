import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from 'vitest';
import { KybernError, type SignalBatch } from '../../model/index.ts';
import { createSeriesCatalog } from '../catalog/series-catalog.ts';
import type { ScrapeTarget } from '../config.ts';
import { createCountedMetrics } from '../testing/counted-metrics.ts';
import { nowMs } from '../testing/door.ts';
import { ingestConfig } from '../testing/ingest-config.ts';
import { createMemoryTopic } from '../testing/memory-topic.ts';
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
  const target = { url, job: 'stand', intervalSeconds: 15, timeoutSeconds: 1, labels: { zone: 'a' }, ...more };
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
    appended.flatMap((batch) =>
      batch.kind !== 'samples'
        ? []
        : Array.from(
            { length: batch.count },
            (_, row) => `${catalog.get(batch.series[row]).name} ${batch.values[row]}`,
          ),
    );
  return { scraper, catalog, metrics, samples, slept, log };
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
    expect(samples()).toEqual(['cpu_seconds_total 7', 'up 1']);
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
    expect(samples()).toEqual(['up 0']);
    expect(metrics.total('kybern_scrape_failures_total', { code })).toBe(1);
  });

  test('that the log refuses is counted, and the next one goes on', async () => {
    const { scraper, samples, metrics, log } = scraperOf(await serve((_request, response) => response.end('a 1\n')));
    log.broken = true;
    await scraper.scrape(never);
    log.broken = false;
    await scraper.scrape(never);
    expect(samples()).toEqual(['a 1', 'up 1']);
    expect(metrics.total('kybern_scrape_failures_total', { code: 'KYBERN_LOG_UNAVAILABLE' })).toBe(1);
  });

  test('comes at every interval until it is to end', async () => {
    const { scraper, samples, slept } = scraperOf(await serve((_request, response) => response.end('a 1\n')));
    await scraper.run(never);
    expect(slept).toEqual([15_000, 30_000, 45_000]);
    expect(samples().filter((sample) => sample === 'a 1')).toHaveLength(3);
  });
});
