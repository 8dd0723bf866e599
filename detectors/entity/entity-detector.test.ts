import { describe, expect, it } from 'vitest';
import { type Anomaly, createRandom, noMetrics, type SeriesIdentity } from '../../model/index.ts';
import { createMemoryCatalog } from '../testing/memory-catalog.ts';
import { createNoise, podGauge, sampleBatch, startMs } from '../testing/synthetic.ts';
import { defaultConfig } from '../testing/workbench.ts';
import type { EntitiesConfig } from './config.ts';
import { createEntityDetector } from './entity-detector.ts';

const every = 15_000;
const names = ['cpu_usage', 'memory_usage_bytes', 'requests', 'queue_depth', 'latency_seconds', 'threads'];

/** Six metrics of each of two pods that follow the pod's load, the pods a third of an interval apart. */
function run(
  rows: number,
  change: (pod: number, metric: number, at: number, value: number) => number,
  config: Partial<EntitiesConfig> = {},
  isUntaught: (at: number) => boolean = () => false,
  identityOf: (metric: number, pod: string) => SeriesIdentity = (metric, pod) => podGauge(names[metric]!, pod, ''),
) {
  const catalog = createMemoryCatalog();
  const pods = ['cart-1', 'cart-2'].map((pod) => names.map((_, metric) => catalog.intern(identityOf(metric, pod))));
  const detector = createEntityDetector({
    catalog,
    metrics: noMetrics,
    config: { ...defaultConfig().entities, ...config },
    isScored: () => true,
    isUntaught: (_, timeMs) => isUntaught(Math.floor((timeMs - startMs) / every)),
  });
  const noise = createNoise(createRandom(5));
  const loads = [0, 0];
  const told: Anomaly[] = [];
  for (let at = 0; at < rows; at += 1) {
    for (const [pod, series] of pods.entries()) {
      loads[pod]! += (10 - loads[pod]!) / 20 + noise();
      const timeMs = startMs + at * every + (pod * every) / 3;
      const values = series.map((id, metric) => {
        const value = change(pod, metric, at, (metric + 1) * (100 + loads[pod]! + 0.3 * noise()));
        return [id, timeMs, value] as const;
      });
      detector.observe(sampleBatch(values.filter(([, , value]) => !Number.isNaN(value))));
    }
    detector.advance(startMs + at * every);
    told.push(...detector.takeAnomalies());
  }
  return told;
}

const swings = (metric: number) => metric === 1 || metric === 4;

describe('metrics of one entity', () => {
  it('say nothing in health, with a metric that is silent now and then', () => {
    expect(run(1200, (_, metric, at, value) => (metric === 2 && at % 7 === 0 ? Number.NaN : value))).toEqual([]);
  });

  it('that stop going together become one anomaly of the entity, which names them first and clears', () => {
    const told = run(1000, (pod, metric, at, value) =>
      pod === 1 && swings(metric) && at >= 900 && at < 930 ? value * (1 + 0.2 * (((at + metric) % 3) - 1)) : value,
    );
    expect(new Set(told.map(({ id }) => id)).size).toBe(1);
    const [first] = told;
    expect(first).toMatchObject({ state: 'firing', detector: 'joint', signal: 'other', entity: { name: 'cart-2' } });
    expect(Date.parse(first!.detectedAt) - (startMs + 900 * every)).toBeLessThan(6 * every);
    expect(
      first!
        .explainedBy!.slice(0, 2)
        .map(({ metric }) => metric)
        .sort(),
    ).toEqual([names[4], names[1]]);
    expect(first!.reason).toContain(names[1]);
    expect(first!.metric).toBe(first!.explainedBy![0]!.metric);
    expect(told.at(-1)!.state).toBe('cleared');
  });

  it('that break in a single row are told by the values of that row, not of the one after', () => {
    const told = run(1000, (pod, metric, at, value) => (pod === 1 && at === 900 && metric < 3 ? value * 2 : value));
    const [first] = told;
    expect(
      first!
        .explainedBy!.slice(0, 3)
        .map(({ metric }) => metric)
        .sort(),
    ).toEqual(names.slice(0, 3).sort());
    for (const { observed, expected } of first!.explainedBy!.slice(0, 3))
      expect(observed).toBeGreaterThan(1.5 * expected);
  });

  it('that bear one name are told by the labels that tell them apart', () => {
    const oneName = (metric: number, pod: string) => {
      const gauge = podGauge('queue.depth', pod, '');
      return { ...gauge, labels: [...gauge.labels, ['queue', names[metric]!]] } as const;
    };
    const apart = (pod: number, metric: number, at: number, value: number) =>
      pod === 1 && swings(metric) && at >= 900 && at < 930 ? value * (1 + 0.2 * (((at + metric) % 3) - 1)) : value;
    const [first] = run(1000, apart, {}, () => false, oneName);
    for (const metric of [1, 4])
      expect(first!.reason).toMatch(new RegExp(`queue\\.depth\\{queue=${names[metric]}\\} \\d+ %`));
    expect(first!.explainedBy![0]!.metric).toBe('queue.depth');
  });

  it('teach nothing in a window of an operator: what they do in it is news afterwards', () => {
    const odd = (at: number) => at >= 500 && at < 800;
    const apart = (pod: number, metric: number, at: number, value: number) =>
      pod === 1 && swings(metric) && (odd(at) || at >= 900) ? value * (1 + 0.2 * (((at + metric) % 3) - 1)) : value;
    const told = run(930, apart, {}, odd);
    expect(told.map(({ state }) => state)).toContain('firing');
    const first = Math.min(...told.map(({ onset }) => Date.parse(onset)));
    expect(first).toBeGreaterThanOrEqual(startMs + 900 * every);
    const taught = run(930, apart, { acceptShiftSeconds: 100 * 15 });
    expect(Math.min(...taught.map(({ onset }) => Date.parse(onset)))).toBeLessThan(startMs + 520 * every);
  });

  it('are known after two days in which nothing was received of anybody', () => {
    const catalog = createMemoryCatalog();
    const pods = ['cart-1', 'cart-2'].map((pod) => names.map((name) => catalog.intern(podGauge(name, pod, ''))));
    const config = defaultConfig().entities;
    const detector = createEntityDetector({ catalog, metrics: noMetrics, config, isScored: () => true });
    const noise = createNoise(createRandom(5));
    const loads = [0, 0];
    const live = (fromMs: number, rows: number, isApart: boolean) => {
      for (let at = 0; at < rows; at += 1) {
        for (const [pod, series] of pods.entries()) {
          const timeMs = fromMs + at * every + (pod * every) / 3;
          loads[pod]! += (10 - loads[pod]!) / 20 + noise();
          const swing = (metric: number) =>
            isApart && pod === 1 && swings(metric) ? 0.2 * (((at + metric) % 3) - 1) : 0;
          detector.observe(
            sampleBatch(
              series.map((id, metric) => [
                ...([id, timeMs] as const),
                (metric + 1) * (100 + loads[pod]! + 0.3 * noise()) * (1 + swing(metric)),
              ]),
            ),
          );
          // The first pod is back before the second.
          detector.advance(timeMs);
        }
      }
      return detector.takeAnomalies();
    };
    live(startMs, 600, false);
    const backMs = startMs + 2 * 86_400_000 + 600 * every;
    expect(live(backMs, 30, false)).toEqual([]);
    expect(live(backMs + 30 * every, 20, true)[0]).toMatchObject({ detector: 'joint', entity: { name: 'cart-2' } });
  });

  it('that stay apart are the new normal after the stated time', () => {
    const odd = (pod: number, metric: number, at: number, value: number) =>
      pod === 0 && swings(metric) && at >= 700 ? value * (1 + 0.2 * (((at * 7 + metric) % 5) / 2 - 1)) : value;
    const told = run(1200, odd, { acceptShiftSeconds: 100 * 15 });
    expect(told.map(({ state }) => state)).toEqual(['firing', 'cleared']);
    expect(told.at(-1)!.reason).toContain('new normal');
  });

  it('are kept to a bounded number: what never moved makes room', () => {
    const told = run(
      1000,
      (pod, metric, at, value) => {
        if (metric < 2) return 5;
        return pod === 1 && metric === 5 && at >= 900 && at < 930 ? value * (1 + 0.3 * ((at % 3) - 1)) : value;
      },
      { maximumMetrics: 5, minimumMetrics: 3 },
    );
    expect(told[0]!.explainedBy![0]!.metric).toBe(names[5]);
  });

  it('say nothing in health where no more than three of them are asked for', () => {
    expect(run(600, (_, __, ___, value) => value, { maximumMetrics: 3, minimumMetrics: 3 })).toEqual([]);
  });

  it('are learnt anew once half of as many as there is room for are gone for long', () => {
    const renamed = (pod: number, metric: number, at: number, value: number) => {
      if (metric === 5 || (metric > 0 && at < 300 !== metric < 3)) return Number.NaN;
      return pod === 1 && metric >= 3 && at >= 900 && at < 930 ? value * (1 + 0.3 * (((at + metric) % 3) - 1)) : value;
    };
    const [first] = run(1000, renamed, { maximumMetrics: 3, minimumMetrics: 3, forgetSeconds: 100 * 15 });
    expect(first).toMatchObject({ state: 'firing', entity: { name: 'cart-2' } });
    expect([names[3], names[4]]).toContain(first!.explainedBy![0]!.metric);
  });

  it('do not make room for one newcomer after the other in the same place', () => {
    const late = (pod: number, metric: number, at: number, value: number) => {
      if (metric > 3)
        return at < 100
          ? Number.NaN
          : at >= 900 && at < 930 && pod === 1
            ? value * (1 + 0.3 * (((at + metric) % 3) - 1))
            : value;
      return metric > 1 ? 5 : value;
    };
    const [first] = run(1000, late, { maximumMetrics: 4, minimumMetrics: 3 });
    const named = first!.explainedBy!.slice(0, 2).map(({ metric }) => metric);
    expect(named.sort()).toEqual([names[4], names[5]]);
  });

  it('do not stop going together where a counter of errors counts one now and then', () => {
    let errors = 0;
    const identityOf = (metric: number, pod: string): SeriesIdentity =>
      metric === 5 ? { ...podGauge('errors_total', pod, ''), kind: 'counter' } : podGauge(names[metric]!, pod, '');
    const told = run(
      1200,
      (_, metric, at, value) => {
        if (metric !== 5) return value;
        if (at % 97 === 60) errors += 1;
        return errors;
      },
      {},
      undefined,
      identityOf,
    );
    expect(told).toEqual([]);
  });

  it('are not told of a pod that serves nothing in its last half minute, and a little later of one that lives on', () => {
    const ending = (isGone: boolean) =>
      run(950, (pod, metric, at, value) => {
        if (pod === 0 || at < 900) return value;
        if (at < 902) return metric === 1 ? value : value / 10;
        return isGone ? Number.NaN : value;
      });
    expect(ending(true)).toEqual([]);
    const [first] = ending(false);
    expect(first).toMatchObject({ entity: { name: 'cart-2' }, state: 'firing' });
    expect(Date.parse(first!.detectedAt) - Date.parse(first!.onset)).toBe(30_000);
  });

  it('are left alone where it is switched off', () => {
    expect(
      run(1000, (_, metric, at, value) => (at >= 900 && swings(metric) ? value * (at % 3) : value), { enabled: false }),
    ).toEqual([]);
  });
});
