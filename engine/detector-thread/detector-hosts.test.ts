import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openSpillFiles } from '../../detectors/index.ts';
import { openModelThread, shippedForecastModelPath } from '../../detectors/lstm/index.ts';
import { faultAt, faultySlos, playShop, shopWindows } from '../../detectors/testing/faulty-shop.ts';
import { createMemoryCatalog } from '../../detectors/testing/memory-catalog.ts';
import { podGauge, sampleBatch, startMs } from '../../detectors/testing/synthetic.ts';
import { defaultConfig } from '../../detectors/testing/workbench.ts';
import {
  type DetectionResult,
  type Detectors,
  defaultModelClass,
  type Feedback,
  type KybernError,
} from '../../model/index.ts';
import { createPrometheusMetrics } from '../metrics/prometheus-metrics.ts';
import type { DetectorHost, HostedDetectorsDeps } from './detector-host.ts';
import { createLocalDetectorHost } from './local-detector-host.ts';
import { openDetectorThread } from './open-detector-thread.ts';

const config = { ...defaultConfig() };

describe.each<[where: string, openHost: (of: typeof config) => DetectorHost]>([
  ['in this thread', createLocalDetectorHost],
  ['beside their network', (of) => createLocalDetectorHost(of, undefined, openModelThread)],
  ['in a thread of their own', openDetectorThread],
])('detectors %s', (_where, openHost) => {
  let host: DetectorHost;
  let sha256: string;
  beforeAll(async () => {
    host = openHost(config);
    sha256 = await host.prepare(shippedForecastModelPath);
    // Without it the network goes with the last detectors that it serves.
    host.hold(defaultModelClass, sha256);
  });
  afterAll(() => host.close());

  function created(deps: Partial<HostedDetectorsDeps> = {}) {
    const catalog = deps.catalog ?? createMemoryCatalog();
    const metrics = createPrometheusMetrics({ processMetrics: false, version: 'test' });
    const networks = new Map([[defaultModelClass, sha256]]);
    const detectors = host.create({ catalog, metrics, slos: faultySlos, networks, ...deps });
    return { catalog, metrics, detectors };
  }

  async function stateOf(detectors: Detectors): Promise<Uint8Array> {
    const pieces: Uint8Array[] = [];
    await detectors.settle?.();
    for (const piece of detectors.pieces()) pieces.push((await piece).slice());
    return Buffer.concat(pieces);
  }

  test('find what detectors anywhere find, to the bit, and count the same', async () => {
    const here = createLocalDetectorHost(config);
    await here.prepare(shippedForecastModelPath);
    const expected = {
      catalog: createMemoryCatalog(),
      metrics: createPrometheusMetrics({ processMetrics: false, version: 'test' }),
    };
    const networks = new Map([[defaultModelClass, sha256]]);
    const reference = here.create({ ...expected, slos: faultySlos, networks });
    const { catalog, metrics, detectors } = created();
    const results = await playShop(detectors, catalog, 0, shopWindows);
    const wanted = await playShop(reference, expected.catalog, 0, shopWindows);
    expect(results).toEqual(wanted);
    expect(results.flatMap(({ anomalies }) => anomalies).length).toBeGreaterThan(4);
    expect(catalog.size).toBe(expected.catalog.size);
    expect(detectors.status()).toEqual(reference.status());
    expect(withoutTimes(await metrics.text())).toEqual(withoutTimes(await expected.metrics.text()));
    expect(await stateOf(detectors)).toEqual(await stateOf(reference));
    reference.close?.();
    detectors.close?.();
    await here.close();
  });

  test('go on from a state that was saved at any time, and refuse one of another catalogue', async () => {
    const first = created();
    await playShop(first.detectors, first.catalog, 0, faultAt);
    const state = await stateOf(first.detectors);
    const expected = await playShop(first.detectors, first.catalog, faultAt, shopWindows);
    const directory = mkdtempSync(join(tmpdir(), 'kybern-hosts-'));
    const path = join(directory, 'of.state');
    writeFileSync(path, state);
    const again = created({ catalog: first.catalog });
    expect(await again.detectors.load({ path, start: 0, length: state.length })).toBe(true);
    rmSync(directory, { recursive: true });
    await again.detectors.kept?.();
    expect(again.detectors.status().series).toBeGreaterThan(5);
    expect(await playShop(again.detectors, first.catalog, faultAt, shopWindows)).toEqual(expected);
    const fromMemory = created({ catalog: first.catalog });
    expect(await fromMemory.detectors.load(state)).toBe(true);
    expect(Buffer.compare(await stateOf(fromMemory.detectors), state)).toBe(0);
    const elsewhere = created();
    expect(await elsewhere.detectors.load(state)).toBe(false);
    for (const { detectors } of [first, again, fromMemory, elsewhere]) detectors.close?.();
  });

  test('give the columns of bands again once they are released, and only then', async () => {
    const { catalog, detectors } = created();
    const held: DetectionResult['bands'][number][] = [];
    const copies: number[][] = [];
    for (let window = 0; window < 400; window += 1) {
      const series = Array.from({ length: 40 }, (_, at) => catalog.intern(podGauge('app.load', `pod-${at}`, '')));
      const timeMs = startMs + window * 5000;
      const rows = series.map((id) => [id, timeMs, 100 + ((id * 7 + window * 13) % 10)] as const);
      for (const band of (await detectors.observe(sampleBatch(rows))).bands) {
        if (window % 2 === 0) band.release?.();
        else {
          held.push(band);
          copies.push([...band.timesMs.slice(0, band.count), ...band.upper.slice(0, band.count)]);
        }
      }
    }
    expect(held.length).toBeGreaterThan(100);
    const now = held.map(({ count, timesMs, upper }) => [...timesMs.slice(0, count), ...upper.slice(0, count)]);
    expect(now).toEqual(copies);
    for (const band of held) band.release?.();
    detectors.close?.();
  });

  test('learn the past, tell how well a series is known, and put idle series aside', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'kybern-host-'));
    const files = openSpillFiles(directory);
    const failed: KybernError[] = [];
    const { catalog, detectors } = created({ spill: { files, failed: (error) => failed.push(error) } });
    const [busy, idle] = ['busy', 'idle'].map((name) => catalog.intern(serviceGauge(name)));
    const known = async (id: number) => (await detectors.seriesState?.(catalog.get(id).fingerprint))?.samples;
    expect(await known(busy!)).toBeUndefined();
    await detectors.learnHistory?.(
      sampleBatch(Array.from({ length: 60 }, (_, at) => [idle!, startMs - (60 - at) * 60_000, 5 + (at % 3)] as const)),
    );
    await detectors.endHistory?.(startMs);
    expect(await known(idle!)).toBe(60);
    for (let minute = 0; minute < 3000; minute += 1) {
      const timeMs = startMs + minute * 60_000;
      await detectors.observe(sampleBatch([[busy!, timeMs, 5 + (minute % 3)]]));
      await detectors.advance(timeMs);
    }
    expect(detectors.status()).toMatchObject({ series: 2, resident: 1 });
    await detectors.observe(sampleBatch([[idle!, startMs + 3000 * 60_000, 6]]));
    expect(detectors.status()).toMatchObject({ series: 2, resident: 2 });
    expect(await known(idle!)).toBe(61);
    expect(failed).toEqual([]);
    detectors.close?.();
    await files.close();
    rmSync(directory, { recursive: true });
  });

  test('say what went wrong by its code, and go on', async () => {
    await expect(host.prepare('/nowhere/model.onnx')).rejects.toMatchObject({ code: 'KYBERN_MODEL' });
    const { catalog, detectors } = created();
    await expect(detectors.useNetwork?.('nobody', sha256)).rejects.toMatchObject({ code: 'KYBERN_NOT_FOUND' });
    await detectors.useNetwork?.(defaultModelClass, sha256);
    expect((await playShop(detectors, catalog, 0, 3)).length).toBe(12);
    detectors.close?.();
  });

  test('count what they count also where an operator spoke before the first signal', async () => {
    const { catalog, metrics, detectors } = created();
    detectors.learn?.({ type: 'feedback', value: feedbackOn('0123456789abcdef') });
    await playShop(detectors, catalog, 0, 3);
    expect(await metrics.text()).toMatch(/^kybern_detectors_samples_total\{result="scored"\} [1-9]/m);
    detectors.close?.();
  });

  test('that were closed hear what operators decided without harm to others', async () => {
    const [gone, other] = [created(), created()];
    gone.detectors.close?.();
    gone.detectors.learn?.({ type: 'feedback', value: feedbackOn('0123456789abcdef') });
    expect((await playShop(other.detectors, other.catalog, 0, 3)).length).toBe(12);
    other.detectors.close?.();
  });

  test('are closed while a state of theirs becomes durable: nobody is told of an error', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'kybern-host-'));
    const files = openSpillFiles(directory);
    const { catalog, detectors } = created({ spill: { files, failed: () => {} } });
    await playShop(detectors, catalog, 0, 3);
    await stateOf(detectors);
    const kept = detectors.kept?.();
    detectors.close?.();
    await expect(kept).resolves.toBeUndefined();
    await files.close();
    rmSync(directory, { recursive: true });
  });

  test('leave out what is derived once the catalogue is full', async () => {
    const full = createMemoryCatalog(12);
    const { detectors } = created({ catalog: full });
    const results = await playShop(detectors, full, 0, 30);
    expect(results.flatMap(({ derived }) => derived).every(({ series }) => series.every((id) => id < 12))).toBe(true);
    expect(full.size).toBe(12);
    detectors.close?.();
  });
});

test('a thread that ends by itself rejects what it was asked, and all that follows', async () => {
  const host = openDetectorThread(config);
  const sha256 = await host.prepare(shippedForecastModelPath);
  const catalog = createMemoryCatalog();
  const metrics = createPrometheusMetrics({ processMetrics: false, version: 'test' });
  const detectors = host.create({ catalog, metrics, slos: [], networks: new Map([[defaultModelClass, sha256]]) });
  // A defect: nobody waits for the answer, so it ends the thread.
  detectors.learn?.(undefined as never);
  await expect(detectors.advance(startMs)).rejects.toThrow();
  await expect(host.prepare(shippedForecastModelPath)).rejects.toThrow();
  await host.close();
});

function withoutTimes(text: string): string {
  return text.replaceAll(/^kybern_detectors_batch_seconds.*$/gm, '');
}

function serviceGauge(service: string) {
  return {
    name: 'queue.length',
    labels: [['service.name', service]] as const,
    kind: 'gauge',
    unit: '',
    origin: 'received',
  } as const;
}

function feedbackOn(series: string): Feedback {
  return {
    ...{ id: 'fbk-1', revision: 1, state: 'active', verdict: 'missed', series, metric: 'queue.length' },
    entity: { kind: 'service', namespace: '', name: 'cart' },
    ...{ direction: 'up', view: 'deviation', score: 4, limit: 3, by: 'ada', effect: '' },
    at: '2026-01-05T00:00:00.000Z',
    updatedAt: '2026-01-05T00:00:00.000Z',
  };
}
