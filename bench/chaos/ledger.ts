import type { Door } from './doors.ts';

/**
 * A sender that knows what it issued and what was acknowledged: the oracle of chaos. Each tick is one body with one sample
 * of each series, its value a checksum of the series and the tick. A body is repeated until it is acknowledged, as every
 * at-least-once sender does, and each twentieth is sent once more after that.
 */
export interface Ledger {
  readonly door: Door;
  readonly startMs: number;
  readonly tickMs: number;
  /** Sends until told to stop; resolves when everything issued has been acknowledged. Rejects where it is refused for good. */
  run(): Promise<void>;
  stop(): void;
  /** The receiver was started anew, and listens there. */
  target(url: string): void;
  readonly issuedTicks: number;
  readonly acknowledgedTicks: number;
  /** Bodies answered with 503 and a Retry-After, and those that were not answered to the end. */
  readonly refusedBodies: number;
  readonly brokenBodies: number;
  /** Whether this tick is sent once more after its acknowledgement. */
  isRepeated(tick: number): boolean;
  /** Bodies sent again after they were acknowledged. */
  readonly repeatedBodies: number;
  /** 503 without the Retry-After that senders wait by. */
  readonly refusalsWithoutAdvice: number;
  /** Milliseconds from each attempt that was acknowledged to its acknowledgement. */
  readonly ackMs: readonly number[];
}

/** Bodies under way at one time: a sender that waits for each would be slowed down by the receiver. */
const window = 8;
const duplicateEvery = 20;
const longestRetryMs = 500;

export function createLedger(options: {
  readonly door: Door;
  readonly startMs: number;
  readonly tickMs: number;
}): Ledger {
  const { door, startMs, tickMs } = options;
  let url = '';
  let stopped = false;
  const acknowledged = new Set<number>();
  const count = { issued: 0, refused: 0, broken: 0, repeated: 0, withoutAdvice: 0 };
  const ackMs: number[] = [];

  async function deliver(tick: number): Promise<void> {
    const body = door.body(tick, startMs + tick * tickMs);
    for (;;) {
      const sentMs = performance.now();
      const answer = await door.send(url, body);
      if (answer.kind === 'acknowledged') {
        ackMs.push(performance.now() - sentMs);
        return;
      }
      if (answer.kind === 'broken') count.broken += 1;
      else {
        count.refused += 1;
        if (answer.retryAfterSeconds === undefined) count.withoutAdvice += 1;
      }
      const adviceMs = answer.kind === 'refused' ? (answer.retryAfterSeconds ?? 0) * 1000 : 100;
      await pause(Math.min(longestRetryMs, adviceMs));
    }
  }

  const isRepeated = (tick: number) => tick % duplicateEvery === 0;

  async function issue(tick: number): Promise<void> {
    await deliver(tick);
    acknowledged.add(tick);
    if (!isRepeated(tick)) return;
    await deliver(tick);
    count.repeated += 1;
  }

  return {
    door,
    startMs,
    tickMs,
    async run() {
      const began = performance.now();
      const underWay = new Set<Promise<void>>();
      while (!stopped) {
        const dueMs = count.issued * tickMs - (performance.now() - began);
        if (dueMs > 0) await pause(dueMs);
        while (underWay.size >= window) await Promise.race(underWay);
        const delivery = issue(count.issued++).then(() => void underWay.delete(delivery));
        underWay.add(delivery);
      }
      await Promise.all(underWay);
    },
    stop() {
      stopped = true;
    },
    target(to) {
      url = to;
    },
    get issuedTicks() {
      return count.issued;
    },
    get acknowledgedTicks() {
      return acknowledged.size;
    },
    get refusedBodies() {
      return count.refused;
    },
    get brokenBodies() {
      return count.broken;
    },
    get repeatedBodies() {
      return count.repeated;
    },
    get refusalsWithoutAdvice() {
      return count.withoutAdvice;
    },
    isRepeated,
    ackMs,
  };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
