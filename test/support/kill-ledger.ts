import { createRandom } from '../../model/index.ts';
import type { KybernProcess } from './kybern-process.ts';

/** What was sent, and what of it was acknowledged: the oracle of the kill tests. */
export interface Ledger {
  /** Sends until told to stop; resolves when everything issued has been acknowledged. */
  run(): Promise<void>;
  stop(): void;
  /** The program was started anew. */
  target(otlpUrl: string): void;
  /** Ticks acknowledged; each holds one sample of each series, its value the number of the tick. */
  readonly acknowledged: number;
  readonly series: number;
  readonly startMs: number;
  readonly tickMs: number;
}

const attemptTimeoutMs = 5000;

/**
 * A sender of 5,000 samples a second (500 series, ten ticks a second) that repeats a body until it is acknowledged, as
 * every at-least-once sender does. A body whose acknowledgement was lost in a kill is therefore sent twice.
 */
export function createLedger(options: { startMs: number; series?: number; tickMs?: number }): Ledger {
  const { startMs, series = 500, tickMs = 100 } = options;
  let url = '';
  let stopped = false;
  let acknowledged = 0;

  function bodyOf(tick: number): string {
    const timeUnixNano = `${startMs + tick * tickMs}000000`;
    const dataPoints = Array.from({ length: series }, (_, row) => ({
      attributes: [{ key: 'row', value: { stringValue: String(row) } }],
      timeUnixNano,
      asDouble: tick,
    }));
    const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'ledger' } }] };
    return JSON.stringify({
      resourceMetrics: [{ resource, scopeMetrics: [{ metrics: [{ name: 'ledger.tick', gauge: { dataPoints } }] }] }],
    });
  }

  async function deliver(body: string): Promise<void> {
    for (;;) {
      const response = await fetch(`${url}/v1/metrics`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
        signal: AbortSignal.timeout(attemptTimeoutMs),
      }).catch(() => undefined);
      if (response?.status === 200) {
        const answer = (await response.json().catch(() => ({}))) as {
          partialSuccess?: { rejectedDataPoints?: string };
        };
        if (Number(answer.partialSuccess?.rejectedDataPoints ?? 0) > 0)
          throw new Error('the ledger was refused in part');
        return;
      }
      if (response !== undefined && response.status < 500)
        throw new Error(`the ledger was refused: ${response.status}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  return {
    async run() {
      const began = performance.now();
      for (let tick = 0; !stopped; tick++) {
        const dueMs = tick * tickMs - (performance.now() - began);
        if (dueMs > 0) await new Promise((resolve) => setTimeout(resolve, dueMs));
        await deliver(bodyOf(tick));
        acknowledged = tick + 1;
      }
    },
    stop() {
      stopped = true;
    },
    target(otlpUrl) {
      url = otlpUrl;
    },
    get acknowledged() {
      return acknowledged;
    },
    series,
    startMs,
    tickMs,
  };
}

/** Kills the program at seeded random moments and starts it again, so many times. Gives the last one. */
export async function killRepeatedly(options: {
  readonly start: () => Promise<KybernProcess>;
  readonly onStart: (kybern: KybernProcess) => void;
  readonly kills: number;
  readonly seed: number;
  /** Shortest and longest life between being ready and being killed, milliseconds. */
  readonly livesMs: readonly [number, number];
}): Promise<KybernProcess> {
  const random = createRandom(options.seed);
  const [shortest, longest] = options.livesMs;
  let kybern = await options.start();
  options.onStart(kybern);
  for (let kill = 0; kill < options.kills; kill++) {
    await new Promise((resolve) => setTimeout(resolve, shortest + random() * (longest - shortest)));
    await kybern.kill();
    kybern = await options.start();
    options.onStart(kybern);
  }
  return kybern;
}
