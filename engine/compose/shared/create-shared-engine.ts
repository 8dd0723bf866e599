import { hostname } from 'node:os';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { openKafkaLog } from '../../../ingest/log/index.ts';
import {
  type Decision,
  KybernError,
  type Mode,
  type SloStatus,
  type StateFiles,
  type Store,
  type Topology,
} from '../../../model/index.ts';
import { createQuarantine, openStore } from '../../../store/index.ts';
import { createLifecycle } from '../../lifecycle/lifecycle.ts';
import { createDecisionFollower } from '../../pipeline/decision-follower.ts';
import { keepHeapSmall } from '../../pipeline/keep-heap-small.ts';
import { createReceivedTimes } from '../../pipeline/received-times.ts';
import type { EngineDeps } from '../create-engine.ts';
import { createFeeds } from '../create-feeds.ts';
import { createServers } from '../create-servers.ts';
import { openIntake } from '../open-intake.ts';
import { processHeap } from '../process-heap.ts';
import { createPast } from './backfill/open-past.ts';
import { holdPartitions } from './hold-partitions.ts';
import { createIdleSeries } from './idle/open-idle-series.ts';
import { openSharedModels } from './models/open-shared-models.ts';
import { openDecider } from './open-decider.ts';
import { openScorer } from './open-scorer.ts';
import { createOperatorDecisions } from './operator-decisions.ts';
import { createSeriesExchange } from './series-exchange.ts';
import { createStandingActuator } from './standing-actuator.ts';
import { createStandingDesk } from './standing-desk.ts';
import { createSummedGauges } from './summed-gauges.ts';

/** One of several processes that share the work through Kafka. */
export interface SharedEngine {
  readonly api: FastifyInstance;
  readonly store: Store;
  readonly mode: () => Mode;
  /** Told of each decision of the group. */
  readonly subscribe: (listener: (decision: Decision) => void) => () => void;
  /** Opens the ports. Rejects with KYBERN_PORT_IN_USE. */
  listen(): Promise<{ readonly apiUrl: string; readonly otlpUrl: string }>;
  /** Joins the groups and takes its part of the work. */
  run(): void;
  close(): Promise<void>;
}

const noStateFiles: StateFiles = {
  get: async () => undefined,
  put: () => Promise.reject(new KybernError('KYBERN_NOT_DECIDER', 'state is kept by the process that decides')),
};

/**
 * Wires the rooms for Kafka as the log. Every process receives and answers reads; it scores the partitions that the group
 * gives it; one, the owner of the findings' only partition, decides and acts.
 */
export async function createSharedEngine(deps: EngineDeps): Promise<SharedEngine> {
  const lifecycle = createLifecycle(deps.failed);
  try {
    return await compose();
  } catch (error) {
    await lifecycle.close();
    throw error;
  }

  async function compose(): Promise<SharedEngine> {
    const { config, clock, metrics, logger, slos } = deps;
    if (config.store.kind !== 'server')
      throw new KybernError('KYBERN_CONFIG', 'log.kind kafka needs store.kind server: processes share one ClickHouse');
    const startedAtMs = clock.now();
    const name = config.log.kafka.name || `${hostname()}:${config.api.server.port}`;
    const log = await openKafkaLog({ config: config.log.kafka, clock, metrics, log: logger });
    lifecycle.onClose('log', () => log.close());
    const store = await openStore({ config: config.store, directory: config.dataDir, metrics, clock });
    lifecycle.onClose('store', () => store.close());
    const exchange = createSeriesExchange({ log, clock, limits: config.ingest.limits });
    const standings = new Map<string, SloStatus>();
    const intake = openIntake({ ...exchange, config: config.ingest, clock, metrics });
    const feedDeps = { ...deps, ...intake };
    const failed = (where: string) => (error: unknown) => deps.failed(where, error);

    const models = await openSharedModels({
      ...{ config, log, store, clock, metrics, logger, lifecycle, name },
      catalog: exchange.catalog,
      catchUp: exchange.catchUp,
      decider: () => deciderName(),
    });
    const operatorDecisions = createOperatorDecisions();
    const { enabled, backfill } = config.detectors;
    const gauges = createSummedGauges(metrics);
    const received = createReceivedTimes(metrics);
    const openIdle = enabled ? createIdleSeries({ config, log, name, clock, logger }) : undefined;
    const processIdOf = (fingerprint: string) => exchange.catalog.find(fingerprint)?.id;
    const past = enabled
      ? createPast({ store, partitions: log.partitions, processIdOf, clock, metrics, logger }, backfill)
      : undefined;
    const scoring = holdPartitions({
      log,
      group: 'score',
      name,
      clock,
      logger,
      failed: failed('scoring'),
      open: (partition, owner) =>
        openScorer(partition, owner, {
          log,
          exchange,
          store,
          clock,
          partMetrics: gauges.part,
          follow: operatorDecisions.follow,
          createDetectors: (catalog, metrics, spill) =>
            models.newDetectors({
              ...{ catalog, metrics, slos, isOneOfMany: log.partitions > 1 },
              ...(spill === undefined ? {} : { spill }),
            }),
          openIdle,
          past,
          networks: models.networks,
          checkpointSeconds: config.analysis.checkpointSeconds,
          latenessMs: config.analysis.latenessSeconds * 1000,
          received,
          derivedBytes: config.store.derivedBytes,
          batchBytes: config.store.batchBytes,
          quarantine: createQuarantine(
            join(config.dataDir, `unreadable-${partition}.jsonl`),
            config.store.rejectedBytes,
            metrics,
          ),
          epoch: `${name}-${startedAtMs}`,
        }),
    });
    const deciding = holdPartitions({
      log,
      group: 'decide',
      name,
      clock,
      logger,
      failed: failed('deciding'),
      open: (_partition, owner) =>
        openDecider(owner, {
          ...deps,
          log,
          exchange,
          store,
          ...(models.kept === undefined ? {} : { trainer: models.kept.trainer }),
          createFeeds: (stateFiles) => createFeeds({ ...feedDeps, stateFiles }).filter(({ shared }) => !shared),
          onSlos(statuses) {
            for (const status of statuses) standings.set(`${status.namespace}/${status.service}`, status);
          },
        }),
    });
    const decider = () => deciding.works.get(0);
    const deciderName = () => deciding.assignment?.owners[0];
    const standingActuator = createStandingActuator({
      own: () => decider()?.actuator,
      decider: deciderName,
      mode: config.mode,
    });
    const follower = createDecisionFollower({
      topic: await log.open('decisions', 0),
      clock,
      replay(decision) {
        standingActuator.note(decision);
        operatorDecisions.note(decision);
      },
    });
    const sharedFeeds = createFeeds({ ...feedDeps, stateFiles: noStateFiles }).filter(({ shared }) => shared);

    function topology(): Topology {
      const own = decider();
      if (own !== undefined) return own.rca.topology();
      throw new KybernError('KYBERN_NOT_DECIDER', `${deciderName() ?? 'nobody'} has the topology`);
    }

    const servers = await createServers({
      ...deps,
      core: {
        store,
        ...intake,
        topology,
        actuator: standingActuator.actuator,
        operators: createStandingDesk({
          own: () => decider()?.operators,
          decider: deciderName,
        }),
        ...(models.kept === undefined ? {} : { models: models.kept.desk }),
        subscribe: follower.subscribe,
        detectorStatus() {
          const own = [...scoring.works.values()].map(({ detectors }) => detectors.status());
          return {
            series: own.reduce((sum, { series }) => sum + series, 0),
            learning: own.reduce((sum, { learning }) => sum + learning, 0),
            resident: own.reduce((sum, { series, resident = series }) => sum + resident, 0),
          };
        },
        lastReceived: received.read,
        async seriesState(fingerprint) {
          for (const { detectors } of scoring.works.values()) {
            const state = await detectors.seriesState?.(fingerprint);
            if (state !== undefined) return state;
          }
          return undefined;
        },
        lagRecords: () => [...scoring.works.values()].reduce((sum, { lagRecords }) => sum + lagRecords, 0),
      },
      startedAtMs,
      sloStatuses: () => [...standings.values()],
      standings: () => [
        {
          part: 'kafka',
          ready: scoring.assignment !== undefined && scoring.works.size === scoring.assignment.partitions.length,
          detail: `${scoring.works.size} of ${log.partitions} partitions here; ${deciderName() ?? 'nobody'} decides`,
        },
        ...(models.kept === undefined ? [] : [models.kept.standing()]),
        ...[past?.standing() ?? []].flat(),
        ...[...sharedFeeds, ...(decider()?.feeds ?? [])].flatMap(({ standing }) => standing?.() ?? []),
      ],
    });

    return {
      api: servers.api,
      store,
      mode: () => standingActuator.actuator.mode,
      subscribe: follower.subscribe,
      listen: () => servers.listen(lifecycle),
      run() {
        lifecycle.loop('log ends', log.follow);
        lifecycle.loop('decisions', follower.run);
        lifecycle.loop('heap', (signal) => keepHeapSmall(processHeap, clock, signal));
        if (models.kept !== undefined) lifecycle.loop('models', models.kept.run);
        lifecycle.loop('scoring', scoring.run);
        lifecycle.loop('deciding', deciding.run);
        for (const feed of sharedFeeds) lifecycle.loop(feed.name, feed.run);
      },
      close: () => lifecycle.close(),
    };
  }
}
