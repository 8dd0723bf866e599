import { expect, test } from 'vitest';
import { type Anomaly, type ClusterSnapshot, createRandom } from '../../model/index.ts';
import { utcCalendar } from '../calendar/index.ts';
import { createMemoryCatalog } from '../testing/memory-catalog.ts';
import { defaultConfig } from '../testing/workbench.ts';
import type { LogEntity } from './log-entities.ts';
import { createSilentWriters } from './silent-writers.ts';

const [secondMs, minuteMs, hourMs, dayMs] = [1000, 60_000, 3_600_000, 86_400_000];
const monday = Date.UTC(2026, 9, 12);
const windowMs = 20 * secondMs;

/** Lines of a window that begins so long after Monday's midnight. */
type Lines = (sinceMs: number) => number;
const always: Lines = () => 3;
const until =
  (endMs: number, lines = always): Lines =>
  (ms) =>
    ms < endMs ? lines(ms) : 0;

function writer(name: string, labels: readonly (readonly [string, string])[] = [['service', name]]): LogEntity {
  const pod = labels.find(([label]) => label === 'pod');
  const ref =
    pod === undefined ? { kind: 'service', namespace: 'shop', name } : { kind: 'pod', namespace: 'shop', name };
  return { ref, labels: [['namespace', 'shop'], ...labels] } as unknown as LogEntity;
}

interface Play {
  readonly forMs: number;
  readonly saveAtMs?: number;
  /** What the cluster shows in the window that begins then. */
  readonly cluster?: (sinceMs: number) => Partial<ClusterSnapshot> | undefined;
  readonly historyUntilMs?: number;
  readonly followsPods?: boolean;
}

/** What is told of writers that write so many lines in each window; what is told of a past that is learnt is left out. */
function told(lines: readonly (readonly [LogEntity, Lines])[], play: Play): Anomaly[] {
  const { logs } = defaultConfig();
  const catalog = createMemoryCatalog();
  const config = { ...logs, windowSeconds: windowMs / secondMs };
  const make = () =>
    createSilentWriters({ catalog, config, calendar: utcCalendar, followsPods: play.followsPods ?? true });
  let silent = make();
  let all: Anomaly[] = [];
  for (let ms = 0; ms < play.forMs; ms += windowMs) {
    if (ms === play.saveAtMs) {
      const saved = JSON.parse(JSON.stringify(silent.save()));
      silent = make();
      silent.load(saved);
    }
    if (ms === play.historyUntilMs) {
      silent.forgetDeviations();
      all = [];
    }
    const shown = play.cluster?.(ms);
    if (shown !== undefined) silent.observeCluster({ atMs: monday + ms, workloads: [], pods: [], nodes: [], ...shown });
    const endMs = monday + ms + windowMs;
    for (const [entity, count] of lines) {
      const records = count(ms);
      if (records > 0) silent.wrote(entity, records, endMs);
    }
    silent.windowClosed(endMs, all);
  }
  return all;
}

/** State, entity, and when: minutes after `sinceMs`. */
function brief(found: readonly Anomaly[], sinceMs: number): readonly (readonly [string, string, number])[] {
  return found.map(({ state, entity, detectedAt, clearedAt }) => {
    const at = Date.parse(state === 'cleared' ? clearedAt! : detectedAt);
    return [state, entity.name, Math.round((at - monday - sinceMs) / minuteMs)];
  });
}

test('a service that wrote lines for a day and then none at all is told after five minutes, until a line comes', () => {
  const stopMs = 30 * hourMs;
  const backMs = stopMs + 20 * minuteMs;
  const stops: Lines = (ms) => (ms < stopMs || ms >= backMs ? 3 : 0);
  const lines = [
    [writer('cart'), stops],
    [writer('web'), always],
  ] as const;
  const found = told(lines, { forMs: 40 * hourMs, saveAtMs: stopMs + 2 * minuteMs });
  expect(brief(found, stopMs)).toEqual([
    ['firing', 'cart', 5],
    ['cleared', 'cart', 20],
  ]);
  expect(found[0]).toMatchObject({
    metric: 'log.records.rate',
    detector: 'log-template-rate',
    onset: new Date(monday + stopMs).toISOString(),
    observed: 0,
    reason:
      'service shop/cart writes no log lines any more: none for 300 s, at most 20 s apart before, while others go on',
  });
  expect(found[0]!.expected).toBeCloseTo(3 / 20);
});

test('one that stays silent is told once: after half an hour it is how things are now, also on the days after', () => {
  const stopMs = 9 * dayMs + 16 * hourMs;
  const byDay: Lines = (ms) => (ms % dayMs >= 8 * hourMs && ms % dayMs < 18 * hourMs ? 3 : 0);
  const lines = [
    [writer('cart'), until(stopMs)],
    [writer('office'), until(stopMs + 70 * minuteMs, byDay)],
    [writer('web'), always],
  ] as const;
  const found = told(lines, { forMs: 16 * dayMs, saveAtMs: 10 * dayMs });
  expect(brief(found, stopMs)).toEqual([
    ['firing', 'cart', 5],
    ['cleared', 'cart', 35],
    // It stops in the last hour of its day, which may end early: it is missed on the next day, after nine.
    ['firing', 'office', 17 * 60 + 20],
    ['cleared', 'office', 17 * 60 + 50],
  ]);
});

test('nobody is silent where all are at once, nor the only one: it is their collection that stopped', () => {
  const stopMs = 30 * hourMs;
  const names = ['cart', 'web', 'pay', 'mail', 'stock'];
  const all = names.map((name) => [writer(name), until(stopMs)] as const);
  expect(told(all, { forMs: 40 * hourMs })).toEqual([]);
  expect(told(all.slice(0, 1), { forMs: 40 * hourMs })).toEqual([]);
  // Lines of what comes and goes, from elsewhere, say no more.
  const job = writer('job-1', [['pod', 'job-1']]);
  expect(told([...all, [job, always]], { forMs: 40 * hourMs })).toEqual([]);
});

test('of pods nothing is expected, but of the workload that their labels name', () => {
  const stopMs = 40 * hourMs;
  const pod = (name: string) =>
    writer(name, [
      ['deployment', 'cart'],
      ['pod', name],
      ['node', 'n1'],
    ]);
  const lines = [
    [pod('cart-1'), until(26 * hourMs)],
    [pod('cart-2'), (ms: number) => (ms < 26 * hourMs ? 0 : until(stopMs)(ms))],
    [writer('lone-1', [['pod', 'lone-1']]), until(30 * hourMs)],
    [writer('web'), always],
  ] as const;
  const found = told(lines, { forMs: stopMs + 10 * minuteMs });
  expect(brief(found, stopMs)).toEqual([['firing', 'Deployment/cart', 5]]);
  expect(found[0]!.entity).toEqual({ kind: 'workload', namespace: 'shop', name: 'Deployment/cart' });
});

test('a pod that is replaced by one whose lines go elsewhere, as with several partitions, is no silence of its workload', () => {
  const stopMs = 30 * hourMs;
  const cart = writer('cart-1', [
    ['deployment', 'cart'],
    ['pod', 'cart-1'],
  ]);
  const lines = [
    [cart, until(stopMs)],
    [writer('pay'), always],
    [writer('web'), always],
  ] as const;
  const forMs = stopMs + 10 * minuteMs;
  expect(brief(told(lines, { forMs }), stopMs)).toEqual([['firing', 'Deployment/cart', 5]]);
  expect(told(lines, { forMs, followsPods: false })).toEqual([]);
});

test('what was scaled to zero or deleted is not missed, but what runs again and writes nothing is', () => {
  const stopMs = 30 * hourMs;
  const workload = (name: string, replicas: number) => ({
    ref: { kind: 'Deployment', namespace: 'shop', name },
    replicas,
  });
  const cluster = (ms: number) => {
    if (ms % minuteMs !== 0) return undefined;
    const web = workload('web', 1);
    if (ms < stopMs) return { workloads: [workload('cart', 2), workload('pay', 2), web] } as never;
    return { workloads: [workload('cart', ms < stopMs + 3 * hourMs ? 0 : 2), web] } as never;
  };
  const lines = [
    [writer('cart'), until(stopMs)],
    [writer('pay'), until(stopMs)],
    [writer('web'), always],
  ] as const;
  const found = told(lines, { forMs: 35 * hourMs, cluster, saveAtMs: stopMs + hourMs });
  expect(brief(found, stopMs + 3 * hourMs)).toEqual([
    ['firing', 'cart', 5],
    ['cleared', 'cart', 35],
  ]);
});

test('a silence in a past that is learnt is told if it began half an hour before its end', () => {
  const historyUntilMs = 40 * hourMs;
  const lines = [
    [writer('long'), until(historyUntilMs - 3 * hourMs)],
    [writer('new'), until(historyUntilMs - 15 * minuteMs)],
    [writer('web'), always],
    [writer('mail'), always],
  ] as const;
  const found = told(lines, { forMs: historyUntilMs + 5 * minuteMs, historyUntilMs });
  expect(brief(found, historyUntilMs)).toEqual([['firing', 'new', 0]]);
});

/** Healthy services that pause, each in its own way. */
function healthy(seed: number): (readonly [LogEntity, Lines])[] {
  const random = createRandom(seed);
  const hour = (ms: number): number => (ms % dayMs) / hourMs;
  const isWeekend = (ms: number): boolean => Math.floor(ms / dayMs) % 7 >= 5;
  const byChance = (perWindow: number): number => (random() < perWindow ? 1 : 0);
  let edge = 0;
  let nextMs = 0;
  let pausedMs = 0;
  const kinds: Record<string, Lines> = {
    steady: always,
    beat: (ms) => (ms % (5 * minuteMs) === 0 ? 1 : 0),
    rare: () => byChance(0.05),
    rarer: () => byChance(0.01),
    bursts: (ms) => {
      // Pauses of a minute to hours, heavy of tail.
      if (ms >= nextMs) {
        pausedMs = ms + minuteMs * (1 - random()) ** (-1 / 1.2);
        nextMs = pausedMs + hourMs * random();
      }
      return ms < pausedMs ? 0 : 3;
    },
    wave: (ms) => byChance(Math.max(0, Math.sin(((hour(ms) - 6) / 24) * 2 * Math.PI))),
    'quiet nights': (ms) => {
      if (ms % dayMs === 0) edge = random() - 0.5;
      return hour(ms) > 8 + edge && hour(ms) < 20 - edge ? 3 : 0;
    },
    'quiet weekends': (ms) => (isWeekend(ms) ? 0 : 3),
    office: (ms) => (isWeekend(ms) || hour(ms) < 7.2 || hour(ms) > 17.8 ? 0 : 3),
    'quiet sundays': (ms) => (Math.floor(ms / dayMs) % 7 === 6 ? 0 : 3),
    'early fridays': (ms) => (hour(ms) >= 7 && hour(ms) < (Math.floor(ms / dayMs) % 7 === 4 ? 13 : 18) ? 3 : 0),
    'nightly job': (ms) => (hour(ms) >= 2 && hour(ms) < 2.5 ? 3 : 0),
    'hourly job': (ms) => (ms % hourMs < 10 * minuteMs ? 3 : 0),
  };
  return Object.entries(kinds).map(([name, lines]) => [writer(name), lines]);
}

test('services that write by chance, in bursts, or by day or on workdays only are not missed in three weeks', () => {
  for (const seed of [1, 2]) expect(brief(told(healthy(seed), { forMs: 21 * dayMs }), 0)).toEqual([]);
});

test('in their third week they are told when they stop on a working day: the sooner the shorter their pauses were', () => {
  const stopsMs = new Map(
    ['steady', 'beat', 'wave', 'quiet nights', 'office', 'bursts'].map((name, at) => [
      name,
      16 * dayMs + (9 + at) * hourMs,
    ]),
  );
  const lines = healthy(3).map(([entity, each]) => {
    return [entity, until(stopsMs.get(entity.ref.name) ?? Number.POSITIVE_INFINITY, each)] as const;
  });
  const found = told(lines, { forMs: 17 * dayMs }).filter(({ state }) => state === 'firing');
  const delays = found.map((anomaly) => [
    anomaly.entity.name,
    brief([anomaly], stopsMs.get(anomaly.entity.name) ?? 0)[0]![2],
  ]);
  expect(Object.fromEntries(delays)).toEqual({ steady: 5, beat: 16, wave: 36, 'quiet nights': 20, office: 21 });
});
