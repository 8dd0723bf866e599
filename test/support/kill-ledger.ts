import { createRandom, type Random } from '../../model/index.ts';
import { eventually, type KybernProcess, untilReady } from './kybern-process.ts';

/** What was sent, and what of it was acknowledged: the oracle of the kill tests. */
export interface Ledger {
  /** Sends until told to stop; resolves when everything issued has been acknowledged. */
  run(): Promise<void>;
  stop(): void;
  /** The program was started anew; where there are several, bodies go to each in turn. */
  target(...otlpUrls: readonly string[]): void;
  /** Ticks acknowledged without a gap; each holds one sample of each series, its value the number of the tick. */
  readonly acknowledged: number;
  readonly series: number;
  readonly startMs: number;
  readonly tickMs: number;
}

const attemptTimeoutMs = 5000;
/** Bodies under way at one time: a sender that waits for each would be slowed down by the receiver. */
const window = 8;

/**
 * A sender of 5,000 samples a second (500 series, ten ticks a second) that repeats a body until it is acknowledged, as
 * every at-least-once sender does. A body whose acknowledgement was lost in a kill is therefore sent twice. Behind its
 * time after a kill, it catches up as fast as it is acknowledged.
 */
export function createLedger(options: {
  startMs: number;
  series?: number;
  tickMs?: number;
  /** The series are of so many services. */
  services?: number;
}): Ledger {
  const { startMs, series = 500, tickMs = 100, services = 1 } = options;
  let urls: readonly string[] = [''];
  let stopped = false;
  let acknowledged = 0;
  const ahead = new Set<number>();

  function acknowledge(tick: number): void {
    ahead.add(tick);
    while (ahead.delete(acknowledged)) acknowledged += 1;
  }

  function bodyOf(tick: number): string {
    const timeUnixNano = `${startMs + tick * tickMs}000000`;
    const dataPoints = Array.from({ length: series }, (_, row) => ({
      attributes: [{ key: 'row', value: { stringValue: String(row) } }],
      timeUnixNano,
      asDouble: tick,
    }));
    const resourceMetrics = Array.from({ length: services }, (_, service) => ({
      resource: {
        attributes: [{ key: 'service.name', value: { stringValue: service === 0 ? 'ledger' : `ledger-${service}` } }],
      },
      scopeMetrics: [
        {
          metrics: [
            { name: 'ledger.tick', gauge: { dataPoints: dataPoints.filter((_, row) => row % services === service) } },
          ],
        },
      ],
    }));
    return JSON.stringify({ resourceMetrics });
  }

  async function deliver(body: string, tick: number): Promise<void> {
    for (let attempt = tick; ; attempt++) {
      const response = await fetch(`${urls[attempt % urls.length]}/v1/metrics`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
        signal: AbortSignal.timeout(attemptTimeoutMs),
      }).catch(() => undefined);
      // Without a whole answer nothing was acknowledged.
      const answer = (await response?.json().catch(() => undefined)) as Answer | undefined;
      if (response?.status === 200 && answer !== undefined) {
        if (Number(answer.partialSuccess?.rejectedDataPoints ?? 0) > 0)
          throw new Error('the ledger was refused in part');
        return;
      }
      if (response !== undefined && response.status >= 400 && response.status < 500)
        throw new Error(`the ledger was refused: ${response.status}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  return {
    async run() {
      const began = performance.now();
      const underWay = new Set<Promise<void>>();
      for (let tick = 0; !stopped; tick++) {
        const dueMs = tick * tickMs - (performance.now() - began);
        if (dueMs > 0) await new Promise((resolve) => setTimeout(resolve, dueMs));
        while (underWay.size >= window) await Promise.race(underWay);
        const delivery = deliver(bodyOf(tick), tick).then(() => {
          acknowledge(tick);
          underWay.delete(delivery);
        });
        underWay.add(delivery);
      }
      await Promise.all(underWay);
    },
    stop() {
      stopped = true;
    },
    target(...otlpUrls) {
      urls = otlpUrls;
    },
    get acknowledged() {
      return acknowledged;
    },
    series,
    startMs,
    tickMs,
  };
}

interface Answer {
  readonly partialSuccess?: { readonly rejectedDataPoints?: string };
}

/** Waits until the last ticks acknowledged can be queried: the store follows the log in its order. */
export async function untilQueryable(kybern: KybernProcess, ledger: Ledger): Promise<void> {
  const last = ledger.acknowledged - 1;
  const timeOf = (tick: number) => new Date(ledger.startMs + tick * ledger.tickMs).toISOString();
  const path = `/api/v1/query?metric=ledger.tick&label.row=0&from=${timeOf(Math.max(0, last - window))}&to=${timeOf(last + 1)}`;
  await eventually(
    async () => {
      const { items } = await kybern.get<{ items: { points: { values: number[] } }[] }>(path);
      return items[0]?.points.values.length === Math.min(last, window) + 1;
    },
    { withinMs: 60_000, what: () => `ticks up to ${last} to be in the store` },
  );
}

export interface KilledRuns {
  /** The one that lives. */
  readonly kybern: KybernProcess;
  /** From each kill until the next one was ready, where it was before it was killed. */
  readonly recoveriesMs: readonly number[];
}

/** Kills the program again and again and starts it anew. */
export async function killRepeatedly(options: {
  readonly start: () => KybernProcess;
  readonly onReady: (kybern: KybernProcess) => void;
  readonly kills: number;
  readonly seed: number;
  /** A life that is not ready by then is a failure; 60 s unless told. */
  readonly readyWithinMs?: number;
  /** Resolves when this life is to end, which may be before it is ready. */
  readonly life: (random: Random, ready: Promise<void>, kybern: KybernProcess, kill: number) => Promise<void>;
}): Promise<KilledRuns> {
  const random = createRandom(options.seed);
  const recoveriesMs: number[] = [];

  /** Starts, and tells when it is ready. */
  function begin(isRecovery: boolean): { kybern: KybernProcess; ready: Promise<void> } {
    const began = performance.now();
    const kybern = options.start();
    const ready = untilReady(kybern, options.readyWithinMs ?? 60_000).then(() => {
      if (kybern.child.killed) return;
      if (isRecovery) recoveriesMs.push(performance.now() - began);
      options.onReady(kybern);
    });
    return { kybern, ready };
  }

  let { kybern, ready } = begin(false);
  for (let kill = 0; kill < options.kills; kill++) {
    await options.life(random, ready, kybern, kill);
    await kybern.kill();
    await ready;
    ({ kybern, ready } = begin(true));
  }
  await ready;
  return { kybern, recoveriesMs };
}

/** A seeded random moment between the shortest and the longest. */
export function randomPause(random: Random, shortestMs: number, longestMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, shortestMs + random() * (longestMs - shortestMs)));
}
