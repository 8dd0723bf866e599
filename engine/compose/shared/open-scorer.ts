import { createPortableEncoder, openPortableBlock } from '../../../ingest/index.ts';
import type { KafkaLog } from '../../../ingest/log/index.ts';
import {
  type BandBatch,
  type Clock,
  type Decision,
  type Detectors,
  KybernError,
  type LogRecord,
  type Metrics,
  type SampleBatch,
  type SeriesCatalog,
  type Store,
} from '../../../model/index.ts';
import { createSignalProjector, type Quarantine } from '../../../store/index.ts';
import { packCheckpoint } from '../../pipeline/checkpoint.ts';
import { createDecisionInbox } from '../../pipeline/decision-inbox.ts';
import { createDecisionLatency } from '../../pipeline/decision-latency.ts';
import { createDerivedWriter } from '../../pipeline/derived-writer.ts';
import { createFindingsCollector } from '../../pipeline/findings-collector.ts';
import { encodeEntry } from '../../pipeline/findings-record.ts';
import { createFindingsSender } from '../../pipeline/findings-sender.ts';
import { createKnownSeriesTopic } from '../../pipeline/known-series-topic.ts';
import { createLogConsumer } from '../../pipeline/log-consumer.ts';
import type { ReceivedTimes } from '../../pipeline/received-times.ts';
import { createScoring } from '../../pipeline/scoring.ts';
import { createWarmUp } from '../../pipeline/warm-up.ts';
import type { Past } from './backfill/open-past.ts';
import { createWarmConsumer } from './backfill/warm-consumer.ts';
import { createDerivedDefinitions } from './derived-definitions.ts';
import type { IdleSeries, OpenIdleSeries } from './idle/open-idle-series.ts';
import type { SharedModels } from './models/open-shared-models.ts';
import type { Owner } from './owner.ts';
import { restoreDetectors } from './restore-detectors.ts';
import type { Work } from './run-work.ts';
import type { SeriesExchange } from './series-exchange.ts';
import type { PartMetrics } from './summed-gauges.ts';

export interface ScorerDeps {
  readonly log: KafkaLog;
  readonly exchange: SeriesExchange;
  readonly store: Store;
  readonly clock: Clock;
  readonly createDetectors: (catalog: SeriesCatalog, metrics: Metrics, idle: IdleSeries | undefined) => Detectors;
  /** What partitions count, shown as one. */
  readonly partMetrics: () => PartMetrics;
  /** Absent where nothing is detected. */
  readonly openIdle?: OpenIdleSeries | undefined;
  /** What a partition without a state learns first; absent where that is nothing. */
  readonly past?: Past | undefined;
  /** Tells of every decision of the group, from the first on; returns a function that ends it. */
  readonly follow: (listener: (decision: Decision) => void) => () => void;
  /** Which network serves: what is behind is caught up with first, and each change is told. */
  readonly networks: SharedModels['networks'];
  readonly checkpointSeconds: number;
  readonly latenessMs: number;
  readonly received: ReceivedTimes;
  /** Most bytes of derived series kept while the store is away. */
  readonly derivedBytes: number;
  readonly batchBytes: number;
  /** Where rows go that the store refuses for good. */
  readonly quarantine: Quarantine;
  /** Names this start of this process. */
  readonly epoch: string;
}

/** One partition of the signals that this process scores and carries over into the store. */
export interface Scorer extends Work {
  readonly detectors: Detectors;
  readonly lagRecords: number;
}

const checkpointName = 'scoring';

/** Loads the state that the last owner saved, and goes on from there. Rejects with a KybernError. */
export async function openScorer(partition: number, owner: Owner, deps: ScorerDeps): Promise<Scorer> {
  const { log, exchange, store, clock } = deps;
  const closed = new AbortController();
  const metrics = deps.partMetrics();
  const definitions = exchange.definitions(partition);
  const stateFiles = await log.state(partition, owner);
  await definitions.catchUp();
  const signals = await log.open('signals', partition);
  const topic = createKnownSeriesTopic(signals, {
    namesUnknown: (bytes) => exchange.namesUnknown(openPortableBlock(bytes).table),
    catchUp: definitions.catchUp,
  });

  const projector = await createSignalProjector({
    topic,
    stateFiles,
    store,
    decode(bytes) {
      const block = openPortableBlock(bytes);
      return block.batches(exchange.idsOf(block.table));
    },
    catalog: exchange.catalog,
    clock,
    metrics,
    batchBytes: deps.batchBytes,
    quarantine: deps.quarantine,
  });

  const saved = await stateFiles.get(checkpointName);
  // State belongs to a network: read under another than the group's it would be left aside, and learnt anew.
  await deps.networks.catchUp();
  // From here on nothing is waited for until the changes are followed. What was put aside is read behind the state: by then
  // the log has all that this refers to.
  const idle = openIdle();
  const restoring = restoreDetectors(saved, {
    process: exchange.catalog,
    create: (scope) => deps.createDetectors(scope, metrics, idle),
    metrics,
  });
  function openIdle(): IdleSeries | undefined {
    try {
      return deps.openIdle?.(partition, owner);
    } catch (error) {
      signals.close();
      throw error;
    }
  }

  let last: Promise<unknown> = restoring.catch(() => {});

  /** Records, states and changes of the network never overlap. Rejects with KYBERN_FENCED once the partition was let go. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = last.then(() => {
      if (closed.signal.aborted) throw new KybernError('KYBERN_FENCED', `${signals.name} is another process's now`);
      return work();
    });
    last = mine.catch(() => {});
    return mine;
  }

  const unfollowNetworks = deps.networks.follow((modelClass, sha256) =>
    inTurn(async () => (await restoring).detectors.useNetwork?.(modelClass, sha256)).catch((error: unknown) => {
      if (!closed.signal.aborted) throw error;
    }),
  );

  const { catalog, detectors, restored } = await restoring.catch((error: unknown) => {
    unfollowNetworks();
    void idle?.files.close();
    metrics.end();
    signals.close();
    throw error;
  });

  const inbox = createDecisionInbox();
  const unfollow = deps.follow(inbox.put);
  inbox.skip(restored?.actionsTaken ?? 0);

  const derived = createDerivedWriter({
    store,
    catalog: exchange.catalog,
    epoch: `${deps.epoch}-${partition}-${owner.generation}`,
    clock,
    metrics,
    mostBytes: deps.derivedBytes,
  });
  const inProcess = <T extends SampleBatch | BandBatch>(batch: T): T => ({
    ...batch,
    series: batch.series.slice(0, batch.count).map(catalog.processIdOf),
  });
  const encode = createPortableEncoder({
    high: (id) => exchange.catalog.high(catalog.processIdOf(id)),
    low: (id) => exchange.catalog.low(catalog.processIdOf(id)),
  });
  const { defined, allDefined } = createDerivedDefinitions({ definitions, catalog, clock, signal: closed.signal });
  const sender = createFindingsSender({
    append: (value) => log.producer.append({ topic: log.topics.findings, partition: 0, value }),
    clock,
  });
  const collector = createFindingsCollector();
  const scoring = createScoring(
    {
      detectors,
      sink: collector,
      latenessMs: deps.latenessMs,
      keep: (samples, bands) => derived.keep(samples.map(inProcess), bands.map(inProcess)),
      latency: createDecisionLatency(metrics, clock),
      received: deps.received,
    },
    restored,
  );
  const unreadable = metrics.counter('kybern_analysis_unreadable_total', 'Log records that could not be analysed.');

  function hear(untilMs: number): void {
    for (const decision of inbox.takeBefore(untilMs)) if (decision.type !== 'action') detectors.learn?.(decision);
  }

  async function take({ offset, bytes }: LogRecord): Promise<void> {
    const record = opened(bytes);
    if (record === undefined) return;
    const reachedMs = scoring.head.advancedToMs;
    hear(record.receivedMs);
    await scoring.take(record);
    const findings = collector.take();
    const watermarkMs = scoring.head.advancedToMs;
    if (findings.length === 0 && watermarkMs === reachedMs) return;
    const { receivedMs } = record;
    const entry = encodeEntry({ partition, offset, receivedMs, watermarkMs, findings }, encode);
    await defined(entry.series);
    await sender.send(entry.bytes);
  }

  function opened(bytes: Uint8Array) {
    try {
      const block = openPortableBlock(bytes);
      return { receivedMs: block.receivedMs, batches: block.batches(exchange.idsOf(block.table, catalog)) };
    } catch (error) {
      if (!(error instanceof KybernError)) throw error;
      unreadable.add(1);
      return undefined;
    }
  }

  async function save(position: number): Promise<() => Promise<void>> {
    const pieces = await packCheckpoint(
      { position, ...scoring.head, actionsTaken: inbox.taken },
      { catalog, detectors },
    );
    const { size } = catalog;
    return async () => {
      await allDefined(size);
      await sender.flush();
      // What was derived must be in the store before a new owner may skip deriving it again.
      await derived.flush();
      await idle?.files.share();
      await stateFiles.put(checkpointName, pieces);
      await detectors.kept?.();
    };
  }

  const consumer = createLogConsumer({
    topic,
    from: restored?.position ?? 0,
    take: (record) => inTurn(() => take(record)),
    save: (position) => inTurn(() => save(position)),
    clock,
    checkpointSeconds: deps.checkpointSeconds,
    metrics,
    lagLabels: { topic: signals.name },
  });
  const warmUp = createWarmUp({
    detectors,
    backfill: deps.past?.of(partition, { catalog, definitions }),
    async firstReceivedMs() {
      const [first] = await topic.read(consumer.position, 1);
      return first === undefined ? undefined : openPortableBlock(first.bytes).receivedMs;
    },
    now: () => clock.now(),
    begin: hear,
    inTurn,
    checkpoint: consumer.checkpoint,
  });
  const { run, checkpoint } = createWarmConsumer({
    ...{ consumer, warmUp, closed: closed.signal },
    isWarm: restored !== undefined,
  });

  return {
    loops: [run, projector.run, (signal) => derived.run(signal)],
    checkpoint,
    close() {
      closed.abort();
      // What is under way still needs them: a process that slept is told in the middle of it that its partitions are gone.
      void last.then(() => {
        detectors.close?.();
        void idle?.files.close();
      });
      metrics.end();
      unfollow();
      unfollowNetworks();
      sender.close();
      signals.close();
    },
    detectors,
    get lagRecords() {
      return signals.nextOffset - consumer.position;
    },
  };
}
