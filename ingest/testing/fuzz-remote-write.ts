import { KybernError, type SampleBatch } from '../../model/index.ts';
import { createSeriesCatalog } from '../catalog/series-catalog.ts';
import { createSampleWindow } from '../intake/sample-window.ts';
import { createTally, rejectedItems, type Tally } from '../intake/tally.ts';
import { defaultTenant } from '../intake/tenant.ts';
import { createRequest2Decoder } from '../remote-write/decode-request-2.ts';
import { createWriteRequestDecoder } from '../remote-write/decode-write-request.ts';
import { nowMs } from './door.ts';
import { ingestConfig } from './ingest-config.ts';
import { createMemoryTopic } from './memory-topic.ts';

/** Takes any bytes; throws only where a decoder does what it never may. */
export type FuzzTarget = (bytes: Uint8Array) => void;

/** One decoder each, used again and again as behind the door, so that what it remembers is fuzzed with it. */
export function remoteWriteFuzzTargets(): Readonly<Record<'remote-write-1' | 'remote-write-2', FuzzTarget>> {
  return { 'remote-write-1': targetOf(createWriteRequestDecoder), 'remote-write-2': targetOf(createRequest2Decoder) };
}

function targetOf(create: typeof createWriteRequestDecoder): FuzzTarget {
  const { limits } = ingestConfig({ series: 10_000 });
  const window = createSampleWindow(limits);
  const decoder = create({ catalog: createSeriesCatalog(createMemoryTopic(), limits), limits, window });
  return (bytes) => {
    const tally = createTally();
    let batch: SampleBatch;
    try {
      batch = decoder.decode(bytes, nowMs, tally, defaultTenant);
    } catch (error) {
      if (error instanceof KybernError && error.status < 500) return;
      throw error;
    }
    window.committed(batch);
    check(batch, tally);
  };
}

function check(batch: SampleBatch, tally: Tally): void {
  const dropped = Object.values(tally.dropped).reduce((sum, items) => sum + items, 0);
  if (tally.received !== tally.accepted + rejectedItems(tally) + dropped)
    throw new Error('items are not accounted for');
  if (tally.accepted > batch.count) throw new Error('more was accepted than kept');
  for (let row = 0; row < batch.count; row++) {
    if (!Number.isFinite(batch.values[row]) || !Number.isFinite(batch.timesMs[row])) throw new Error('not finite');
  }
}
