import { createSeriesCatalog } from '../catalog/series-catalog.ts';
import type { IngestLimits } from '../config.ts';
import { rejectedItems } from '../intake/tally.ts';
import { defaultTenant } from '../intake/tenant.ts';
import { createRecordDecoder } from '../kafka/source/decode-record.ts';
import type { KafkaRecord } from '../kafka/source/kafka-record.ts';
import { ingestConfig } from './ingest-config.ts';
import { createMemoryTopic } from './memory-topic.ts';

/** A reader of records of these topics that tells what became of one: its code, or what was kept and refused of it. */
export function createRecordReader(
  topics: Parameters<typeof createRecordDecoder>[0],
  limits: Partial<IngestLimits> = {},
) {
  const config = ingestConfig(limits).limits;
  const decode = createRecordDecoder(topics, createSeriesCatalog(createMemoryTopic(), config), config);
  return (topic: string, message: Partial<KafkaRecord['message']>): string => {
    const whole = { key: null, value: null, timestamp: String(Date.now()), attributes: 0, offset: '0', headers: {} };
    try {
      const read = decode(
        { topic, partition: 0, message: { ...whole, ...message } as KafkaRecord['message'] },
        Date.now(),
        defaultTenant,
      );
      if (read.kind !== 'items') return read.kind;
      const rows = read.batches.reduce((sum, { count }) => sum + count, 0);
      const rejected = rejectedItems(read.tally);
      return `${rows} kept${rejected === 0 ? '' : `, ${rejected} rejected`}`;
    } catch (error) {
      return (error as { code?: string }).code ?? String(error);
    }
  };
}
