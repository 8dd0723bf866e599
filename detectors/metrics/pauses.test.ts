import { describe, expect, test } from 'vitest';
import type { Anomaly } from '../../model/index.ts';
import { sampleBatch, startMs } from '../testing/synthetic.ts';
import { createWorkbench, type Workbench } from '../testing/workbench.ts';

const minuteMs = 60_000;
const hour = 60;
const services = 6;

/** A gauge of each service once a minute, each at a second of its own; `isHeard` says of which something comes. */
async function live(
  { catalog, detectors }: Workbench,
  from: number,
  to: number,
  isHeard: (service: number) => boolean = () => true,
): Promise<Anomaly[]> {
  const told: Anomaly[] = [];
  for (let minute = from; minute < to; minute += 1) {
    for (let service = 0; service < services; service += 1) {
      if (!isHeard(service)) continue;
      const labels = [['service.name', `s${service}`]] as const;
      const id = catalog.intern({ name: 'queue.depth', labels, kind: 'gauge', unit: '', origin: 'received' });
      const timeMs = startMs + minute * minuteMs + service * 10_000;
      const results = [
        await detectors.observe(sampleBatch([[id, timeMs, 50 + 5 * Math.sin(minute * 1.7 + service)]])),
        await detectors.advance(timeMs - 7000),
      ];
      told.push(...results.flatMap(({ anomalies }) => anomalies));
    }
  }
  return told;
}

async function restarted({ catalog, detectors }: Workbench): Promise<Workbench> {
  const next = createWorkbench({ catalog });
  expect(next.detectors.load(detectors.save())).toBe(true);
  return next;
}

describe('a pause in which nothing comes of anybody', () => {
  const day = 26 * hour;

  test.each([11, 20, 3 * hour])('of %i minutes is no silence of those that are back after it', async (minutes) => {
    const bench = createWorkbench();
    await live(bench, 0, day);
    expect(await live(bench, day + minutes, day + minutes + 30)).toEqual([]);
  });

  test('is known after a restart in it, and after one right at its end', async () => {
    const before = createWorkbench();
    await live(before, 0, day);
    const during = await restarted(before);
    const first = await live(during, day + 20, day + 21, (service) => service === 0);
    const after = await restarted(during);
    expect([...first, ...(await live(after, day + 21, day + 50))]).toEqual([]);
  });

  test('hides nobody who does not come back', async () => {
    const bench = createWorkbench();
    await live(bench, 0, day);
    const told = await live(bench, day + 20, day + 50, (service) => service !== 3);
    expect(told).toMatchObject([{ state: 'firing', entity: { name: 's3' } }]);
    const silentMinutes = (Date.parse(told[0]!.detectedAt) - startMs) / minuteMs - (day + 20);
    expect(silentMinutes).toBeGreaterThan(9);
    expect(silentMinutes).toBeLessThan(12);
  });

  test('of two days makes nobody forgotten', async () => {
    const bench = createWorkbench();
    await live(bench, 0, day);
    await live(bench, day + 48 * hour, day + 48 * hour + 2);
    expect(bench.detectors.status()).toMatchObject({ series: services, learning: 0 });
  });
});

test('those that are always heard of at long intervals, all at once, are no pause: one that vanishes is told', async () => {
  const { catalog, detectors } = createWorkbench();
  const ids = ['s0', 's1'].map((name) =>
    catalog.intern({
      ...{ name: 'queue.depth', labels: [['service.name', name]], kind: 'gauge', unit: '', origin: 'received' },
    } as const),
  );
  const told: Anomaly[] = [];
  for (let at = 0; at < 400; at += 1) {
    const timeMs = startMs + at * 5 * minuteMs;
    const rows = ids.filter((_, nth) => nth === 0 || at < 350).map((id) => [id, timeMs, 50 + (at % 7)] as const);
    const results = [await detectors.observe(sampleBatch(rows)), await detectors.advance(timeMs - 7000)];
    told.push(...results.flatMap(({ anomalies }) => anomalies));
  }
  expect(told).toMatchObject([{ state: 'firing', entity: { name: 's1' } }]);
  expect(told[0]!.reason).toContain('has vanished');
});
