import type { FastifyInstance } from 'fastify';
import { createActuator } from '../../actuator/index.ts';
import type { Actuator, Clock, ClusterPort, Slo, SloStatus, Store } from '../../model/index.ts';
import { createRca } from '../../rca/index.ts';
import { createTuner } from '../../tuner/index.ts';
import type { KybernConfig } from '../config/kybern-config.ts';
import { createLifecycle } from '../lifecycle/lifecycle.ts';
import type { PrometheusMetrics } from '../metrics/prometheus-metrics.ts';
import { createActing } from '../pipeline/acting.ts';
import { type Analysis, openAnalysis } from '../pipeline/analysis.ts';
import { createDecisionInbox } from '../pipeline/decision-inbox.ts';
import { type DecisionRecorder, openDecisionRecorder } from '../pipeline/decision-recorder.ts';
import { createDerivedWriter } from '../pipeline/derived-writer.ts';
import { keepHeapSmall } from '../pipeline/keep-heap-small.ts';
import { createModelDesk } from '../pipeline/model-desk.ts';
import { createOperatorDesk } from '../pipeline/operator-desk.ts';
import { createReceivedTimes } from '../pipeline/received-times.ts';
import { createStoreBackfill } from '../pipeline/store-backfill.ts';
import { keepStoreUp } from '../pipeline/store-upkeep.ts';
import { absentCluster } from './absent-cluster.ts';
import { createFeeds } from './create-feeds.ts';
import { createServers } from './create-servers.ts';
import type { EngineLogger } from './engine-logger.ts';
import { newPolicy } from './new-policy.ts';
import { openIntake } from './open-intake.ts';
import { openModels } from './open-models.ts';
import { openPersistence } from './open-persistence.ts';
import { openSpill } from './open-spill.ts';
import { processHeap } from './process-heap.ts';

export interface EngineDeps {
  readonly config: KybernConfig;
  readonly clock: Clock;
  readonly metrics: PrometheusMetrics;
  readonly logger: EngineLogger;
  /** The cluster to watch and act on, if there is one. */
  readonly cluster?: ClusterPort;
  /** The SLOs in force: those of the configuration, or the demo's. */
  readonly slos: readonly Slo[];
  readonly demo?: { readonly seed: number };
  /** A defect: an error that nothing here expects. The program ends. */
  readonly failed: (where: string, error: unknown) => void;
}

export interface Engine {
  readonly api: FastifyInstance;
  readonly receivers: FastifyInstance;
  readonly store: Store;
  readonly recorder: DecisionRecorder;
  readonly actuator: Actuator;
  readonly analysis: Analysis;
  /** Opens the ports. Rejects with KYBERN_PORT_IN_USE. */
  listen(): Promise<{ readonly apiUrl: string; readonly otlpUrl: string }>;
  /** Starts the loops that run by themselves. Without it the engine is moved by `settle`. */
  run(): void;
  /** Starts what Kybern fetches by itself: the cluster's objects and the scrape targets. */
  fetch(): void;
  /** Looks at the cluster once: for simulated time. */
  poll(): Promise<void>;
  /** Takes everything in the log through analysis, actuator and store once: for simulated time. */
  settle(): Promise<void>;
  /** Everything acknowledged is kept, all loops end, state is saved. */
  close(): Promise<void>;
}

/** Wires the rooms together. What is opened here is closed in reverse order. */
export async function createEngine(deps: EngineDeps): Promise<Engine> {
  const { config, clock, metrics, logger } = deps;
  const lifecycle = createLifecycle(deps.failed);
  try {
    return await compose();
  } catch (error) {
    await lifecycle.close();
    throw error;
  }

  async function compose(): Promise<Engine> {
    const startedAtMs = clock.now();
    let analysedTo = () => 0;
    const persistence = await openPersistence({
      config,
      clock,
      metrics,
      logger,
      lifecycle,
      analysedTo: () => analysedTo(),
    });
    const { log, catalog, stateFiles, store } = persistence;
    let useNetwork: Analysis['useNetwork'] = async () => {};
    const models = await openModels({
      ...{ config, clock, metrics, logger, lifecycle, store, catalog },
      use: (modelClass, sha256) => useNetwork(modelClass, sha256),
    });
    const inbox = createDecisionInbox();
    const recorder = await openDecisionRecorder(log.topic('decisions'), metrics, inbox.put);
    recorder.subscribe(inbox.put);
    const derived = createDerivedWriter({
      store,
      catalog,
      epoch: String(startedAtMs),
      clock,
      metrics,
      mostBytes: config.store.derivedBytes,
    });

    const received = createReceivedTimes(metrics);
    const spill = config.detectors.enabled ? { spill: openSpill(config, logger, lifecycle) } : {};
    const standings = new Map<string, SloStatus>();

    const actuator = createActuator({
      cluster: deps.cluster ?? absentCluster,
      record: async (decisions) => void (await recorder.record(decisions)),
      clock,
      metrics,
      config: config.actuator,
      mode: config.mode,
      stateFiles,
    });

    const { backfill: wanted } = config.detectors;
    const backfill =
      wanted.days > 0 ? createStoreBackfill({ store, catalog, clock, metrics, log: logger }, wanted) : undefined;

    const analysis = await openAnalysis({
      topic: log.topic('signals'),
      flushCatalog: () => catalog.flush(),
      createStages: () => ({
        detectors: models.newDetectors({ catalog, metrics, slos: deps.slos, ...spill }),
        rca: createRca({ catalog, metrics, config: config.rca }),
        tuner: createTuner({ catalog, metrics, config: config.tuner, slos: deps.slos }),
        policy: newPolicy({ catalog, metrics, config }),
      }),
      clock,
      checkpointSeconds: config.analysis.checkpointSeconds,
      recorder,
      inbox,
      stateFiles,
      metrics,
      keep: derived.keep,
      flushKept: derived.flush,
      onSlos(slos) {
        for (const status of slos) standings.set(`${status.namespace}/${status.service}`, status);
        actuator.observe(slos);
      },
      latenessMs: config.analysis.latenessSeconds * 1000,
      received,
      ...(backfill === undefined ? {} : { backfill }),
    });

    // The state as it was read is garbage by now: a quarter of a gigabyte with 100,000 series.
    processHeap.collect();
    // A restart goes on from the checkpoint: what lies behind it must stay in the log.
    analysedTo = () => analysis.checkpointedTo;
    useNetwork = analysis.useNetwork;

    const operators = createOperatorDesk({
      store,
      recorder,
      clock,
      config: config.detectors,
      policy: () => analysis.stages.policy,
    });
    const acting = createActing({ actuator, recorder, clock, enabled: deps.cluster !== undefined });

    const intake = openIntake({ catalog, append: persistence.append, config: config.ingest, clock, metrics });
    const feeds = createFeeds({ ...deps, ...intake, stateFiles });
    const servers = await createServers({
      ...deps,
      core: {
        store,
        ...intake,
        topology: () => analysis.stages.rca.topology(),
        actuator,
        operators,
        ...(models.kept === undefined
          ? {}
          : { models: createModelDesk({ ...models.kept, config: config.detectors.models }) }),
        subscribe: recorder.subscribe,
        detectorStatus: () => analysis.stages.detectors.status(),
        lastReceived: received.read,
        seriesState: async (fingerprint) => analysis.stages.detectors.seriesState?.(fingerprint),
        lagRecords: () => log.topic('signals').nextOffset - analysis.position,
      },
      startedAtMs,
      sloStatuses: () => [...standings.values()],
      standings: () => [backfill, ...feeds].flatMap((part) => part?.standing?.() ?? []),
    });

    return {
      api: servers.api,
      receivers: servers.receivers,
      store,
      recorder,
      actuator,
      analysis,
      listen: () => servers.listen(lifecycle),
      run() {
        lifecycle.loop('signals projector', (signal) => persistence.signals.run(signal));
        lifecycle.loop('decisions projector', (signal) => persistence.decisions.run(signal));
        lifecycle.loop('derived writer', (signal) => derived.run(signal));
        lifecycle.loop('heap', (signal) => keepHeapSmall(processHeap, clock, signal));
        lifecycle.loop('store upkeep', (signal) => keepStoreUp(store, clock, signal));
        lifecycle.onClose('checkpoint', () => analysis.checkpoint());
        lifecycle.loop('analysis', (signal) => analysis.run(signal));
        lifecycle.loop('actuator', acting.run);
        if (models.kept !== undefined) lifecycle.loop('training', models.kept.trainer.run);
      },
      fetch() {
        for (const feed of feeds) lifecycle.loop(feed.name, feed.run);
      },
      async poll() {
        for (const feed of feeds) await feed.poll();
      },
      async settle() {
        while (await analysis.step());
        await acting.act();
        while (await analysis.step());
        await derived.flush();
        while (await persistence.signals.step());
        while (await persistence.decisions.step());
      },
      close: () => lifecycle.close(),
    };
  }
}
