import { createRandom } from '../../model/index.ts';

export interface NoisyServices {
  /** Sends until told to stop; a body is repeated until it is acknowledged. */
  run(): Promise<void>;
  stop(): void;
  target(...otlpUrls: readonly string[]): void;
}

const sendEveryMs = 250;
const jumpMs = 8000;

/** Services with a steady level that jumps for some seconds, one service after the other: what a detector must tell of. */
export function createNoisyServices(options: {
  readonly services: number;
  readonly seed: number;
  /** The first service jumps after so long, each next one `everyMs` later. */
  readonly firstJumpMs: number;
  readonly everyMs: number;
}): NoisyServices {
  const random = createRandom(options.seed);
  const ended = new AbortController();
  let urls: readonly string[] = [];

  function bodyAt(elapsedMs: number): string {
    const timeUnixNano = `${Date.now()}000000`;
    const resourceMetrics = Array.from({ length: options.services }, (_, service) => {
      const sinceJumpMs = elapsedMs - options.firstJumpMs - service * options.everyMs;
      const jump = sinceJumpMs >= 0 && sinceJumpMs < jumpMs ? 80 : 0;
      const asDouble = 50 + random() * 4 + jump;
      return {
        resource: { attributes: [{ key: 'service.name', value: { stringValue: `noisy-${service}` } }] },
        scopeMetrics: [{ metrics: [{ name: 'noise.level', gauge: { dataPoints: [{ timeUnixNano, asDouble }] } }] }],
      };
    });
    return JSON.stringify({ resourceMetrics });
  }

  async function deliver(body: string, turn: number): Promise<void> {
    for (let attempt = turn; ; attempt++) {
      const response = await fetch(`${urls[attempt % urls.length]}/v1/metrics`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
        signal: AbortSignal.timeout(5000),
      }).catch(() => undefined);
      if (response?.ok === true) return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  return {
    async run() {
      const began = performance.now();
      for (let turn = 0; !ended.signal.aborted; turn++) {
        const dueMs = turn * sendEveryMs - (performance.now() - began);
        if (dueMs > 0) await new Promise((resolve) => setTimeout(resolve, dueMs));
        await deliver(bodyAt(performance.now() - began), turn);
      }
    },
    stop: () => ended.abort(),
    target(...otlpUrls) {
      urls = otlpUrls;
    },
  };
}
