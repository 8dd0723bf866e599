import { afterAll, expect, test } from 'vitest';
import type { DetectionResult, SeriesCatalog } from '../model/index.ts';
import { type ForecastModel, loadForecastModel, servedPrecision, shippedForecastModelPath } from './index.ts';
import { faultAt, faultySlos, playShop as run, shopWindows as windows } from './testing/faulty-shop.ts';
import { podGauge, sampleBatch, startMs } from './testing/synthetic.ts';
import { createWorkbench } from './testing/workbench.ts';

const models: ForecastModel[] = [];

afterAll(async () => {
  for (const model of models) await model.close();
});

async function freshBench(catalog?: SeriesCatalog) {
  const model = await loadForecastModel({ path: shippedForecastModelPath, threads: 1, precision: servedPrecision });
  models.push(model);
  return createWorkbench({
    model,
    slos: faultySlos,
    ...(catalog && { catalog }),
  });
}

test('the fault is told by metrics, traces, logs and the SLO, each once, and nothing before it', async () => {
  const { catalog, detectors } = await freshBench();
  const results = await run(detectors, catalog, 0, windows);
  const fired = results.flatMap(({ anomalies }) => anomalies).filter(({ revision }) => revision === 1);
  for (const { onset, reason } of fired)
    expect(Date.parse(onset), reason).toBeGreaterThanOrEqual(startMs + faultAt * 5000);
  const kinds = new Set(fired.map(({ metric }) => metric));
  expect([...kinds]).toEqual(
    expect.arrayContaining([
      'container.memory.working_set',
      'trace.duration.p95',
      'trace.error.ratio',
      'log.template.rate',
    ]),
  );
  expect(new Set(fired.map(({ detector }) => detector))).toContain('slo');
  expect(new Set(fired.map(({ id }) => id)).size).toBe(fired.length);
  const memory = fired.filter(({ metric }) => metric === 'container.memory.working_set');
  expect(memory.map(({ entity }) => entity.name)).toEqual(['cart-1']);
});

test('the same batches in the same order give the same results, bit for bit', async () => {
  const [one, other] = [await freshBench(), await freshBench()];
  const first = await run(one.detectors, one.catalog, 0, windows);
  const second = await run(other.detectors, other.catalog, 0, windows);
  expect(second).toEqual(first);
  expect(first.flatMap(({ anomalies }) => anomalies).length).toBeGreaterThan(4);
});

test('after a checkpoint at any time the rest goes on as if nothing had been', async () => {
  const whole = await freshBench();
  const expected: DetectionResult[][] = [];
  const states: Uint8Array[] = [];
  for (const [from, to] of [
    [0, 40],
    [40, faultAt + 3],
    [faultAt + 3, windows],
  ] as const) {
    // A checkpoint is put together of these pieces.
    states.push(Buffer.concat(await Promise.all([...whole.detectors.pieces!()])));
    expect(Buffer.from(whole.detectors.save())).toEqual(states.at(-1));
    expected.push(await run(whole.detectors, whole.catalog, from, to));
  }
  for (const [part, from, to] of [
    [1, 40, faultAt + 3],
    [2, faultAt + 3, windows],
  ] as const) {
    const resumed = await freshBench(whole.catalog);
    expect(resumed.detectors.load(states[part]!)).toBe(true);
    const results = await run(resumed.detectors, resumed.catalog, from, to);
    expect(results).toEqual(expected[part]);
    if (part === 2) expect(resumed.detectors.save()).toEqual(whole.detectors.save());
  }
});

test('a state of another version, cut short, or of another installation is refused, and the detectors start empty', async () => {
  const { catalog, detectors } = await freshBench();
  await run(detectors, catalog, 0, 30);
  const state = detectors.save();
  const other = await freshBench();
  expect(other.detectors.load(state)).toBe(false);
  expect(other.detectors.load(new Uint8Array(0))).toBe(false);
  const resumed = await freshBench(catalog);
  expect(resumed.detectors.load(state.subarray(0, state.length - 9))).toBe(false);
  expect(resumed.detectors.load(new TextEncoder().encode('{"version": 0, "some": "other state"}'))).toBe(false);
  expect(resumed.detectors.status()).toMatchObject({ series: 0, learning: 0 });
  const fresh = await freshBench(catalog);
  expect(await run(resumed.detectors, catalog, 30, 40)).toEqual(await run(fresh.detectors, catalog, 30, 40));
});

test('samples at or before the last time of their series change nothing', async () => {
  const { catalog, detectors } = createWorkbench();
  const cpu = catalog.intern(podGauge('container.cpu.usage', 'cart-1', '{cpu}'));
  await detectors.observe(
    sampleBatch([
      [cpu, startMs, 1],
      [cpu, startMs + 1000, 2],
    ]),
  );
  const before = detectors.save();
  await detectors.observe(
    sampleBatch([
      [cpu, startMs + 1000, 9],
      [cpu, startMs, 9],
    ]),
  );
  expect(detectors.save()).toEqual(before);
});
