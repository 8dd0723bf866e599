import { describe, expect, test } from 'vitest';
import { type Anomaly, createRandom, type Labels } from '../../model/index.ts';
import { createNoise, sampleBatch, startMs } from '../testing/synthetic.ts';
import { createWorkbench, defaultConfig, type Workbench } from '../testing/workbench.ts';

const minuteMs = 60_000;
const hour = 60;
const day = 26 * hour;
type Label = readonly [string, string];

/** Two gauges of each instance once a minute; `labelsAt` says of which instances something comes. One more of a node comes always. */
async function live(
  { catalog, detectors }: Workbench,
  [from, to]: readonly [number, number],
  labelsAt: (minute: number) => readonly (readonly Label[])[],
  metrics = ['queue.depth', 'pool.used'],
): Promise<Anomaly[]> {
  const told: Anomaly[] = [];
  const noise = createNoise(createRandom(from));
  const gauge = (name: string, labels: readonly Label[]) => {
    const sorted: Labels = labels.toSorted(([a], [b]) => (a < b ? -1 : 1));
    return catalog.intern({ name, labels: sorted, kind: 'gauge', unit: '', origin: 'received' });
  };
  for (let minute = from; minute < to; minute += 1) {
    const timeMs = startMs + minute * minuteMs;
    const rows: [number, number, number][] = [[gauge('load', [['k8s.node.name', 'n1']]), timeMs, 5 + noise()]];
    for (const labels of labelsAt(minute))
      for (const metric of metrics) rows.push([gauge(metric, labels), timeMs, 50 + noise()]);
    const results = [await detectors.observe(sampleBatch(rows)), await detectors.advance(timeMs - 7000)];
    told.push(...results.flatMap(({ anomalies }) => anomalies));
  }
  return told;
}

const instance = (id: string): Label[] => [
  ['service.name', 'pay'],
  ['service.instance.id', id],
  ['service.version', id[0]!],
  ['host.name', `pay-${id}`],
];
const [before, after] = [
  ['a1', 'a2', 'a3'],
  ['b1', 'b2', 'b3'],
].map((ids) => ids.map(instance));

describe('instances of a service, each with series of its own', () => {
  test('that a deployment has replaced one by one have not vanished', async () => {
    const bench = createWorkbench();
    const told = await live(bench, [0, day + 2 * hour], (minute) =>
      before!.map((labels, nth) => (minute < day + 2 * nth ? labels : after![nth]!)),
    );
    expect(told).toEqual([]);
  });

  test('of which some are taken away as the load goes have not vanished', async () => {
    const bench = createWorkbench();
    const told = await live(bench, [0, day + 2 * hour], (minute) => before!.slice(0, minute < day ? 3 : 1));
    expect(told).toEqual([]);
  });

  test('are told once a metric when none is left, until another instance begins', async () => {
    const bench = createWorkbench();
    await live(bench, [0, day], () => before!);
    const gone = await live(bench, [day, day + 40], () => []);
    expect(gone.map(({ metric, state }) => [metric, state])).toEqual([
      ['queue.depth', 'firing'],
      ['pool.used', 'firing'],
    ]);
    expect(gone[0]!.reason).toContain('queue.depth of service pay has vanished');
    const next = createWorkbench({ catalog: bench.catalog });
    expect(next.detectors.load(bench.detectors.save())).toBe(true);
    const back = await live(next, [day + 40, day + 50], () => after!);
    expect(back.map(({ metric, state }) => [metric, state])).toEqual([
      ['queue.depth', 'cleared'],
      ['pool.used', 'cleared'],
    ]);
    expect(back[0]!.reason).toContain('another instance has taken its place');
  });

  test('are told one by one where an operator asked for it', async () => {
    const config = defaultConfig();
    const signals = [{ match: { metrics: ['pool.used'] }, missing: 'alarm' as const, silenceSeconds: 120 }];
    const bench = createWorkbench({ config: { ...config, metrics: { ...config.metrics, signals } } });
    await live(bench, [0, day], () => before!);
    const told = await live(bench, [day, day + 30], () => before!.slice(2));
    expect(told).toMatchObject([{ metric: 'pool.used' }, { metric: 'pool.used' }]);
  });
});

test('what says another thing of a service has vanished although its other series go on', async () => {
  const bench = createWorkbench();
  const pools = ['read', 'write'].map((pool) => [...instance('a1'), ['pool', pool]] as Label[]);
  await live(bench, [0, day], () => pools, ['pool.used']);
  const told = await live(bench, [day, day + 30], () => pools.slice(1), ['pool.used']);
  expect(told).toMatchObject([{ state: 'firing', reason: expect.stringContaining('pool.used{pool=read}') }]);
});

test.each<[string, string, Label[]]>([
  ['a job that was done and is cleared away', 'k8s.job.active_pods', [['k8s.job.name', 'report-29001']]],
  [
    'the same by kube-state-metrics',
    'kube_job_status_active',
    [
      ['job_name', 'report-29001'],
      ['instance', '10.0.0.9:8080'],
    ],
  ],
  [
    "a node's end of a pod's cable",
    'system.network.io',
    [
      ['k8s.node.name', 'n1'],
      ['device', 'veth1a2b3c4d'],
    ],
  ],
  [
    "a pod's mount",
    'system.filesystem.usage',
    [
      ['k8s.node.name', 'n1'],
      ['mountpoint', '/var/lib/kubelet/pods/4f/volumes/x'],
    ],
  ],
])('%s has not vanished', async (_, metric, labels) => {
  const bench = createWorkbench();
  const told = await live(bench, [0, day + hour], (minute) => (minute < day ? [labels] : []), [metric]);
  expect(told).toEqual([]);
});
