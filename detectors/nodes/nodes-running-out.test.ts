import { describe, expect, test } from 'vitest';
import { type Anomaly, type Detectors, type SeriesCatalog, toEpochMs } from '../../model/index.ts';
import { sampleBatch, startMs } from '../testing/synthetic.ts';
import { createWorkbench, defaultConfig, type Workbench } from '../testing/workbench.ts';

const minute = 60_000;
const gibibyte = 1024 ** 3;
const exporter = [
  ['device', '/dev/sda1'],
  ['fstype', 'ext4'],
  ['instance', '10.0.0.7:9100'],
  ['mountpoint', '/'],
] as const;

function gauges(catalog: SeriesCatalog) {
  const gauge = (name: string, labels: readonly (readonly [string, string])[] = exporter) =>
    catalog.intern({ name, labels, kind: 'gauge', unit: '', origin: 'received' });
  return {
    avail: gauge('node_filesystem_avail_bytes'),
    size: gauge('node_filesystem_size_bytes'),
    uname: gauge('node_uname_info', [
      ['instance', '10.0.0.7:9100'],
      ['nodename', 'node-1'],
    ]),
  };
}

/** Lives minute by minute with this share of the disk taken; gives all revisions of failures foretold. */
async function live(
  { detectors, catalog }: { detectors: Detectors; catalog: SeriesCatalog },
  from: number,
  to: number,
  usedAt: (at: number) => number,
): Promise<Anomaly[]> {
  const { avail, size, uname } = gauges(catalog);
  const told: Anomaly[] = [];
  for (let at = from; at < to; at += 1) {
    const nowMs = startMs + at * minute;
    // A deterministic jitter of a thousandth.
    const used = usedAt(at) + 0.001 * Math.sin(at * at);
    const rows: [number, number, number][] = [
      [avail, nowMs, (1 - used) * 100 * gibibyte],
      [size, nowMs, 100 * gibibyte],
      [uname, nowMs, 1],
    ];
    const results = [await detectors.observe(sampleBatch(rows)), await detectors.advance(nowMs)];
    told.push(...results.flatMap(({ anomalies }) => anomalies.filter(({ ahead }) => ahead !== undefined)));
  }
  return told;
}

/** A quiet day, then half of the disk is filled in four hours. */
const filling = (at: number) => 0.4 + (at < 1440 ? 0 : (0.6 * (at - 1440)) / 240);

describe('a disk that fills', () => {
  test('is told ahead, with time, range and reason, about the node by its name', async () => {
    const told = await live(createWorkbench(), 0, 1440 + 230, filling);
    expect(told.length).toBeGreaterThan(0);
    const [first] = told;
    expect(first).toMatchObject({
      state: 'firing',
      detector: 'node-failure',
      entity: { kind: 'node', name: 'node-1' },
    });
    expect(first!.ahead!.what).toBe('disk /');
    expect(first!.reason).toMatch(/node node-1 runs out of disk \/, expected in .* % sure: disk \/ is \d+ % full/);
    expect(first!.reason).toMatch(/; from 90 % on the kubelet evicts pods$/);
    const failsMs = startMs + (1440 + 240) * minute;
    const lead = (failsMs - toEpochMs(first!.detectedAt)) / 1000;
    expect(lead).toBeGreaterThan(600);
    expect(first!.ahead!.earliestSeconds).toBeLessThan(lead);
    expect(first!.ahead!.latestSeconds).toBeGreaterThan(lead);
    expect(new Set(told.map(({ id }) => id)).size).toBe(1);
  });

  test('is told the same after a restart from a checkpoint', async () => {
    const whole = createWorkbench();
    const expected = await live(whole, 0, 1440 + 230, filling);
    const first = createWorkbench();
    const before = await live(first, 0, 1440 + 30, filling);
    const second = createWorkbench({ catalog: first.catalog });
    expect(second.detectors.load(first.detectors.save())).toBe(true);
    const after = await live(second, 1440 + 30, 1440 + 230, filling);
    expect([...before, ...after]).toEqual(expected);
  });

  test('and is emptied is taken back', async () => {
    const told = await live(createWorkbench(), 0, 1440 + 300, (at) => (at < 1440 + 235 ? filling(at) : 0.4));
    expect(told.at(-1)).toMatchObject({ state: 'cleared' });
  });

  test.each([1, 0.97])('and stays at %f of its size is not over: what is full grows no more', async (limit) => {
    const usedAt = (at: number) => Math.min(limit - 0.001, filling(at));
    const emptied = 1440 + 240 + 8 * 60;
    const told = await live(createWorkbench(), 0, emptied + 90, (at) => (at < emptied ? usedAt(at) : 0.4));
    expect(told[0]).toMatchObject({ state: 'firing', ahead: { what: 'disk /' } });
    const cleared = told.filter(({ state }) => state === 'cleared');
    expect(cleared).toHaveLength(1);
    expect(toEpochMs(cleared[0]!.clearedAt!)).toBeGreaterThan(startMs + emptied * minute);
  });

  test('and stops short of its limit is over', async () => {
    const told = await live(createWorkbench(), 0, 1440 + 240 + 8 * 60, (at) => Math.min(0.92, filling(at)));
    expect(told[0]).toMatchObject({ state: 'firing', ahead: { what: 'disk /' } });
    expect(told.at(-1)).toMatchObject({ state: 'cleared' });
  });

  test('and has stopped is over by the latest time that was told, not after half a day', async () => {
    const began = 3 * 1440;
    const restored = (at: number) => Math.min(0.88, 0.3 + (at < began ? 0 : (0.6 * (at - began)) / 180));
    const told = await live(createWorkbench(), 0, began + 8 * 60, restored);
    const [first] = told;
    expect(first).toMatchObject({ state: 'firing', ahead: { what: 'disk /' } });
    expect(told.at(-1)).toMatchObject({ state: 'cleared' });
    const stoodSeconds = (toEpochMs(told.at(-1)!.clearedAt!) - toEpochMs(first!.detectedAt)) / 1000;
    expect(stoodSeconds).toBeLessThan(first!.ahead!.latestSeconds + 20 * 60);
  });

  test('is not told where nodes are switched off', async () => {
    const config = defaultConfig();
    const bench = createWorkbench({ config: { ...config, nodes: { ...config.nodes, enabled: false } } });
    expect(await live(bench, 0, 1440 + 230, filling)).toEqual([]);
  });
});

/** The disk of an address fills, with those series beside it that say whose it is; what was foretold. */
async function fill({ detectors, catalog }: Workbench, namedBy: (at: number) => readonly number[]): Promise<Anomaly[]> {
  const { avail, size } = gauges(catalog);
  const told: Anomaly[] = [];
  for (let at = 0; at < 1440 + 230; at += 1) {
    const nowMs = startMs + at * minute;
    const rows: [number, number, number][] = [
      [avail, nowMs, (1 - filling(at) - 0.001 * Math.sin(at * at)) * 100 * gibibyte],
      [size, nowMs, 100 * gibibyte],
      // The exporter says itself whose it is at the end of what it sends.
      ...namedBy(at).map((id): [number, number, number] => [id, nowMs, 1]),
    ];
    const results = [await detectors.observe(sampleBatch(rows)), await detectors.advance(nowMs)];
    told.push(...results.flatMap(({ anomalies }) => anomalies.filter(({ ahead }) => ahead !== undefined)));
  }
  return told;
}

test('what was foretold of an address is taken back once the node has a name, and told by that', async () => {
  const bench = createWorkbench();
  const { uname } = gauges(bench.catalog);
  const told = await fill(bench, (at) => (at < 1440 + 225 ? [] : [uname]));
  const last = (name: string) => told.filter(({ entity }) => entity.name === name).at(-1);
  expect(last('10.0.0.7')).toMatchObject({ state: 'cleared' });
  expect(last('node-1')).toMatchObject({ state: 'firing' });
});

test('an address that a new node has after another one is that of the new one', async () => {
  const bench = createWorkbench();
  const { uname } = gauges(bench.catalog);
  const labels = [
    ['instance', '10.0.0.7:9100'],
    ['nodename', 'node-9'],
  ] as const;
  const renamed = bench.catalog.intern({
    name: 'node_uname_info',
    labels,
    kind: 'gauge',
    unit: '',
    origin: 'received',
  });
  const told = await fill(bench, (at) => [at < 1440 ? uname : renamed]);
  expect(told[0]).toMatchObject({ state: 'firing', entity: { name: 'node-9' }, ahead: { what: 'disk /' } });
  expect(told.every(({ entity }) => entity.name === 'node-9')).toBe(true);
});

test('a disk that an exporter and the kubelet tell of in turn is told as one, not anew at each look', async () => {
  const { detectors, catalog } = createWorkbench();
  const kubelet = ['k8s.node.filesystem.available', 'k8s.node.filesystem.capacity'].map((name) =>
    catalog.intern({ name, labels: [['k8s.node.name', 'node-1']], kind: 'gauge', unit: '', origin: 'received' }),
  );
  const { avail, size, uname } = gauges(catalog);
  const told: Anomaly[] = [];
  for (let half = 0; half < 2 * (1440 + 240); half += 1) {
    const nowMs = startMs + (half * minute) / 2;
    const free = (1 - Math.min(0.999, filling(half / 2))) * 100 * gibibyte;
    const rows: [number, number, number][] =
      half % 2 === 0
        ? [
            [uname, nowMs, 1],
            [avail, nowMs, free],
            [size, nowMs, 100 * gibibyte],
          ]
        : [
            [kubelet[0]!, nowMs, free],
            [kubelet[1]!, nowMs, 100 * gibibyte],
          ];
    const results = [await detectors.observe(sampleBatch(rows)), await detectors.advance(nowMs)];
    told.push(...results.flatMap(({ anomalies }) => anomalies.filter(({ ahead }) => ahead !== undefined)));
  }
  expect(told[0]!.ahead!.evidence).toHaveLength(1);
  expect(new Set(told.map(({ ahead }) => ahead!.what)).size).toBe(1);
  expect(told.length).toBeLessThan(10);
});

test('a node that falls silent with a full disk is not told anew at each look', async () => {
  const bench = createWorkbench();
  const before = await live(bench, 0, 1440 + 235, filling);
  expect(before.at(-1)).toMatchObject({ state: 'firing' });
  const told: Anomaly[] = [];
  for (let quarter = 0; quarter < 120; quarter += 1) {
    const nowMs = startMs + (1440 + 235) * minute + quarter * 15_000;
    told.push(...(await bench.detectors.advance(nowMs)).anomalies.filter(({ ahead }) => ahead !== undefined));
  }
  expect(told.at(-1)!.reason).toContain('node node-1 runs out of disk / now');
  expect(told.length).toBeLessThan(8);
});

describe('what comes down again is not told', () => {
  test.each([
    ['a saw-tooth of image collection', (at: number) => 0.7 + 0.15 * ((at % 180) / 180)],
    ['a daily rhythm', (at: number) => 0.5 + 0.3 * Math.sin((2 * Math.PI * at) / 1440)],
    [
      'a cache that fills to its plateau',
      (at: number) => 0.4 + (at < 1440 ? 0 : 0.35 * (1 - Math.exp((1440 - at) / 60))),
    ],
  ])('%s', async (_, usedAt) => {
    expect(await live(createWorkbench(), 0, 2 * 1440, usedAt)).toEqual([]);
  });
});

test('what came down of itself is known after two days in which nothing was received of anybody', async () => {
  /** From the 700th minute of a day on the disk fills within the hour, to 94 %, and is emptied. */
  const job = (at: number) => 0.4 + (at % 1440 >= 700 && at % 1440 < 760 ? (0.54 * ((at % 1440) - 700)) / 60 : 0);
  expect(await live(createWorkbench(), 4 * 1440, 4 * 1440 + 800, job)).not.toEqual([]);
  const known = createWorkbench();
  await live(known, 0, 2 * 1440, job);
  // Another sender is the first to be back.
  const other = { name: 'up', labels: [['instance', 'b']], kind: 'gauge', unit: '', origin: 'received' } as const;
  const backMs = startMs + 4 * 1440 * minute - 20_000;
  await known.detectors.observe(sampleBatch([[known.catalog.intern(other), backMs, 1]]));
  await known.detectors.advance(backMs);
  expect(await live(known, 4 * 1440, 4 * 1440 + 800, job)).toEqual([]);
});

test('an exporter that starts again under another name tells the same disk', async () => {
  const { detectors, catalog } = createWorkbench();
  const told: Anomaly[] = [];
  for (let at = 0; at < 1440 + 230; at += 1) {
    const nowMs = startMs + at * minute;
    const labels = [...exporter, ['pod', `exporter-${Math.floor(at / 500)}`]] as const;
    const id = (name: string) => catalog.intern({ name, labels, kind: 'gauge', unit: '', origin: 'received' });
    const used = filling(at) + 0.001 * Math.sin(at * at);
    const rows: [number, number, number][] = [
      [id('node_filesystem_avail_bytes'), nowMs, (1 - used) * 100 * gibibyte],
      [id('node_filesystem_size_bytes'), nowMs, 100 * gibibyte],
    ];
    const results = [await detectors.observe(sampleBatch(rows)), await detectors.advance(nowMs)];
    told.push(...results.flatMap(({ anomalies }) => anomalies.filter(({ ahead }) => ahead !== undefined)));
  }
  expect(told[0]).toMatchObject({ entity: { name: '10.0.0.7' }, ahead: { what: 'disk /' } });
});
