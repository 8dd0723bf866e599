import { KybernError } from '../../model/index.ts';
import { createSeriesCatalog } from '../catalog/series-catalog.ts';
import { createTally, rejectedItems } from '../intake/tally.ts';
import { defaultTenant } from '../intake/tenant.ts';
import { createRecordDecoder } from '../kafka/source/decode-record.ts';
import { createJsonMetricsDecoder } from '../kafka/source/json-metrics.ts';
import { nowMs } from './door.ts';
import type { FuzzTarget } from './fuzz-targets-push.ts';
import { ingestConfig } from './ingest-config.ts';
import { createMemoryTopic } from './memory-topic.ts';

/** What reads records of Kafka, by name, each used again and again as behind its topic. */
export function kafkaFuzzTargets(): Readonly<Record<string, FuzzTarget>> {
  const { limits } = ingestConfig({ series: 10_000 });
  const catalog = () => createSeriesCatalog(createMemoryTopic(), limits);
  const jsonMetrics = createJsonMetricsDecoder(catalog(), limits);
  const topic = { topic: 'otlp_metrics', format: 'auto', signal: 'auto' } as const;
  const decodeRecord = createRecordDecoder([topic], catalog(), limits);
  return {
    'kafka-json-metrics': codedOnly((bytes) => {
      const tally = createTally();
      const batch = jsonMetrics.decode(bytes, nowMs, nowMs, tally, defaultTenant);
      const dropped = Object.values(tally.dropped).reduce((sum, count) => sum + count, 0);
      if (tally.received !== tally.accepted + rejectedItems(tally) + dropped) throw new Error('an item is unaccounted');
      if (batch.count !== tally.accepted) throw new Error('a sample is not accepted or an accepted one missing');
      for (let row = 0; row < batch.count; row++) {
        if (!Number.isFinite(batch.values[row]) || !(batch.timesMs[row] > 0)) throw new Error('a sample out of range');
      }
    }),
    'kafka-record': codedOnly((bytes) => {
      const value = Buffer.from(bytes);
      const message = { key: null, value, timestamp: String(nowMs), attributes: 0, offset: '0', headers: {} };
      decodeRecord({ topic: topic.topic, partition: 0, message }, nowMs, defaultTenant);
    }),
  };
}

function codedOnly(target: FuzzTarget): FuzzTarget {
  return (bytes) => {
    try {
      target(bytes);
    } catch (error) {
      if (!(error instanceof KybernError) || error.status === 503) throw error;
    }
  };
}
