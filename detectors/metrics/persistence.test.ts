import { describe, expect, test } from 'vitest';
import { type Anomaly, createRandom, toEpochMs } from '../../model/index.ts';
import { createNoise, sampleBatch, startMs } from '../testing/synthetic.ts';
import { createWorkbench, defaultConfig } from '../testing/workbench.ts';

const day = 86_400_000;
const minute = 60_000;

interface Played {
  readonly name: string;
  readonly kind?: 'gauge' | 'counter';
  readonly intervalMs: number;
  readonly days?: number;
  readonly config?: ReturnType<typeof defaultConfig>;
  /** Value, or what it counts a second, without noise; `faultMs` counts from the beginning of the fault, below 0 before. */
  readonly at: (faultMs: number, random: () => number) => number;
}

/** Two days (or more) of one series, and an hour of its fault; what was told of it. */
async function play({ name, kind = 'gauge', intervalMs, days = 2, config = defaultConfig(), at }: Played) {
  const { catalog, detectors } = createWorkbench({ config });
  const id = catalog.intern({ name, labels: [['service.name', 'cart']], kind, unit: '', origin: 'received' });
  const random = createRandom(7);
  const noise = createNoise(createRandom(8));
  const faultAt = startMs + days * day;
  const told: Anomaly[] = [];
  let counted = 0;
  for (let timeMs = startMs; timeMs < faultAt + 60 * minute; timeMs += intervalMs) {
    const value = Math.max(0, at(timeMs - faultAt, random) * (1 + 0.05 * noise()));
    counted += (value * intervalMs) / 1000;
    const row = [id, timeMs, kind === 'counter' ? counted : value] as const;
    told.push(...(await detectors.observe(sampleBatch([[...row]]))).anomalies);
    told.push(...(await detectors.advance(timeMs)).anomalies);
  }
  const begun = told.filter(({ revision }) => revision === 1);
  return {
    before: begun.filter(({ detectedAt }) => toEpochMs(detectedAt) < faultAt).length,
    during: begun
      .filter(({ detectedAt }) => toEpochMs(detectedAt) >= faultAt)
      .map(({ onset, detectedAt }) => [toEpochMs(onset) - faultAt, toEpochMs(detectedAt) - faultAt]),
  };
}

const bursts = [
  ['orders.queue.depth', 'gauge', 4, 400],
  ['kafka_consumergroup_lag', 'gauge', 4, 3000],
  ['jvm_gc_pause_seconds_max', 'gauge', 0.01, 1.5],
  ['hikaricp_connections_active', 'gauge', 3, 40],
  ['http_request_duration_seconds_p99', 'gauge', 0.2, 3],
  ['node_disk_io_time_seconds_total', 'counter', 0.05, 0.9],
  ['api_rate_limited_requests_total', 'counter', 0.1, 20],
] as const;

describe.each(bursts)('%s', (name, kind, calm, high) => {
  const half = minute / 2;

  test('comes in bursts of half a minute while all is well, and is told once it has stayed up for minutes', async () => {
    let until = Number.NEGATIVE_INFINITY;
    const at = (faultMs: number, random: () => number) => {
      if (faultMs >= 0) return high;
      if (faultMs < -minute && random() < 1 / 400) until = faultMs + half;
      return faultMs < until ? calm + random() * (high - calm) : calm;
    };
    const { before, during } = await play({ name, kind, intervalMs: 15_000, at });
    expect(before).toBeLessThanOrEqual(1);
    expect(during[0]?.[0]).toBeLessThanOrEqual(15_000);
    expect(during[0]?.[1]).toBeLessThanOrEqual(3 * minute);
  });
});

const stuck = { name: 'orders.queue.depth', at: (faultMs: number) => (faultMs < 0 ? 40 : 4000) };

describe('a queue that is stuck is told', () => {
  test.each([
    [1000, 12_000],
    [5000, 60_000],
    [30_000, 3 * minute],
    [60_000, 3 * minute],
    [300_000, 5 * minute],
  ])('of samples each %i ms within %i ms', async (intervalMs, withinMs) => {
    const { before, during } = await play({ ...stuck, intervalMs, days: intervalMs < 5000 ? 0.1 : 2 });
    expect(before).toBe(0);
    expect(during[0]?.[1]).toBeLessThanOrEqual(withinMs);
    expect(during[0]?.[1]).toBeGreaterThanOrEqual(Math.min(withinMs - 2 * intervalMs, intervalMs));
  });

  test.each([
    [{ forSeconds: 0 }, 15_000],
    [{ forSeconds: 600 }, 10 * minute],
  ])('by a rule with %j', async (rule, toldMs) => {
    const usual = defaultConfig();
    const signals = [{ match: { metrics: ['orders.*'] }, ...rule }];
    const config = { ...usual, metrics: { ...usual.metrics, signals } };
    const { during } = await play({ ...stuck, intervalMs: 15_000, config });
    expect(Math.abs(during[0]![1]! - toldMs)).toBeLessThanOrEqual(15_000);
    expect(during[0]![0]).toBe(0);
  });

  test('at once where burstSeconds is 0', async () => {
    const usual = defaultConfig();
    const config = { ...usual, metrics: { ...usual.metrics, burstSeconds: 0 } };
    const { during } = await play({ ...stuck, intervalMs: 15_000, config });
    expect(during[0]).toEqual([0, 15_000]);
  });
});
