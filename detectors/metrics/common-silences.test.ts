import { describe, expect, test } from 'vitest';
import type { Anomaly } from '../../model/index.ts';
import { sampleBatch, startMs } from '../testing/synthetic.ts';
import { createWorkbench, defaultConfig, type Workbench } from '../testing/workbench.ts';

const minuteMs = 60_000;
const day = 26 * 60;

/** Two gauges of each service once a minute; `isHeard` says of which something comes. One more of a node comes always. */
async function live(
  { catalog, detectors }: Workbench,
  services: number,
  [from, to]: readonly [number, number],
  isHeard: (service: number, minute: number, metric: string) => boolean = () => true,
  metrics = ['queue.depth', 'pool.used'],
): Promise<Anomaly[]> {
  const told: Anomaly[] = [];
  const gauge = (name: string, label: string, value: string) =>
    catalog.intern({ name, labels: [[label, value]], kind: 'gauge', unit: '', origin: 'received' });
  for (let minute = from; minute < to; minute += 1) {
    const timeMs = startMs + minute * minuteMs;
    const rows: [number, number, number][] = [
      [gauge('node.load', 'k8s.node.name', 'n1'), timeMs, 5 + Math.sin(minute)],
    ];
    for (let service = 0; service < services; service += 1) {
      for (const metric of metrics)
        if (isHeard(service, minute, metric))
          rows.push([gauge(metric, 'service.name', `s${service}`), timeMs, 50 + 5 * Math.sin(minute * 1.7 + service)]);
    }
    const results = [await detectors.observe(sampleBatch(rows)), await detectors.advance(timeMs - 7000)];
    told.push(...results.flatMap(({ anomalies }) => anomalies));
  }
  return told;
}

const telemetry = { kind: 'cluster', namespace: '', name: 'telemetry' };

describe('series of many entities that fall silent at once', () => {
  test('are told of once, as telemetry that has stopped, until they are back', async () => {
    const bench = createWorkbench();
    await live(bench, 12, [0, day]);
    const told = await live(bench, 12, [day, day + 60], (_, minute) => minute >= day + 40);
    expect(told).toMatchObject([
      { state: 'firing', entity: telemetry, revision: 1 },
      { state: 'cleared', entity: telemetry, revision: 2 },
    ]);
    expect(told[0]!.reason).toContain(
      '24 series of 12 entities fell silent at once (service s0, service s1, service s2, …)',
    );
    expect(told[1]!.reason).toContain('they are back');
  });

  test('are told of once over a restart too', async () => {
    const before = createWorkbench();
    await live(before, 12, [0, day]);
    const first = await live(before, 12, [day, day + 20], () => false);
    const after = createWorkbench({ catalog: before.catalog });
    expect(after.detectors.load(before.detectors.save())).toBe(true);
    const then = await live(after, 12, [day + 20, day + 60], (_, minute) => minute >= day + 40);
    expect([...first, ...then].map(({ state }) => state)).toEqual(['firing', 'cleared']);
  });

  test('hide nobody who does not come back with the others', async () => {
    const bench = createWorkbench();
    await live(bench, 12, [0, day]);
    const told = await live(bench, 12, [day, day + 70], (service, minute) => minute >= day + 40 && service !== 3);
    const later = told.slice(2);
    expect(told.slice(0, 2)).toMatchObject([{ entity: telemetry }, { entity: telemetry, state: 'cleared' }]);
    expect(later).toMatchObject([{ entity: { name: 's3' } }, { entity: { name: 's3' } }]);
    expect(later[0]!.reason).toContain('has vanished');
    expect(await live(bench, 12, [day + 70, day + 80])).toMatchObject([{ state: 'cleared' }, { state: 'cleared' }]);
  });

  test('hide nobody once their sender has said that most of them have ended', async () => {
    const bench = createWorkbench();
    await live(bench, 12, [0, day]);
    expect(await live(bench, 12, [day, day + 20], () => false)).toMatchObject([{ entity: telemetry }]);
    const ended = [];
    for (let service = 2; service < 12; service += 1) {
      for (const metric of ['queue.depth', 'pool.used']) {
        const labels = [['service.name', `s${service}`]] as const;
        ended.push(bench.catalog.intern({ name: metric, labels, kind: 'gauge', unit: '', origin: 'received' }));
      }
    }
    const timesMs = Float64Array.from(ended, () => startMs + (day + 20) * minuteMs);
    const count = ended.length;
    await bench.detectors.observe({ kind: 'ends', count, series: Uint32Array.from(ended), timesMs });
    const told = await live(bench, 12, [day + 20, day + 40], () => false);
    expect(
      told
        .filter(({ state }) => state === 'firing')
        .map(({ entity }) => entity.name)
        .toSorted(),
    ).toEqual(['s0', 's0', 's1', 's1']);
  });

  test('need not be ten where hardly anything else is received', async () => {
    const bench = createWorkbench();
    await live(bench, 4, [0, day]);
    expect(await live(bench, 4, [day, day + 30], () => false)).toMatchObject([{ entity: telemetry }]);
  });

  test('hide no series of which it was asked to be told', async () => {
    const config = defaultConfig();
    const signals = [{ match: { metrics: ['pool.used'], entities: ['service||s2'] }, missing: 'alarm' as const }];
    const bench = createWorkbench({ config: { ...config, metrics: { ...config.metrics, signals } } });
    await live(bench, 12, [0, day]);
    const told = await live(bench, 12, [day, day + 30], () => false);
    expect(told.map(({ entity }) => entity.name).toSorted()).toEqual(['s2', 'telemetry']);
  });
});

test('of one namespace are told as what was removed, or is no longer collected', async () => {
  const { catalog, detectors } = createWorkbench();
  const told: Anomaly[] = [];
  for (let minute = 0; minute < day + 20; minute += 1) {
    const timeMs = startMs + minute * minuteMs;
    const rows = Array.from({ length: 24 }, (_, service) => {
      const labels = [
        ['namespace', service < 12 ? 'stage' : 'shop'],
        ['service', `s${service}`],
      ] as const;
      const id = catalog.intern({ name: 'queue.depth', labels, kind: 'gauge', unit: '', origin: 'received' });
      return [id, timeMs, 50 + 5 * Math.sin(minute * 1.7 + service)] as const;
    }).filter((_, service) => minute < day || service >= 12);
    const results = [await detectors.observe(sampleBatch(rows)), await detectors.advance(timeMs - 7000)];
    told.push(...results.flatMap(({ anomalies }) => anomalies));
  }
  expect(told).toMatchObject([{ entity: telemetry }]);
  expect(told[0]!.reason).toContain(
    'All are of namespace stage: it was removed, or what collects or sends them has stopped',
  );
});

test('two services of twelve that fall silent are told each', async () => {
  const bench = createWorkbench();
  await live(bench, 12, [0, day]);
  const told = await live(bench, 12, [day, day + 30], (service) => service > 1);
  expect(told.map(({ entity }) => entity.name).toSorted()).toEqual(['s0', 's0', 's1', 's1']);
});

describe('a service of which three series and more are known', () => {
  const metrics = ['queue.depth', 'pool.used', 'orders', 'sessions'];

  test('is told once to have vanished, until it is back', async () => {
    const bench = createWorkbench();
    await live(bench, 12, [0, day], undefined, metrics);
    const told = await live(
      bench,
      12,
      [day, day + 60],
      (service, minute) => service > 1 || minute >= day + 40,
      metrics,
    );
    expect(told.map(({ state, entity }) => [state, entity.name])).toEqual([
      ['firing', 's0'],
      ['firing', 's1'],
      ['cleared', 's0'],
      ['cleared', 's1'],
    ]);
    expect(told[0]!.reason).toContain('4 series of service s0 have vanished (queue.depth, pool.used, orders, …)');
    expect(told[0]!.reason).toMatch(/nothing was heard of them for 6\d\d s$/);
  });

  test('is told of what did not come back with the rest', async () => {
    const bench = createWorkbench();
    await live(bench, 12, [0, day], undefined, metrics);
    await live(bench, 12, [day, day + 30], (service) => service > 0, metrics);
    const isHeard = (service: number, _: number, metric: string) => service > 0 || metric !== 'sessions';
    const told = await live(bench, 12, [day + 30, day + 60], isHeard, metrics);
    expect(told).toMatchObject([
      { state: 'cleared', entity: { name: 's0' } },
      { state: 'firing', metric: 'sessions', entity: { name: 's0' } },
    ]);
  });

  test('is told once over a restart, and when it is forgotten that is over', async () => {
    const before = createWorkbench();
    await live(before, 12, [0, day], undefined, metrics);
    const first = await live(before, 12, [day, day + 20], (service) => service > 0, metrics);
    const after = createWorkbench({ catalog: before.catalog });
    expect(after.detectors.load(before.detectors.save())).toBe(true);
    const then = await live(after, 12, [day + 20, day + 26 * 60], (service) => service > 0, metrics);
    expect([...first, ...then].map(({ state }) => state)).toEqual(['firing', 'cleared']);
    expect(await live(after, 12, [day + 26 * 60, day + 27 * 60], undefined, metrics)).toEqual([]);
  });
});
