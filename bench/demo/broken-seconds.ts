import { shopSlos } from '../../datasets/simulator/index.ts';
import type { Mode } from '../../model/index.ts';
import { startSimulatedDemo } from '../../test/support/simulated-demo.ts';

const watchedSeconds = 300;
const windowSeconds = 5;

/**
 * Seconds in which the shop's SLO is broken in the five minutes after it goes live, in simulated time: with Kybern
 * acting (auto), and the same world where it only observes.
 */
export async function brokenSeconds(seed: number, mode: Mode): Promise<number> {
  const demo = await startSimulatedDemo({ seed, mode });
  try {
    await demo.live(watchedSeconds);
    const [slo] = shopSlos;
    const entity = { kind: 'service', namespace: slo.namespace ?? '', name: slo.service } as const;
    const read = async (metric: string) => {
      const found = await demo.engine.store.points(
        { metric, entity },
        demo.liveMs,
        demo.liveMs + watchedSeconds * 1000,
        10_000,
        50,
      );
      return found.find(({ labels }) => labels.operation === undefined) ?? { timesMs: [], values: [] };
    };
    const broken = new Set<number>();
    const latency = await read('trace.duration.p95');
    const errors = await read('trace.error.ratio');
    latency.timesMs.forEach((timeMs, row) => {
      if (latency.values[row] > (slo.latencyP95Ms ?? Number.POSITIVE_INFINITY)) broken.add(timeMs);
    });
    errors.timesMs.forEach((timeMs, row) => {
      if (errors.values[row] > (slo.errorRatio ?? Number.POSITIVE_INFINITY)) broken.add(timeMs);
    });
    if (latency.timesMs.length === 0) throw new Error('no latency of the service was stored');
    return broken.size * windowSeconds;
  } finally {
    await demo.close();
  }
}
