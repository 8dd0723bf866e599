import {
  type Clock,
  KybernError,
  type LogRecord,
  type LogTopic,
  type Metrics,
  type StateFiles,
} from '../../model/index.ts';
import { loadRange, type Range, saveRange } from './projector-position.ts';

/** Carries a topic of the log over into the store. */
export interface Projector {
  /** Carries one batch over; false where there was none. Rejects with KYBERN_STORE or KYBERN_LOG_UNAVAILABLE. */
  step(): Promise<boolean>;
  /** Steps until the signal aborts; while the store or the log is down it tries again, less and less often. */
  run(signal: AbortSignal): Promise<void>;
  /** Offset below which everything is in the store: what the log's retention must not pass (`heldFrom`). */
  readonly position: number;
}

export interface ProjectorOptions {
  readonly topic: LogTopic;
  readonly stateFiles: StateFiles;
  readonly clock: Clock;
  readonly metrics: Metrics;
  /** Most log bytes taken at once, while behind; 8 MiB unless told. A quarter of it at first and when caught up. */
  readonly batchBytes?: number;
  /** Time to gather before a small batch, so that the store isn't given many tiny ones. */
  readonly lingerMs: number;
  readonly write: (records: readonly LogRecord[], token: string) => Promise<void>;
}

const defaultBatchBytes = 8 * 1024 * 1024;
const firstRetryMs = 250;
// Half of it is how much later, on average, a store that came back is noticed.
const lastRetryMs = 2000;

export function createProjector(options: ProjectorOptions): Projector {
  const { topic, stateFiles, clock, batchBytes = defaultBatchBytes } = options;
  const name = `store.${topic.name}`;
  const labels = { topic: topic.name };
  const lag = options.metrics.gauge('kybern_store_lag_records', 'Log records not in the store yet.', ['topic']);
  const retries = options.metrics.counter('kybern_store_retries_total', 'Batches to be sent again.', ['topic']);
  let loaded = false;
  let position = 0;
  /** Saved, and perhaps in the store, perhaps not. */
  let pending: Range | undefined;
  let lastBatchBytes = 0;
  const leastBytes = Math.ceil(batchBytes / 4);
  /** Large batches cost the store less each; small ones are sooner to be seen. */
  let takenAtOnce = leastBytes;

  async function load(): Promise<void> {
    pending = await loadRange(stateFiles, name);
    position = pending?.from ?? 0;
    loaded = true;
  }

  function tellLag(): void {
    lag.set(Math.max(0, topic.nextOffset - position), labels);
  }

  /** What comes meanwhile is behind from the moment it comes: 0 is for those who wait until all is stored. */
  async function linger(signal: AbortSignal): Promise<void> {
    topic.waitFor(position, signal).then(tellLag, () => {});
    await clock.sleep(options.lingerMs, signal);
  }

  async function step(): Promise<boolean> {
    if (!loaded) await load();
    tellLag();
    const records = pending === undefined ? await takeNew() : await takeAgain(pending);
    const range = pending;
    if (range === undefined) return false;
    if (records.length > 0) await options.write(records, `${topic.name} ${range.from}-${range.to}`);
    // A log that lost its end numbers new records from an earlier offset on.
    position = Math.min(range.to, topic.nextOffset);
    pending = undefined;
    lastBatchBytes = bytesOf(records);
    const isBehind = topic.nextOffset > position && lastBatchBytes * 2 >= takenAtOnce;
    takenAtOnce = isBehind ? Math.min(batchBytes, takenAtOnce * 2) : Math.max(leastBytes, takenAtOnce >>> 1);
    tellLag();
    return true;
  }

  async function takeNew(): Promise<readonly LogRecord[]> {
    const records = await topic.read(position, takenAtOnce);
    if (records.length === 0) return [];
    const range = { from: records[0].offset, to: records[records.length - 1].offset + 1 };
    await saveRange(stateFiles, name, range);
    pending = range;
    return records;
  }

  async function takeAgain(range: Range): Promise<readonly LogRecord[]> {
    const records: LogRecord[] = [];
    for (let from = range.from; from < range.to; ) {
      const read = await topic.read(from, batchBytes);
      const within = read.filter((record) => record.offset < range.to);
      if (within.length === 0) break;
      records.push(...within);
      from = within[within.length - 1].offset + 1;
    }
    return records;
  }

  async function run(signal: AbortSignal): Promise<void> {
    let retryMs = firstRetryMs;
    while (!signal.aborted) {
      try {
        if (await step()) {
          retryMs = firstRetryMs;
          if (lastBatchBytes * 2 < leastBytes) await linger(signal);
        } else {
          await topic.waitFor(position, signal);
        }
      } catch (error) {
        if (!(error instanceof KybernError)) throw error;
        retries.add(1, labels);
        await clock.sleep(retryMs, signal);
        retryMs = Math.min(lastRetryMs, retryMs * 2);
      }
    }
  }

  return {
    step,
    run,
    get position() {
      return position;
    },
  };
}

function bytesOf(records: readonly LogRecord[]): number {
  return records.reduce((sum, record) => sum + record.bytes.byteLength, 0);
}
