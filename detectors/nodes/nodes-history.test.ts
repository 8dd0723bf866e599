import { expect, test } from 'vitest';
import type { Anomaly, SeriesCatalog } from '../../model/index.ts';
import { sampleBatch, startMs } from '../testing/synthetic.ts';
import { createWorkbench, type Workbench } from '../testing/workbench.ts';

const minute = 60_000;
const day = 1440;
const gibibyte = 1024 ** 3;

/** A disk's readings at a minute, with this share of it taken. */
function rowsAt(catalog: SeriesCatalog, at: number, used: number): [number, number, number][] {
  const gauge = (name: string) =>
    catalog.intern({
      name,
      labels: [
        ['device', '/dev/sda1'],
        ['fstype', 'ext4'],
        ['instance', 'node-1'],
        ['mountpoint', '/'],
      ],
      kind: 'gauge',
      unit: '',
      origin: 'received',
    });
  const timeMs = startMs + at * minute;
  // A deterministic jitter of a thousandth.
  const taken = used + 0.001 * Math.sin(at * at);
  return [
    [gauge('node_filesystem_avail_bytes'), timeMs, (1 - taken) * 100 * gibibyte],
    [gauge('node_filesystem_size_bytes'), timeMs, 100 * gibibyte],
  ];
}

type UsedAt = (at: number) => number;

/** The past as it comes out of the store: hours at once. */
async function learn({ detectors, catalog }: Workbench, from: number, to: number, usedAt: UsedAt): Promise<void> {
  for (let first = from; first < to; first += 240) {
    const rows = Array.from({ length: Math.min(240, to - first) }, (_, at) =>
      rowsAt(catalog, first + at, usedAt(first + at)),
    );
    await detectors.learnHistory?.(sampleBatch(rows.flat()));
  }
  await detectors.endHistory?.(startMs + to * minute);
}

async function live({ detectors, catalog }: Workbench, from: number, to: number, usedAt: UsedAt): Promise<Anomaly[]> {
  const told: Anomaly[] = [];
  for (let at = from; at < to; at += 1) {
    const results = [
      await detectors.observe(sampleBatch(rowsAt(catalog, at, usedAt(at)))),
      await detectors.advance(startMs + at * minute),
    ];
    told.push(...results.flatMap(({ anomalies }) => anomalies.filter(({ ahead }) => ahead !== undefined)));
  }
  return told;
}

/** A backup, each evening at seven, fills half of the disk within four hours and is then removed. */
const backup: UsedAt = (at) => {
  const into = (at % day) - 1140;
  return 0.4 + (into > 0 && into < 240 ? (0.54 * into) / 240 : 0);
};

test('a job that the store knows from yesterday is not told, as it would be by who never saw it', async () => {
  const knowing = createWorkbench();
  await learn(knowing, 0, 2 * day, backup);
  expect(await live(knowing, 2 * day, 3 * day, backup)).toEqual([]);
  const unknowing = createWorkbench();
  expect((await live(unknowing, 2 * day, 3 * day, backup)).length).toBeGreaterThan(0);
});

test('what began to fill before the start is told with the past as without a break, and nothing before that', async () => {
  const filling: UsedAt = (at) => 0.4 + (at < day ? 0 : (0.6 * (at - day)) / 240);
  const whole = await live(createWorkbench(), 0, day + 230, filling);
  const bench = createWorkbench();
  await learn(bench, 0, day + 60, filling);
  const told = await live(bench, day + 60, day + 230, filling);
  const lead = (anomalies: readonly Anomaly[]) => Date.parse(anomalies[0]!.detectedAt);
  expect(told[0]).toMatchObject({ state: 'firing', revision: 1, ahead: { what: 'disk /' } });
  expect(Math.abs(lead(told) - lead(whole))).toBeLessThanOrEqual(5 * minute);
});

test('a state that was learnt so is saved and read like any other', async () => {
  const first = createWorkbench();
  await learn(first, 0, 2 * day, backup);
  const second = createWorkbench({ catalog: first.catalog });
  expect(second.detectors.load(first.detectors.save())).toBe(true);
  expect(await live(second, 2 * day, 3 * day, backup)).toEqual([]);
});
