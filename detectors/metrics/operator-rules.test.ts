import { Value } from 'typebox/value';
import { describe, expect, test } from 'vitest';
import {
  type Anomaly,
  createRandom,
  type Feedback,
  type MaintenanceWindow,
  noMetrics,
  toTimestamp,
} from '../../model/index.ts';
import { createCalendar, utcCalendar } from '../calendar/index.ts';
import { missedFeedback, PolicyConfig, undone } from '../policy/index.ts';
import { createLastValueModel } from '../testing/last-value-model.ts';
import { createMemoryCatalog } from '../testing/memory-catalog.ts';
import { createNoise, play, podGauge, sampleBatch, startMs } from '../testing/synthetic.ts';
import { createWorkbench, defaultConfig } from '../testing/workbench.ts';
import { lookAgain } from './look-again.ts';
import { createMetricDetector } from './metric-detector.ts';
import { viewSeason } from './verdict.ts';

const intervalMs = 15_000;
const { metrics } = defaultConfig();
const policy = Value.Parse(PolicyConfig, Value.Default(PolicyConfig, {}));
const fired = (told: readonly Anomaly[]) => told.filter(({ revision }) => revision === 1);

/** One series of a pod, what it lived through, and what is made of a report of its last ticks. */
function pod(metric: string, unit: string) {
  const noise = createNoise(createRandom(5));
  const { catalog, detectors } = createWorkbench();
  const series = catalog.intern(podGauge(metric, 'cart-1', unit));
  const healthy = Array.from({ length: 3000 }, () => 100 + 3 * noise());

  /** Healthy values, with a rise of `height` in the middle third; the values too. */
  const timesMs: number[] = [];
  const values: number[] = [];

  /** Healthy values, with a rise of `height` in the middle third. */
  async function live(ticks: number, height: number): Promise<readonly Anomaly[]> {
    const from = values.length;
    for (let tick = 0; tick < ticks; tick += 1) {
      timesMs.push(startMs + (from + tick) * intervalMs);
      values.push(healthy[from + tick]! + (tick >= ticks / 3 && tick < (2 * ticks) / 3 ? height : 0));
    }
    const at = { count: ticks, intervalMs, fromMs: startMs + from * intervalMs };
    return (await play(detectors, series, at, (tick) => values[from + tick]!)).told;
  }

  async function report(lastTicks: number): Promise<Feedback> {
    const { fingerprint, name: metric, entity, kind, unit } = catalog.get(series);
    const bare = { expected: [], lower: [], upper: [], labels: {} };
    const points = { fingerprint, metric, entity, kind, unit, timesMs, values, ...bare };
    const fromMs = timesMs.at(-lastTicks)!;
    const lowestShare = policy.feedback.lowestShare;
    const seen = await lookAgain(points, fromMs, { config: metrics, calendar: utcCalendar, lowestShare });
    const said = { who: 'ada', atMs: startMs };
    const context = { config: policy.feedback, threshold: metrics.threshold };
    return missedFeedback({ fromMs, toMs: timesMs.at(-1)! }, seen, said, context);
  }

  return { detectors, live, report };
}

describe('what was missed', () => {
  const { detectors, live, report } = pod('http.latency', 'ms');

  test('is found from the report on where it promised so, not before, and not after the undoing', async () => {
    expect(await live(600, 0)).toEqual([]);
    expect(await live(30, 22)).toEqual([]);
    const feedback = await report(30);
    expect(feedback).toMatchObject({ verdict: 'missed', found: true, direction: 'up' });
    expect(feedback.limit).toBeGreaterThanOrEqual(policy.feedback.lowestShare * metrics.threshold);
    expect(feedback.limit).toBeLessThan(metrics.threshold);
    await live(400, 0);
    detectors.learn?.({ type: 'feedback', value: feedback });
    expect(fired(await live(30, 22))).toHaveLength(1);
    await live(400, 0);
    detectors.learn?.({ type: 'feedback', value: undone(feedback, 'ada', startMs) });
    expect(await live(30, 22)).toEqual([]);
  });

  test('what the bounds do not reach is not promised, and changes nothing', async () => {
    await live(300, 3);
    const feedback = await report(300);
    expect(feedback).toMatchObject({ found: false, limit: metrics.threshold });
    expect(feedback.effect).toContain('nothing is changed');
  });
});

test('a burst of a queue is told where somebody has missed one, however short', async () => {
  const { detectors, live, report } = pod('orders.queue.depth', '');
  await live(600, 0);
  expect(await live(12, 900)).toEqual([]);
  const feedback = await report(12);
  expect(feedback).toMatchObject({ verdict: 'missed', found: true, direction: 'up' });
  expect(feedback.limit).toBeLessThan(metrics.threshold);
  expect(feedback.limit).toBeGreaterThan(0.9 * metrics.threshold);
  await live(400, 0);
  expect(await live(12, 900)).toEqual([]);
  await live(400, 0);
  detectors.learn?.({ type: 'feedback', value: feedback });
  expect(fired(await live(12, 900))).toHaveLength(1);
});

describe('a dip that was missed', () => {
  const minute = 60_000;
  const [began, ended, count] = [2880, 2895, 2920];

  /** Two days at a sample a minute with a dip of a quarter of an hour near their end, reported from `minutes` after its start on. */
  function lookFrom(minutes: number) {
    const noise = createNoise(createRandom(3));
    const timesMs = Array.from({ length: count }, (_, at) => startMs + at * minute);
    const values = timesMs.map((_, at) => 100 + 3 * noise() - (at >= began && at < ended ? 40 : 0));
    const { name: metric, labels, kind, unit } = podGauge('http.request.rate', 'cart-1', '');
    const entity = { kind: 'pod', namespace: 'shop', name: 'cart-1' } as const;
    const series = { fingerprint: 'x', metric, entity, kind, unit, labels: Object.fromEntries(labels) };
    const points = { ...series, timesMs, values, expected: [], lower: [], upper: [] };
    const { lowestShare } = policy.feedback;
    return lookAgain(points, timesMs[began + minutes]!, { config: metrics, calendar: utcCalendar, lowestShare });
  }

  test.each([-5, 0, 1, 5, 13])('is found though it is reported from %i min after its start on', async (minutes) => {
    expect((await lookFrom(minutes)).share).toBeGreaterThanOrEqual(policy.feedback.lowestShare);
  });

  test('is not what was reported where it was over before', async () => {
    expect((await lookFrom(ended - began + 5)).share).toBeUndefined();
  });
});

describe('maintenance', () => {
  const window = (teach: boolean, more: Partial<MaintenanceWindow> = {}): MaintenanceWindow => ({
    id: `mnt-${teach}`,
    revision: 1,
    state: 'planned',
    by: 'ada',
    reason: 'a load test',
    createdAt: toTimestamp(startMs),
    updatedAt: toTimestamp(startMs),
    from: toTimestamp(startMs + 400 * intervalMs),
    to: toTimestamp(startMs + 800 * intervalMs),
    teach,
    ...more,
  });

  /** An hour and forty minutes at three times the usual load, then back to normal: so many samples at a time. */
  async function afterLoadTest(windows: readonly MaintenanceWindow[], perBatch = 1) {
    const noise = createNoise(createRandom(6));
    const { catalog, detectors } = createWorkbench();
    const cpu = catalog.intern(podGauge('queue.depth', 'cart-1', ''));
    for (const value of windows) detectors.learn?.({ type: 'maintenance', value });
    const value = (tick: number) => (tick >= 400 && tick < 800 ? 300 : 100) + 3 * noise();
    const rows = Array.from({ length: 1000 }, (_, tick) => [cpu, startMs + tick * intervalMs, value(tick)] as const);
    const told: Anomaly[] = [];
    const bands: [timeMs: number, expected: number][] = [];
    for (let from = 0; from < rows.length; from += perBatch) {
      const batch = rows.slice(from, from + perBatch);
      const results = [await detectors.observe(sampleBatch(batch)), await detectors.advance(batch.at(-1)![1] - 15_000)];
      told.push(...results.flatMap(({ anomalies }) => anomalies));
      for (const { timesMs, expected } of results.flatMap((result) => result.bands))
        for (const [at, timeMs] of timesMs.entries()) bands.push([timeMs, expected[at]!]);
    }
    const expectedAt = (tick: number) => bands.findLast(([timeMs]) => timeMs <= startMs + tick * intervalMs)![1];
    return { told: fired(told), within: expectedAt(795), after: expectedAt(810) };
  }

  test('teaches nothing: what was normal before is normal after, at once', async () => {
    const { told, after } = await afterLoadTest([window(false)]);
    expect(told).toHaveLength(1);
    expect(after).toBeGreaterThan(90);
    expect(after).toBeLessThan(110);
  });

  test('teaches where it is asked to: its load became the new normal', async () => {
    const { told, within } = await afterLoadTest([window(true)]);
    expect(within).toBeGreaterThan(280);
    expect(told).toHaveLength(1);
    expect(told[0]!.observed).toBeGreaterThan(200);
  });

  test.each([
    ['teaches', [window(true), window(false)]],
    ['does not', [window(false), window(true)]],
  ])('teaches nothing where another over it teaches, though the one planned first %s', async (_, windows) => {
    const { within } = await afterLoadTest(windows);
    expect(within).toBeGreaterThan(90);
    expect(within).toBeLessThan(110);
  });

  test('that begins and ends within one batch teaches nothing, and what lies around it does', async () => {
    const { within } = await afterLoadTest([window(false)], 1000);
    expect(within).toBeGreaterThan(90);
    expect(within).toBeLessThan(110);
  });

  test('of what a label or a metric names is one of its entity, whose metrics are not held against each other', async () => {
    const names = ['queue.depth', 'cpu.usage', 'memory.usage', 'threads', 'connections'];
    const jointIn = async (more: Partial<MaintenanceWindow>) => {
      const noise = createNoise(createRandom(8));
      const { catalog, detectors } = createWorkbench();
      const series = names.map((name) => {
        const { labels, ...gauge } = podGauge(name, 'cart-1', '');
        return catalog.intern({ ...gauge, labels: [...labels, ['team', 'payments']] });
      });
      detectors.learn?.({ type: 'maintenance', value: window(false, more) });
      let load = 0;
      const told: Anomaly[] = [];
      for (let tick = 0; tick < 440; tick += 1) {
        const timeMs = startMs + tick * intervalMs;
        load += (10 - load) / 20 + noise();
        const rows = series.map((id, metric) => {
          // From the window's beginning on two of them go their own way.
          const apart = tick >= 410 && metric % 3 === 1 ? 1 + 0.2 * (((tick + metric) % 3) - 1) : 1;
          return [id, timeMs, (metric + 1) * (100 + load + 0.3 * noise()) * apart] as const;
        });
        const results = [await detectors.observe(sampleBatch(rows)), await detectors.advance(timeMs - intervalMs)];
        told.push(...results.flatMap(({ anomalies }) => anomalies));
      }
      return told.filter(({ detector }) => detector === 'joint');
    };
    expect(await jointIn({ match: { namespaces: ['bank'] } })).not.toEqual([]);
    expect(await jointIn({ match: { labels: { team: 'payments' } } })).toEqual([]);
    expect(await jointIn({ match: { metrics: ['cpu.usage'] } })).toEqual([]);
  });
});

test('a daily season follows the local clock over the change to summer time', async () => {
  const berlin = createCalendar({ timeZone: 'Europe/Berlin', weekend: [], holidays: [] });
  const fromMs = Date.UTC(2026, 2, 20);
  const changedMs = Date.UTC(2026, 2, 29, 1);
  const noise = createNoise(createRandom(7));
  const values = Array.from({ length: 11 * 288 }, (_, tick) => {
    const localHour = berlin.secondOfDay(fromMs + tick * 300_000) / 3600;
    return 200 * (1 + 0.8 * Math.sin((localHour / 24) * 2 * Math.PI)) + 2 * noise();
  });

  async function worstAfterChange(calendar?: ReturnType<typeof createCalendar>): Promise<number> {
    const catalog = createMemoryCatalog();
    const series = catalog.intern(podGauge('queue.depth', 'cart-1', ''));
    let worst = 0;
    const detector = createMetricDetector({
      ...{ catalog, model: createLastValueModel(), metrics: noMetrics, config: metrics, remark: () => '' },
      ...(calendar === undefined ? {} : { calendar }),
      onVerdict(_, timeMs, verdict) {
        if (timeMs > changedMs) worst = Math.max(worst, verdict.viewScores[viewSeason]!);
      },
    });
    for (const [tick, value] of values.entries())
      await detector.observe(sampleBatch([[series, fromMs + tick * 300_000, value]]));
    return worst;
  }

  const local = await worstAfterChange(berlin);
  const utc = await worstAfterChange();
  expect(utc).toBeGreaterThan(3 * local);
  expect(local).toBeLessThan(metrics.threshold);
});
