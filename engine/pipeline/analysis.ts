import {
  type Action,
  type BandBatch,
  type Clock,
  type ClusterBatch,
  type Decision,
  type DetectionResult,
  type Detectors,
  KybernError,
  type LogRecord,
  type LogTopic,
  type Metrics,
  type Rca,
  type SampleBatch,
  type SignalBatch,
  type SloStatus,
  type StateFiles,
  type Tuner,
} from '../../model/index.ts';
import type { ActionInbox } from './action-inbox.ts';
import { packCheckpoint, unpackCheckpoint } from './checkpoint.ts';
import { createCheckpointPace } from './checkpoint-pace.ts';
import type { DecisionRecorder } from './decision-recorder.ts';
import { decodeSignalRecord } from './signal-record.ts';

export interface Stages {
  readonly detectors: Detectors;
  readonly rca: Rca;
  readonly tuner: Tuner;
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
  /** Every revision of an action that was recorded, those before a restart too. */
  readonly actions: ActionInbox;
  readonly stateFiles: StateFiles;
  readonly metrics: Metrics;
  /** What the detectors made of the signals, on its way to the store. */
  readonly keep: (derived: readonly SampleBatch[], bands: readonly BandBatch[]) => void;
  /** Resolves once all that was kept is in the store. */
  readonly flushKept: () => Promise<void>;
  readonly onSlos: (slos: readonly SloStatus[]) => void;
  readonly latenessMs: number;
}

export interface Analysis {
  /** Takes the next records of the log through all stages; false when there is none. */
  step(): Promise<boolean>;
  run(signal: AbortSignal): Promise<void>;
  /** Saves the state of every stage with the offset it belongs to. Not while a step is under way. */
  checkpoint(): Promise<void>;
  readonly stages: Stages;
  /** Log offset that a restart would go on from. */
  readonly checkpointedTo: number;
  /** Log offset of the next record to take. */
  readonly position: number;
  /** Event time that all stages have seen, epoch milliseconds. */
  readonly watermarkMs: number;
}

const maxBytesPerStep = 1 << 20;
const checkpointName = 'analysis';
const saveBuckets = [0.05, 0.1, 0.5, 1, 5, 10, 30];
const stepBuckets = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5];

/**
 * The consumer that turns signals into decisions: every log record through detection, root causes and tuning, in log
 * order and event time, so that the same log gives the same decisions whenever it is read.
 */
export async function openAnalysis(deps: AnalysisDeps): Promise<Analysis> {
  const saved = await deps.stateFiles.get(checkpointName);
  let stages = deps.createStages();
  const restored = saved === undefined ? undefined : unpackCheckpoint(saved, { ...stages });
  const unusable = deps.metrics.counter('kybern_checkpoints_unusable_total', 'Checkpoints that could not be used.');
  if (saved !== undefined && restored === undefined) {
    unusable.add(1);
    stages = deps.createStages();
  }
  let position = Math.max(restored?.position ?? 0, deps.topic.firstOffset);
  let checkpointedTo = position;
  let newestMs = restored?.newestMs ?? 0;
  let advancedToMs = restored?.advancedToMs ?? 0;
  let waitingCluster: ClusterBatch[] = [];
  deps.actions.skip(restored?.actionsTaken ?? 0);

  const items = deps.metrics.counter('kybern_analysis_records_total', 'Log records analysed.');
  const duration = deps.metrics.histogram(
    'kybern_analysis_record_seconds',
    'Time to analyse one log record.',
    stepBuckets,
  );
  const postponed = deps.metrics.counter(
    'kybern_checkpoints_postponed_total',
    'Checkpoints put off by a part that was away.',
    ['code'],
  );
  const saving = deps.metrics.histogram('kybern_checkpoint_seconds', 'Time to save a checkpoint.', saveBuckets);
  const lag = deps.metrics.gauge('kybern_analysis_lag_records', 'Log records not analysed yet.');

  async function settle(result: DetectionResult, samples: readonly SampleBatch[]): Promise<void> {
    const all = [...samples, ...result.derived];
    const cluster = waitingCluster;
    waitingCluster = [];
    deps.keep(result.derived, result.bands);
    stages.rca.observe({ samples: all, calls: result.calls, cluster, anomalies: result.anomalies, slos: result.slos });
    stages.tuner.observe({ samples: all, calls: result.calls, cluster, incidents: [], slos: result.slos });
    if (result.slos.length > 0) deps.onSlos(result.slos);
    if (result.anomalies.length > 0)
      await deps.recorder.record(result.anomalies.map((value) => ({ type: 'anomaly', value })));
  }

  function learn(action: Action): void {
    if (action.incidentId !== undefined) stages.rca.attach(action);
    stages.tuner.learn(action);
  }

  async function take(record: LogRecord): Promise<void> {
    const started = performance.now();
    const { receivedMs, batches } = decodeSignalRecord(record.bytes);
    for (const action of deps.actions.takeBefore(receivedMs)) learn(action);
    for (const batch of batches) {
      newestMs = Math.max(newestMs, Math.min(receivedMs, newestTimeOf(batch)));
      if (batch.kind === 'cluster') waitingCluster.push(batch);
      await settle(await stages.detectors.observe(batch), batch.kind === 'samples' ? [batch] : []);
    }
    const watermark = Math.floor((newestMs - deps.latenessMs) / 1000) * 1000;
    if (watermark > advancedToMs) {
      advancedToMs = watermark;
      await advance(watermark);
    }
    position = record.offset + 1;
    items.add(1);
    duration.observe((performance.now() - started) / 1000);
  }

  async function advance(watermarkMs: number): Promise<void> {
    await settle(await stages.detectors.advance(watermarkMs), []);
    const incidents = stages.rca.advance(watermarkMs);
    if (incidents.length > 0) {
      await deps.recorder.record(incidents.map((value) => ({ type: 'incident', value })));
      stages.tuner.observe({ samples: [], calls: [], cluster: [], incidents, slos: [] });
    }
    const proposals = stages.tuner.advance(watermarkMs);
    if (proposals.length > 0)
      await deps.recorder.record(proposals.map((value): Decision => ({ type: 'proposal', value })));
  }

  async function step(): Promise<boolean> {
    const records = await deps.topic.read(position, maxBytesPerStep);
    for (const record of records) {
      // A quarantined segment leaves a gap in the offsets: reading goes on behind it.
      await take(record);
    }
    lag.set(deps.topic.nextOffset - position);
    return records.length > 0;
  }

  // Taken at once, so that the analysis may go on while it is being written.
  async function checkpoint(): Promise<void> {
    const offset = position;
    const bytes = packCheckpoint({ position, newestMs, advancedToMs, actionsTaken: deps.actions.taken }, { ...stages });
    await deps.flushCatalog();
    // What was derived must be in the store before a restart may skip deriving it again.
    await deps.flushKept();
    await deps.stateFiles.put(checkpointName, bytes);
    checkpointedTo = offset;
  }

  // While the store is away the last checkpoint stands, and the log keeps what lies behind it.
  async function tryCheckpoint(): Promise<void> {
    const started = performance.now();
    try {
      await checkpoint();
      saving.observe((performance.now() - started) / 1000);
    } catch (error) {
      if (!(error instanceof KybernError)) throw error;
      postponed.add(1, { code: error.code });
    }
  }

  async function run(signal: AbortSignal): Promise<void> {
    const pace = createCheckpointPace(deps.checkpointSeconds * 1000, deps.clock.now());
    let underWay: Promise<void> | undefined;
    let defect: unknown;
    while (!signal.aborted && defect === undefined) {
      const fromMs = deps.clock.now();
      const isDue = pace.isDue(fromMs, position < deps.topic.nextOffset);
      if (isDue && underWay === undefined && position > checkpointedTo) {
        underWay = tryCheckpoint()
          .catch((error: unknown) => {
            defect = error;
          })
          .finally(() => {
            underWay = undefined;
          });
        pace.began(fromMs, deps.clock.now());
      }
      if (await step()) await new Promise((resolve) => setImmediate(resolve));
      else await deps.topic.waitFor(position, signal);
    }
    await underWay;
    if (defect !== undefined) throw defect;
  }

  return {
    step,
    run,
    checkpoint,
    stages,
    get checkpointedTo() {
      return checkpointedTo;
    },
    get position() {
      return position;
    },
    get watermarkMs() {
      return advancedToMs;
    },
  };
}

function newestTimeOf(batch: SignalBatch): number {
  if (batch.kind === 'cluster') return batch.timeMs;
  const times = batch.kind === 'spans' ? batch.startsMs : batch.timesMs;
  let newest = 0;
  for (let row = 0; row < batch.count; row++) newest = Math.max(newest, times[row]);
  return newest;
}
