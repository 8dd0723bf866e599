export { decodeBlock, encodeBlock } from './blocks/block-codec.ts';
export { createPortableEncoder, openPortableBlock, type PortableEncoder } from './blocks/portable-block.ts';
export { splitBatches } from './blocks/split-batches.ts';
export { createProcessCatalog, homeOf, type ProcessCatalog } from './catalog/process-catalog.ts';
export { createScopedCatalog, type ScopedCatalog } from './catalog/scoped-catalog.ts';
export { createSeriesCatalog, type DurableSeriesCatalog, openSeriesCatalog } from './catalog/series-catalog.ts';
export type { CloudEvent, CloudEventData } from './cloudevents/cloud-event.ts';
export {
  type CloudBinding,
  type CloudMessage,
  type CloudMessageContent,
  decodeCloudEvents,
} from './cloudevents/decode-cloud-events.ts';
export { cloudEventsBatch } from './cloudevents/events-batch.ts';
export { createClusterFeed } from './cluster/cluster-feed.ts';
export { IngestConfig, IngestLimits } from './config.ts';
export { type ActiveSeries, createActiveSeries } from './intake/active-series.ts';
export { createKafkaSource } from './kafka/source/kafka-source.ts';
export { createDoorGate, createPrivacy, type Privacy } from './privacy/create-privacy.ts';
export { createQueryPuller } from './query-api/query-puller.ts';
export { createReceivers, type ReceiverDeps, type Receivers } from './receivers/create-receivers.ts';
export { ScrapeTarget } from './scrape/scrape-config.ts';
export { createScraper } from './scrape/scraper.ts';
