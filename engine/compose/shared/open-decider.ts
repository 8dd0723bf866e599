import { createActuator } from '../../../actuator/index.ts';
import type { FineTuner } from '../../../detectors/lstm/fine-tune/index.ts';
import { createScopedCatalog } from '../../../ingest/index.ts';
import type { KafkaLog } from '../../../ingest/log/index.ts';
import {
  type Actuator,
  type Clock,
  type ClusterPort,
  KybernError,
  type LogRecord,
  type LogTopic,
  type Metrics,
  type OperatorDesk,
  type Rca,
  type Slo,
  type SloStatus,
  type StateFiles,
  type Store,
} from '../../../model/index.ts';
import { createRca } from '../../../rca/index.ts';
import { createDecisionProjector } from '../../../store/index.ts';
import { createTuner } from '../../../tuner/index.ts';
import type { KybernConfig } from '../../config/kybern-config.ts';
import { createActing } from '../../pipeline/acting.ts';
import { packCheckpoint, unpackCheckpoint } from '../../pipeline/checkpoint.ts';
import { createDeciding } from '../../pipeline/deciding.ts';
import { createDecisionInbox } from '../../pipeline/decision-inbox.ts';
import { openDecisionRecorder } from '../../pipeline/decision-recorder.ts';
import { createFindingsIntake } from '../../pipeline/findings-intake.ts';
import { openEntries } from '../../pipeline/findings-record.ts';
import { createKnownSeriesTopic } from '../../pipeline/known-series-topic.ts';
import { createLogConsumer } from '../../pipeline/log-consumer.ts';
import { createOperatorDesk } from '../../pipeline/operator-desk.ts';
import { keepStoreUp } from '../../pipeline/store-upkeep.ts';
import { absentCluster } from '../absent-cluster.ts';
import type { Feed } from '../create-feeds.ts';
import { newPolicy } from '../new-policy.ts';
import { createGuardedCluster } from './guarded-cluster.ts';
import type { Owner } from './owner.ts';
import type { Work } from './run-work.ts';
import type { SeriesExchange } from './series-exchange.ts';

export interface DeciderDeps {
  readonly config: KybernConfig;
  readonly log: KafkaLog;
  readonly exchange: SeriesExchange;
  readonly store: Store;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly cluster?: ClusterPort;
  readonly slos: readonly Slo[];
  /** What is fetched by one process only. */
  readonly createFeeds: (stateFiles: StateFiles) => readonly Feed[];
  readonly onSlos: (slos: readonly SloStatus[]) => void;
  /** Training of models, where they are kept. */
  readonly trainer?: Pick<FineTuner, 'run' | 'close'>;
}

/** The one process that turns findings into decisions and acts on them. */
export interface Decider extends Work {
  readonly rca: Rca;
  readonly actuator: Actuator;
  readonly operators: OperatorDesk;
  readonly feeds: readonly Feed[];
}

const checkpointName = 'deciding';
/** A partition unheard of for this long holds nobody up: longer than another process takes to go on with it. */
const idleMs = 30_000;

/** Loads what the last decider saved, and goes on from there. Rejects with a KybernError. */
export async function openDecider(owner: Owner, deps: DeciderDeps): Promise<Decider> {
  const { config, log, exchange, clock, metrics, slos } = deps;
  const closed = new AbortController();
  const stateFiles = await log.state(log.partitions, owner);
  await exchange.catchUp();

  const inbox = createDecisionInbox();
  const decisions = await log.open('decisions', 0);
  const recorder = await openDecisionRecorder(fencedTopic(decisions), metrics, inbox.put);
  recorder.subscribe(inbox.put);

  /** Nothing is decided for a group that another decides for; brokers that are away are waited for. */
  function fencedTopic(topic: LogTopic): LogTopic {
    async function append(record: Uint8Array): Promise<number> {
      for (;;) {
        try {
          await owner.confirm();
          return await topic.append(record);
        } catch (error) {
          const isOver = closed.signal.aborted || !(error instanceof KybernError) || error.code === 'KYBERN_FENCED';
          if (isOver) throw error;
          await clock.sleep(500, closed.signal);
        }
      }
    }
    return {
      name: topic.name,
      append,
      read: topic.read,
      waitFor: topic.waitFor,
      get nextOffset() {
        return topic.nextOffset;
      },
      get firstOffset() {
        return topic.firstOffset;
      },
    };
  }

  const makeParts = () => {
    const catalog = createScopedCatalog(exchange.catalog);
    const rca = createRca({ catalog, metrics, config: config.rca });
    const tuner = createTuner({ catalog, metrics, config: config.tuner, slos });
    const policy = newPolicy({ catalog, metrics, config });
    return { catalog, intake: createFindingsIntake(idleMs), rca, tuner, policy };
  };
  const saved = await stateFiles.get(checkpointName);
  let parts = makeParts();
  const restored = saved === undefined ? undefined : await unpackCheckpoint(saved, parts);
  if (saved !== undefined && restored === undefined) {
    metrics.counter('kybern_checkpoints_unusable_total', 'Checkpoints that could not be used.').add(1);
    parts = makeParts();
  }
  inbox.skip(restored?.actionsTaken ?? 0);
  const { catalog, intake, rca, tuner, policy } = parts;
  let advancedToMs = restored?.advancedToMs ?? 0;

  const cluster = deps.cluster ?? absentCluster;
  const actuator = createActuator({
    cluster: createGuardedCluster(cluster, owner.isFresh),
    record: async (made) => void (await recorder.record(made)),
    clock,
    metrics,
    config: config.actuator,
    mode: config.mode,
    stateFiles,
  });
  const acting = createActing({ actuator, recorder, clock, enabled: deps.cluster !== undefined });
  const deciding = createDeciding({
    stages: { rca, tuner, policy },
    recorder,
    inbox,
    onSlos(statuses) {
      deps.onSlos(statuses);
      actuator.observe(statuses);
    },
  });

  const unreadable = metrics.counter('kybern_analysis_unreadable_total', 'Log records that could not be analysed.');

  /** What can't be read is counted and left out: it would be no better the next time. */
  function readable<T>(open: () => T): T | undefined {
    try {
      return open();
    } catch {
      unreadable.add(1);
      return undefined;
    }
  }

  async function take({ bytes }: LogRecord): Promise<void> {
    for (const entry of readable(() => openEntries(bytes)) ?? []) {
      if (!intake.accepts(entry)) continue;
      const found = readable(() => entry.findings(exchange.idsOf(entry.table, catalog))) ?? [];
      deciding.begin(entry.receivedMs);
      for (const finding of found) await deciding.observe(finding);
      const watermarkMs = intake.take(entry);
      if (watermarkMs <= advancedToMs) continue;
      advancedToMs = watermarkMs;
      await deciding.advance(watermarkMs);
    }
  }

  const findings = await log.open('findings', 0);
  const consumer = createLogConsumer({
    topic: createKnownSeriesTopic(findings, {
      namesUnknown: (bytes) => openEntries(bytes).some(({ table }) => exchange.namesUnknown(table)),
      catchUp: exchange.catchUp,
    }),
    from: restored?.position ?? 0,
    take,
    async save(position) {
      const head = { position, newestMs: advancedToMs, advancedToMs, actionsTaken: inbox.taken };
      const pieces = await packCheckpoint(head, parts);
      return () => stateFiles.put(checkpointName, pieces);
    },
    clock,
    checkpointSeconds: config.analysis.checkpointSeconds,
    metrics,
    lagLabels: { topic: findings.name },
  });
  const projector = await createDecisionProjector({ topic: decisions, stateFiles, store: deps.store, clock, metrics });
  const feeds = deps.createFeeds(stateFiles);

  return {
    loops: [
      consumer.run,
      projector.run,
      acting.run,
      ...feeds.map(({ run }) => run),
      ...(deps.trainer === undefined ? [] : [deps.trainer.run]),
      // Of the store that all share, so that one is enough.
      (signal) => keepStoreUp(deps.store, clock, signal),
    ],
    checkpoint: consumer.checkpoint,
    close() {
      closed.abort();
      // It goes on where it was, should this process decide again.
      void deps.trainer?.close();
      findings.close();
      decisions.close();
    },
    rca,
    actuator,
    operators: createOperatorDesk({
      store: deps.store,
      recorder,
      clock,
      config: config.detectors,
      policy: () => policy,
    }),
    feeds,
  };
}
