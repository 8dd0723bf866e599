import {
  type Clock,
  KybernError,
  type LogRecord,
  type LogTopic,
  type MetricLabels,
  type Metrics,
} from '../../model/index.ts';
import { createCheckpointPace } from './checkpoint-pace.ts';

/** Takes a topic's records in order and saves now and then how far it is, with the state that belongs to it. */
export interface LogConsumer {
  /** Takes the next records; false when there is none. */
  step(): Promise<boolean>;
  run(signal: AbortSignal): Promise<void>;
  /** Saves the state with the offset it belongs to. Not while a step is under way. */
  checkpoint(): Promise<void>;
  /** Offset that a restart would go on from. */
  readonly checkpointedTo: number;
  /** Offset of the next record to take. */
  readonly position: number;
}

export interface LogConsumerDeps {
  readonly topic: LogTopic;
  /** Where to go on. */
  readonly from: number;
  readonly take: (record: LogRecord) => Promise<void>;
  /** Takes the state, while nothing is taken from the log, and answers what makes it durable together with its offset. */
  readonly save: (position: number) => Promise<() => Promise<void>>;
  readonly clock: Clock;
  readonly checkpointSeconds: number;
  readonly metrics: Metrics;
  /** What tells its lag from that of other consumers of this process. */
  readonly lagLabels?: MetricLabels;
}

const maxBytesPerStep = 1 << 20;
/** Senders and the store have their turn after this: a step of one that is behind takes half a second. */
const longestTurnMs = 20;
const saveBuckets = [0.05, 0.1, 0.5, 1, 5, 10, 30];
const stepBuckets = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5];

export function createLogConsumer(deps: LogConsumerDeps): LogConsumer {
  const { topic, clock, metrics } = deps;
  let position = Math.max(deps.from, topic.firstOffset);
  let checkpointedTo = position;

  const items = metrics.counter('kybern_analysis_records_total', 'Log records analysed.');
  const duration = metrics.histogram('kybern_analysis_record_seconds', 'Time to analyse one log record.', stepBuckets);
  const postponed = metrics.counter(
    'kybern_checkpoints_postponed_total',
    'Checkpoints put off by a part that was away.',
    ['code'],
  );
  const saving = metrics.histogram('kybern_checkpoint_seconds', 'Time to save a checkpoint.', saveBuckets);
  const { lagLabels = {} } = deps;
  const lag = metrics.gauge('kybern_analysis_lag_records', 'Log records not analysed yet.', Object.keys(lagLabels));

  async function take(record: LogRecord): Promise<void> {
    const started = performance.now();
    await deps.take(record);
    position = record.offset + 1;
    items.add(1);
    duration.observe((performance.now() - started) / 1000);
  }

  async function step(): Promise<boolean> {
    const records = await topic.read(position, maxBytesPerStep);
    let turnMs = performance.now();
    for (const record of records) {
      if (performance.now() - turnMs >= longestTurnMs) {
        await nextTurn();
        turnMs = performance.now();
      }
      // A quarantined segment leaves a gap in the offsets: reading goes on behind it.
      await take(record);
    }
    lag.set(topic.nextOffset - position, lagLabels);
    return records.length > 0;
  }

  /** Resolves when the state is taken: the consumer may go on while it is being written. */
  async function takeState(): Promise<() => Promise<void>> {
    const offset = position;
    const write = await deps.save(offset);
    return async () => {
      await write();
      checkpointedTo = offset;
    };
  }

  const checkpoint = async (): Promise<void> => (await takeState())();

  // While the store is away the last checkpoint stands, and the log keeps what lies behind it.
  async function tryWrite(write: () => Promise<void>, started: number): Promise<void> {
    try {
      await write();
      saving.observe((performance.now() - started) / 1000);
    } catch (error) {
      if (!(error instanceof KybernError)) throw error;
      postponed.add(1, { code: error.code });
    }
  }

  async function run(signal: AbortSignal): Promise<void> {
    const pace = createCheckpointPace(deps.checkpointSeconds * 1000, clock.now());
    let underWay: Promise<void> | undefined;
    let defect: unknown;
    while (!signal.aborted && defect === undefined) {
      const fromMs = clock.now();
      const isDue = pace.isDue(fromMs, position < topic.nextOffset);
      if (isDue && underWay === undefined && position > checkpointedTo) {
        const started = performance.now();
        underWay = tryWrite(await takeState(), started)
          .catch((error: unknown) => {
            defect = error;
          })
          .finally(() => {
            underWay = undefined;
          });
        pace.began(fromMs, clock.now());
      }
      if (await step()) await nextTurn();
      else await topic.waitFor(position, signal);
    }
    await underWay;
    if (defect !== undefined) throw defect;
  }

  return {
    step,
    run,
    checkpoint,
    get checkpointedTo() {
      return checkpointedTo;
    },
    get position() {
      return position;
    },
  };
}

/** Lets go of the thread until all else that is due has been done. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
