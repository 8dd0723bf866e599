import { type Clock, KybernError } from '../../model/index.ts';

/** Sends entries on in order, whole, one record under way at a time. */
export interface FindingsSender {
  /** Resolves at once while there is room, else when there is some again. */
  send(entry: Uint8Array): Promise<void>;
  /** Resolves once everything sent before is durable; rejects with KYBERN_FENCED when closed before that. */
  flush(): Promise<void>;
  close(): void;
}

const recordBytes = 1 << 20;
const waitingBytesLimit = 8 << 20;
const retryMs = 500;

/**
 * What a partition found must arrive in its order: the reader passes over an offset that is behind what it has. So a
 * record that fails is sent again, as it is, before anything that follows it.
 */
export function createFindingsSender(deps: {
  readonly append: (record: Uint8Array) => Promise<unknown>;
  readonly clock: Clock;
}): FindingsSender {
  let waiting: Uint8Array[] = [];
  let waitingBytes = 0;
  let sending: Promise<void> | undefined;
  const ended = new AbortController();

  async function sendAll(): Promise<void> {
    while (waiting.length > 0 && !ended.signal.aborted) await sendOn(takeRecord());
    sending = undefined;
  }

  function takeRecord(): Uint8Array {
    let count = 0;
    let bytes = 0;
    while (count < waiting.length && (count === 0 || bytes + waiting[count].length <= recordBytes))
      bytes += waiting[count++].length;
    const record = Buffer.concat(waiting.slice(0, count));
    waiting = waiting.slice(count);
    return record;
  }

  async function sendOn(record: Uint8Array): Promise<void> {
    while (!ended.signal.aborted) {
      try {
        await deps.append(record);
        waitingBytes -= record.length;
        return;
      } catch (error) {
        if (!(error instanceof KybernError)) throw error;
        await deps.clock.sleep(retryMs, ended.signal);
      }
    }
  }

  async function settled(): Promise<void> {
    while (sending !== undefined && !ended.signal.aborted) await sending;
  }

  return {
    async send(entry) {
      waiting.push(entry);
      waitingBytes += entry.length;
      sending ??= sendAll();
      if (waitingBytes > waitingBytesLimit) await settled();
    },
    async flush() {
      await settled();
      if (ended.signal.aborted && waitingBytes > 0)
        throw new KybernError('KYBERN_FENCED', 'the findings were not sent before the partition went');
    },
    close: () => ended.abort(),
  };
}
