import type {
  BandBatch,
  Clock,
  Detectors,
  LogTopic,
  Metrics,
  Rca,
  SampleBatch,
  SloStatus,
  StateFiles,
  Tuner,
  VettingPolicy,
} from '../../model/index.ts';
import { unpackCheckpoint, writeCheckpoint } from './checkpoint.ts';
import { createDeciding } from './deciding.ts';
import type { DecisionInbox } from './decision-inbox.ts';
import { createDecisionLatency } from './decision-latency.ts';
import type { DecisionRecorder } from './decision-recorder.ts';
import { draftState } from './draft-state.ts';
import { createLogConsumer, type LogConsumer } from './log-consumer.ts';
import type { ReceivedTimes } from './received-times.ts';
import { findState } from './saved-state.ts';
import { createScoring } from './scoring.ts';
import { decodeSignalRecord } from './signal-record.ts';
import type { StoreBackfill } from './store-backfill.ts';
import { createWarmUp } from './warm-up.ts';

export interface Stages {
  readonly detectors: Detectors;
  readonly rca: Rca;
  readonly tuner: Tuner;
  readonly policy: VettingPolicy;
}

export interface AnalysisDeps {
  readonly topic: LogTopic;
  /** Makes definitions of derived series durable before a checkpoint that refers to them. */
  readonly flushCatalog: () => Promise<void>;
  /** New stages; made a second time where a checkpoint turns out not to fit. */
  readonly createStages: () => Stages;
  readonly clock: Clock;
  readonly checkpointSeconds: number;
  readonly recorder: DecisionRecorder;
  /** Every revision of an action and every word of an operator that was recorded, those before a restart too. */
  readonly inbox: DecisionInbox;
  readonly stateFiles: StateFiles;
  readonly metrics: Metrics;
  /** What the detectors made of the signals, on its way to the store. */
  readonly keep: (derived: readonly SampleBatch[], bands: readonly BandBatch[]) => void;
  /** Resolves once all that was kept is in the store. */
  readonly flushKept: () => Promise<void>;
  readonly onSlos: (slos: readonly SloStatus[]) => void;
  readonly latenessMs: number;
  readonly received: ReceivedTimes;
  /** Where there is no state to go on from, `run` begins with what the store has of the past. */
  readonly backfill?: StoreBackfill;
}

export interface Analysis extends LogConsumer {
  readonly stages: Stages;
  /** Series of a class are forecast by another network, one that is loaded, from the next record on. */
  useNetwork(modelClass: string, sha256: string): Promise<void>;
  /** Event time that all stages have seen, epoch milliseconds. */
  readonly watermarkMs: number;
}

const checkpointName = 'analysis';

/**
 * The consumer that turns signals into decisions: every log record through detection, root causes and tuning, in log
 * order and event time, so that the same log gives the same decisions whenever it is read.
 */
export async function openAnalysis(deps: AnalysisDeps): Promise<Analysis> {
  const { topic, clock, metrics, recorder, inbox, keep, latenessMs } = deps;
  const saved = await findState(deps.stateFiles, checkpointName);
  let stages = deps.createStages();
  const restored = saved === undefined ? undefined : await unpackCheckpoint(saved, { ...stages });
  const unusable = metrics.counter('kybern_checkpoints_unusable_total', 'Checkpoints that could not be used.');
  if (saved !== undefined && restored === undefined) {
    unusable.add(1);
    stages.detectors.close?.();
    stages = deps.createStages();
  }
  inbox.skip(restored?.actionsTaken ?? 0);
  const sink = createDeciding({
    stages,
    recorder,
    inbox,
    onOperator: (decision) => stages.detectors.learn?.(decision),
    onSlos: deps.onSlos,
  });
  const scoring = createScoring(
    {
      detectors: stages.detectors,
      sink,
      latenessMs,
      keep,
      latency: createDecisionLatency(metrics, clock),
      received: deps.received,
    },
    restored,
  );

  /** Written while it is taken, and put in its place later: a state of hundreds of megabytes is not held a second time. */
  async function save(position: number): Promise<() => Promise<void>> {
    const head = { position, ...scoring.head, actionsTaken: inbox.taken };
    const drafted = await draftState(deps.stateFiles, checkpointName, (write) =>
      writeCheckpoint(head, { ...stages }, write),
    );
    return async () => {
      await drafted.after(async () => {
        await deps.flushCatalog();
        // What was derived must be in the store before a restart may skip deriving it again.
        await deps.flushKept();
      });
      await stages.detectors.kept?.();
    };
  }

  let last: Promise<unknown> = Promise.resolve();

  /** Records, states and changes of the network never overlap. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = last.then(work);
    last = mine.catch(() => {});
    return mine;
  }

  const consumer = createLogConsumer({
    topic,
    from: restored?.position ?? 0,
    take: (record) => inTurn(() => scoring.take(decodeSignalRecord(record.bytes))),
    save: (position) => inTurn(() => save(position)),
    clock,
    checkpointSeconds: deps.checkpointSeconds,
    metrics,
  });

  const warmUp = createWarmUp({
    detectors: stages.detectors,
    backfill: deps.backfill,
    async firstReceivedMs() {
      const [first] = await topic.read(consumer.position, 1);
      return first === undefined ? undefined : decodeSignalRecord(first.bytes).receivedMs;
    },
    now: () => clock.now(),
    begin: sink.begin,
    inTurn,
    checkpoint: consumer.checkpoint,
  });

  return {
    step: consumer.step,
    async run(signal) {
      if (restored === undefined) await warmUp.run(signal);
      await consumer.run(signal);
    },
    checkpoint: async () => (warmUp.isHalfTaught ? undefined : consumer.checkpoint()),
    get checkpointedTo() {
      return consumer.checkpointedTo;
    },
    get position() {
      return consumer.position;
    },
    stages,
    useNetwork: (modelClass, sha256) => inTurn(async () => stages.detectors.useNetwork?.(modelClass, sha256)),
    get watermarkMs() {
      return scoring.head.advancedToMs;
    },
  };
}
