import {
  type Clock,
  canonicalLabels,
  KybernError,
  type Metrics,
  type SampleBatch,
  type SeriesCatalog,
  type SignalBatch,
} from '../../model/index.ts';
import type { IngestLimits, ScrapeTarget } from '../config.ts';
import { createIngestMetrics } from '../intake/ingest-metrics.ts';
import { createTally } from '../intake/tally.ts';
import { fetchPage } from './fetch-page.ts';
import { createExpositionParser } from './parse-exposition.ts';

export interface ScraperDeps {
  readonly target: ScrapeTarget;
  readonly limits: IngestLimits;
  readonly catalog: SeriesCatalog;
  /** Durable once resolved. */
  readonly append: (batches: SignalBatch[]) => Promise<void>;
  readonly clock: Clock;
  readonly metrics: Metrics;
}

/**
 * Scrapes one target at its interval. Every series gets the labels `instance` (host and port) and `job`; the series `up`
 * is 1 where the page was read and understood, 0 where not.
 */
export function createScraper({ target, limits, catalog, append, clock, metrics }: ScraperDeps) {
  const labels = canonicalLabels([
    ...Object.entries(target.labels),
    ['instance', new URL(target.url).host],
    ['job', target.job],
  ]);
  const parser = createExpositionParser(catalog, limits, labels);
  const counts = createIngestMetrics(metrics);
  const failures = metrics.counter('kybern_scrape_failures_total', 'Scrapes that failed, by error code.', ['code']);
  const fetchLimits = { timeoutMs: target.timeoutSeconds * 1000, bodyBytes: limits.bodyBytes };

  function upBatch(timeMs: number, up: 0 | 1): SampleBatch {
    const id = catalog.intern({ name: 'up', labels, kind: 'gauge', unit: '', origin: 'received' });
    return {
      kind: 'samples',
      count: 1,
      series: Uint32Array.of(id),
      timesMs: Float64Array.of(timeMs),
      values: Float64Array.of(up),
    };
  }

  async function readTarget(timeMs: number, signal: AbortSignal): Promise<SignalBatch[]> {
    const tally = createTally();
    const page = await fetchPage(target.url, fetchLimits, signal);
    const batch = parser.parse(page, timeMs, tally);
    counts.items('scrape', 'metrics', tally);
    return [batch, upBatch(timeMs, 1)];
  }

  function failed(error: unknown): void {
    if (!(error instanceof KybernError)) throw error;
    failures.add(1, { code: error.code });
  }

  /** One scrape: the target's samples and `up`, durable once resolved. What goes wrong is counted. */
  async function scrape(signal: AbortSignal): Promise<void> {
    const timeMs = clock.now();
    let batches: SignalBatch[];
    try {
      batches = await readTarget(timeMs, signal);
    } catch (error) {
      if (signal.aborted) return;
      failed(error);
      batches = [upBatch(timeMs, 0)];
    }
    await append(batches).catch(failed);
  }

  return {
    scrape,
    /** Scrapes until the signal aborts. A slow scrape delays the next one, it is never overtaken. */
    async run(signal: AbortSignal): Promise<void> {
      const intervalMs = target.intervalSeconds * 1000;
      let dueMs = clock.now();
      while (!signal.aborted) {
        await scrape(signal);
        dueMs = Math.max(dueMs + intervalMs, clock.now());
        if (!(await clock.sleep(Math.max(0, dueMs - clock.now()), signal))) return;
      }
    },
  };
}
