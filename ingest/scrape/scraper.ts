import {
  type Clock,
  canonicalLabels,
  type EndBatch,
  KybernError,
  type Metrics,
  type SampleBatch,
  type SeriesCatalog,
  type SignalBatch,
} from '../../model/index.ts';
import type { IngestLimits } from '../config.ts';
import { fetchBody, withoutSecrets } from '../fetching/fetch-body.ts';
import { createIngestMetrics } from '../intake/ingest-metrics.ts';
import { createTally, type Tally } from '../intake/tally.ts';
import { acceptHeader, formatOf } from './page-format.ts';
import type { PageParser } from './page-parser.ts';
import { createExpositionParser } from './parse-exposition.ts';
import { createOpenMetricsParser } from './parse-open-metrics.ts';
import type { ScrapeTarget } from './scrape-config.ts';
import { createVanishedSeries } from './vanished-series.ts';

export interface ScraperDeps {
  readonly target: ScrapeTarget;
  readonly limits: IngestLimits;
  readonly catalog: SeriesCatalog;
  /** Durable once resolved. */
  readonly append: (batches: SignalBatch[]) => Promise<void>;
  readonly clock: Clock;
  readonly metrics: Metrics;
}

const nothing = new Uint32Array(0);

/**
 * Scrapes one target at its interval. Every series gets the labels `instance` (host and port) and `job`. As Prometheus
 * does, each scrape adds `up` (1 where the page was read and understood, else 0), `scrape_duration_seconds` and
 * `scrape_samples_scraped`.
 */
export function createScraper({ target, limits, catalog, append, clock, metrics }: ScraperDeps) {
  const labels = canonicalLabels([
    ['instance', new URL(target.url).host],
    ['job', target.job],
    ...Object.entries(target.labels),
  ]);
  const own = { own: labels, honor: target.honorLabels };
  const held = tighter(limits, target.limits);
  const parsers: Readonly<Record<ReturnType<typeof formatOf>, PageParser>> = {
    openmetrics: createOpenMetricsParser(catalog, held, own, target),
    text: createExpositionParser(catalog, held, own, target),
  };
  const vanished = createVanishedSeries();
  const counts = createIngestMetrics(metrics);
  const failures = metrics.counter('kybern_scrape_failures_total', 'Scrapes that failed, by error code.', ['code']);
  const stale = metrics.counter(
    'kybern_scrape_series_stale_total',
    'Series that a target had in one scrape and not in the next.',
    ['reason'],
  );
  const exemplars = metrics.counter('kybern_scrape_exemplars_total', 'Exemplars read; they are not kept.');
  const headers = {
    accept: acceptHeader(target.openMetrics),
    'x-prometheus-scrape-timeout-seconds': String(target.timeoutSeconds),
  };

  function reportBatch(timeMs: number, up: 0 | 1, samples: number): SampleBatch {
    const report: readonly (readonly [string, number])[] = [
      ['up', up],
      ['scrape_duration_seconds', Math.max(0, clock.now() - timeMs) / 1000],
      ['scrape_samples_scraped', samples],
    ];
    const idOf = (name: string) => catalog.intern({ name, labels, kind: 'gauge', unit: '', origin: 'received' });
    return {
      kind: 'samples',
      count: report.length,
      series: Uint32Array.from(report, ([name]) => idOf(name)),
      timesMs: new Float64Array(report.length).fill(timeMs),
      values: Float64Array.from(report, ([, value]) => value),
    };
  }

  async function readPage(timeMs: number, tally: Tally, signal: AbortSignal): Promise<SampleBatch> {
    const page = await fetchBody(
      {
        url: target.url,
        access: target,
        headers,
        timeoutMs: target.timeoutSeconds * 1000,
        bodyBytes: Math.min(limits.bodyBytes, target.limits.bodyBytes),
      },
      signal,
    );
    const parser = parsers[formatOf(page.contentType)];
    counts.request('scrape', 'metrics', page.status, page.body.length);
    if (page.status < 200 || page.status > 299) {
      throw new KybernError('KYBERN_UNAVAILABLE', `${withoutSecrets(target.url)} answers ${page.status}`);
    }
    const before = parser.exemplars;
    const batch = parser.parse(page.body, timeMs, tally);
    exemplars.add(parser.exemplars - before);
    if (tally.received > target.limits.samples) {
      throw new KybernError(
        'KYBERN_SCRAPE_LIMIT',
        `${tally.received} samples, at most ${target.limits.samples} are taken`,
      );
    }
    return batch;
  }

  function failed(error: unknown): void {
    if (!(error instanceof KybernError)) throw error;
    failures.add(1, { code: error.code });
  }

  /** One scrape: the target's samples and the report on it, durable once resolved. What goes wrong is counted. */
  async function scrape(signal: AbortSignal): Promise<void> {
    const timeMs = clock.now();
    let tally = createTally();
    let page: SampleBatch | undefined;
    // Of a target that lives. Where it does not, its series are silent, and that is news.
    let gone: Uint32Array = nothing;
    try {
      page = await readPage(timeMs, tally, signal);
      gone = vanished.next(page.series);
      stale.add(gone.length, { reason: 'series' });
    } catch (error) {
      if (signal.aborted) return;
      failed(error);
      // Nothing of such a page is taken, so none of its samples counts as received.
      tally = createTally();
      stale.add(vanished.next(nothing).length, { reason: 'target' });
    }
    try {
      const report = reportBatch(timeMs, page === undefined ? 0 : 1, tally.received);
      await append([...(page === undefined || page.count === 0 ? [] : [page]), ...endsOf(gone, timeMs), report]);
    } catch (error) {
      tally.rejected.log += tally.accepted;
      tally.accepted = 0;
      failed(error);
    }
    counts.items('scrape', 'metrics', tally);
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

function tighter(limits: IngestLimits, own: ScrapeTarget['limits']): IngestLimits {
  return {
    ...limits,
    labels: Math.min(limits.labels, own.labels),
    labelNameBytes: Math.min(limits.labelNameBytes, own.labelNameBytes),
    labelValueBytes: Math.min(limits.labelValueBytes, own.labelValueBytes),
  };
}

function endsOf(series: Uint32Array, timeMs: number): EndBatch[] {
  const { length: count } = series;
  return count === 0 ? [] : [{ kind: 'ends', count, series, timesMs: new Float64Array(count).fill(timeMs) }];
}
