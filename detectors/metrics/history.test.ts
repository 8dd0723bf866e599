import { expect, test } from 'vitest';
import { createRandom } from '../../model/index.ts';
import { createNoise, play, sampleBatch, startMs } from '../testing/synthetic.ts';
import { createWorkbench } from '../testing/workbench.ts';

const minuteMs = 60_000;

function open() {
  const bench = createWorkbench();
  const identity = (name: string) => ({
    ...({ name, kind: 'gauge', unit: 'ms', origin: 'received' } as const),
    labels: [['service.name', 'cart']] as const,
  });
  const [latency, other] = ['latency', 'other.latency'].map((name) => bench.catalog.intern(identity(name)));
  return { ...bench, latency: latency!, other: other!, noise: createNoise(createRandom(3)) };
}

type Setting = ReturnType<typeof open>;

/** A day of minutes; the last of them may be bad, and the other series ends some hours before. */
async function learnDay(
  { detectors, latency, other, noise }: Setting,
  bad: (minute: number) => boolean,
): Promise<void> {
  const rows: [number, number, number][] = [];
  for (let minute = 0; minute < 1500; minute += 1) {
    const timeMs = startMs + minute * minuteMs;
    rows.push([latency, timeMs, bad(minute) ? 900 : 50 + noise()]);
    if (minute < 1475) rows.push([other, timeMs, 50 + noise()]);
  }
  for (let row = 0; row < rows.length; row += 300)
    await detectors.learnHistory?.(sampleBatch(rows.slice(row, row + 300)));
  await detectors.endHistory?.(startMs + 1500 * minuteMs);
}

const after = (minute: number, count: number) => ({
  ...{ count, intervalMs: minuteMs, fromMs: startMs + (1500 + minute) * minuteMs },
});

test('the past is known, and nothing of it is told: not what was bad in it, nor what ended', async () => {
  const setting = open();
  const { detectors, catalog, latency, noise } = setting;
  await learnDay(setting, (minute) => minute > 700 && minute < 720);
  expect(detectors.seriesState?.(catalog.get(latency).fingerprint)).toMatchObject({ state: 'known', samples: 1500 });
  const healthy = await play(detectors, latency, after(0, 60), () => 50 + noise());
  expect(healthy.told).toEqual([]);
  expect(healthy.bands.length).toBe(60);
  const bad = await play(detectors, latency, after(60, 4), () => 900);
  expect(bad.told).toMatchObject([{ state: 'firing', revision: 1 }]);
  expect(bad.told[0]).not.toHaveProperty('learning');
});

test('what was bad when the past ended, and still is, is told once it is seen', async () => {
  const setting = open();
  await learnDay(setting, (minute) => minute >= 1490);
  const { told } = await play(setting.detectors, setting.latency, after(0, 3), () => 900);
  expect(told).toMatchObject([{ state: 'firing', revision: 1, metric: 'latency' }]);
  expect(Date.parse(told[0]!.onset)).toBeGreaterThanOrEqual(startMs + 1490 * minuteMs);
});

test('samples of the log that were learnt already count once', async () => {
  const setting = open();
  await learnDay(setting, () => false);
  const { detectors, catalog, latency, noise } = setting;
  await play(detectors, latency, after(-30, 40), () => 50 + noise());
  expect(detectors.seriesState?.(catalog.get(latency).fingerprint)).toMatchObject({ samples: 1510 });
});

test('a state that was learnt so is saved and read like any other', async () => {
  const setting = open();
  await learnDay(setting, () => false);
  await setting.detectors.settle?.();
  const again = createWorkbench({ catalog: setting.catalog });
  expect(again.detectors.load(setting.detectors.save())).toBe(true);
  expect(again.detectors.status()).toMatchObject({ series: 2, learning: 0 });
  expect((await play(again.detectors, setting.latency, after(0, 3), () => 900)).told.length).toBe(1);
});
