import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { openSeriesCatalog } from '../../ingest/index.ts';
import { lockDataDir, openSegmentLog, openStateFiles } from '../../ingest/log/index.ts';
import { type Clock, KybernError, type Metrics, type SignalBatch } from '../../model/index.ts';
import { createDecisionProjector, createQuarantine, createSignalProjector, openStore } from '../../store/index.ts';
import { systemClock } from '../clock/system-clock.ts';
import type { KybernConfig } from '../config/kybern-config.ts';
import type { Lifecycle } from '../lifecycle/lifecycle.ts';
import { decodeSignalRecord, encodeSignalRecord } from '../pipeline/signal-record.ts';
import type { EngineLogger } from './engine-logger.ts';

/** Opens all that outlives the process: the data directory's lock, the log, the catalogue, the store and its projectors. */
export async function openPersistence(deps: {
  readonly config: KybernConfig;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly logger: EngineLogger;
  readonly lifecycle: Lifecycle;
  /** Lowest offset of the signals that the analysis still needs. */
  readonly analysedTo: () => number;
}) {
  const { config, clock, metrics, logger, lifecycle } = deps;
  const directory = config.dataDir;
  makeDirectory(directory);
  // The other processes that it may wait for live in real time, a replay too.
  const lock = await lockDataDir(directory, systemClock);
  lifecycle.onClose('data directory lock', () => lock.release());

  const tellCorrupt = (error: KybernError) => logger.error({ code: error.code }, error.message);
  let projectedTo = () => 0;
  const log = await openSegmentLog({
    directory: join(directory, 'log'),
    ...config.log,
    metrics,
    clock,
    heldFrom: (topic) => (topic === 'signals' ? Math.min(deps.analysedTo(), projectedTo()) : Number.POSITIVE_INFINITY),
    onCorrupt: tellCorrupt,
  });
  lifecycle.onClose('log', () => log.close());
  const stateFiles = await openStateFiles(join(directory, 'state'), tellCorrupt);
  const catalog = await openSeriesCatalog(log.topic('series'), config.ingest.limits);

  const store = await openStore({ config: config.store, directory: join(directory, 'store'), metrics, clock });
  lifecycle.onClose('store', () => store.close());
  const signalsTopic = log.topic('signals');
  const signals = await createSignalProjector({
    topic: signalsTopic,
    stateFiles,
    store,
    decode: (bytes) => decodeSignalRecord(bytes).batches,
    catalog,
    clock,
    metrics,
    batchBytes: config.store.batchBytes,
    quarantine: createQuarantine(join(directory, 'store', 'unreadable.jsonl'), config.store.rejectedBytes, metrics),
  });
  projectedTo = () => signals.position;
  const decisions = await createDecisionProjector({ topic: log.topic('decisions'), stateFiles, store, clock, metrics });

  return {
    log,
    stateFiles,
    catalog,
    store,
    signals,
    decisions,
    /** Durable once resolved: what a receiver may acknowledge. */
    async append(batches: readonly SignalBatch[]): Promise<void> {
      // A sample must never be durable without the definition of its series.
      await catalog.flush();
      await signalsTopic.append(encodeSignalRecord(clock.now(), batches));
    },
  };
}

function makeDirectory(directory: string): void {
  try {
    mkdirSync(directory, { recursive: true });
  } catch (error) {
    throw new KybernError('KYBERN_DATA_DIR', `${directory} cannot be made`, { cause: error });
  }
}
