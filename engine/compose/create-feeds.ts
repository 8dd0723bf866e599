import {
  createClusterFeed,
  createDoorGate,
  createKafkaSource,
  createQueryPuller,
  createScraper,
} from '../../ingest/index.ts';
import type {
  Clock,
  ClusterPort,
  Metrics,
  PartStanding,
  SeriesCatalog,
  SignalBatch,
  StateFiles,
} from '../../model/index.ts';
import type { KybernConfig } from '../config/kybern-config.ts';
import type { EngineLogger } from './engine-logger.ts';

export interface Feed {
  readonly name: string;
  readonly run: (signal: AbortSignal) => Promise<void>;
  /** Whether each of several processes fetches its part; otherwise only the one that decides does. */
  readonly shared?: true;
  /** Fetches once, for those who keep time themselves. */
  readonly poll: () => Promise<void>;
  /** Whether what it fetches can be read; what others send is taken in all the same. */
  readonly standing?: () => PartStanding & { readonly spared: true };
}

const spared = { spared: true } as const;

/** What Kybern fetches by itself: the cluster's objects and events, the scrape targets, and topics of Kafka. */
export function createFeeds(deps: {
  readonly config: KybernConfig;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly logger: EngineLogger;
  readonly catalog: SeriesCatalog;
  readonly stateFiles: StateFiles;
  readonly append: (batches: readonly SignalBatch[]) => Promise<void>;
  readonly cluster?: ClusterPort;
}): Feed[] {
  const { config, clock, metrics, logger, catalog, stateFiles, append, cluster } = deps;
  const { limits } = config.ingest;
  const feeds: Feed[] = config.ingest.scrape.map((target): Feed => {
    const scraper = createScraper({ target, catalog, append, clock, metrics, limits });
    return { name: `scrape ${target.url}`, run: scraper.run, poll: () => scraper.scrape(new AbortController().signal) };
  });
  for (const source of config.ingest.kafka) {
    const gate = createDoorGate({ config: config.ingest, metrics });
    const kafka = createKafkaSource({
      config: source,
      limits,
      catalog,
      append,
      clock,
      metrics,
      gate,
      log: deps.logger,
    });
    const standing = () => ({ part: `kafka ${source.name}`, ...kafka.standing(), ...spared });
    // It keeps its own time: simulated time reads nothing from Kafka.
    feeds.push({ name: `kafka ${source.name}`, run: kafka.run, shared: true, poll: async () => {}, standing });
  }
  for (const source of config.ingest.queries) {
    const puller = createQueryPuller({
      source,
      limits,
      catalog,
      append,
      clock,
      metrics,
      stateFiles,
      tell: (level, text) => logger[level]({ source: source.name }, text),
    });
    feeds.push({
      name: `queries ${source.name}`,
      run: puller.run,
      poll: async () => void (await puller.pull(new AbortController().signal)),
      standing: () => ({ part: `queries ${source.name}`, ...puller.standing(), ...spared }),
    });
  }
  if (cluster !== undefined) {
    const feed = createClusterFeed({
      cluster,
      append,
      clock,
      metrics,
      intervalSeconds: config.kubernetes.snapshotSeconds,
    });
    const standing = () => ({ part: 'cluster', ...feed.standing(), ...spared });
    feeds.push({ name: `watch ${cluster.name}`, run: feed.run, poll: feed.poll, standing });
  }
  return feeds;
}
