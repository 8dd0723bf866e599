import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { openSegmentLog, openStateFiles } from '../../ingest/log/index.ts';
import { type Clock, noMetrics } from '../../model/index.ts';
import { openClickHouseStore } from '../clickhouse/clickhouse-store.ts';
import { openEmbeddedEngine } from '../clickhouse/embedded-engine.ts';
import { openFilesStore } from '../files/files-store.ts';
import { createSignalProjector } from '../projector/signal-projector.ts';
import { memoryQuarantine } from './rejecting.ts';
import { definition, type SampleRow, sampleBatch } from './signals.ts';

const clock: Clock = {
  now: () => performance.now(),
  sleep: (milliseconds) => pause(milliseconds).then(() => true),
};

/** Real parts from the log to the store, as the engine wires them; a log record is JSON rows of samples. */
export async function openProjection(directory: string, kind = 'embedded') {
  const log = await openSegmentLog({
    directory: join(directory, 'log'),
    segmentBytes: 1 << 20,
    retentionBytes: 1 << 30,
    metrics: noMetrics,
  });
  const place = join(directory, 'store');
  const store =
    kind === 'files' ? await openFilesStore(place, { retentionDays: 0, retentionBytes: 1e9 }) : await embedded(place);
  const topic = log.topic('signals');
  const projector = createSignalProjector({
    topic,
    store,
    stateFiles: await openStateFiles(join(directory, 'state')),
    catalog: { get: (id) => definition(id, `metric ${id}`) },
    decode: (bytes) => [sampleBatch(...(JSON.parse(Buffer.from(bytes).toString()) as SampleRow[]))],
    clock,
    metrics: noMetrics,
    lingerMs: 20,
  });
  const close = async () => {
    await log.close();
    await store.close();
  };
  return { topic, store, projector, close };
}

async function embedded(place: string) {
  const engine = await openEmbeddedEngine(place, 300_000_000);
  return openClickHouseStore(engine, { database: 'kybern', quarantine: memoryQuarantine() });
}
