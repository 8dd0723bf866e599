import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { createSimulatedClock, KybernConfig, withDefaults } from '../../engine/index.ts';
import type { Decision } from '../../model/index.ts';
import { openEngine } from '../support/engine-in-process.ts';
import { removeTemporaryDirectories, temporaryDirectory } from '../support/kybern-process.ts';

afterAll(removeTemporaryDirectories);

const startMs = Date.UTC(2026, 0, 5, 12);
const stepMs = 10_000;
const perExport = 5;

/** A real engine that is sent latencies of services, on a clock that may be ahead of the samples. */
async function openService() {
  const clock = createSimulatedClock(startMs);
  const config = withDefaults(KybernConfig, {
    dataDir: temporaryDirectory('kybern-past-'),
    store: { kind: 'files' },
    analysis: { latenessSeconds: 0 },
    // What has stayed for half an hour would be the new normal.
    detectors: { thread: 'none', backfill: { days: 0 }, metrics: { acceptShiftSeconds: 6 * 3600 } },
  }) as KybernConfig;
  const open = () => openEngine(config, { clock });
  let engine = await open();
  const sentMs = new Map<string, number>();

  async function send(name: string, count: number, deviation: number): Promise<void> {
    const fromMs = sentMs.get(name) ?? startMs;
    const toMs = fromMs + count * stepMs;
    const dataPoints = Array.from({ length: count }, (_, index) => {
      const atMs = fromMs + (index + 1) * stepMs;
      const at = (atMs - startMs) / stepMs;
      const usual = 0.05 + 0.004 * Math.sin(at * 1.7) + 0.003 * Math.cos(at * 0.61);
      return { timeUnixNano: `${atMs}000000`, asDouble: usual + deviation };
    });
    sentMs.set(name, toMs);
    clock.advanceTo(toMs);
    const attributes = [
      { key: 'k8s.namespace.name', value: { stringValue: 'shop' } },
      { key: 'service.name', value: { stringValue: name } },
    ];
    const metrics = [{ name: 'http.server.request.duration.p99', unit: 's', gauge: { dataPoints } }];
    const answer = await engine.receivers.inject({
      method: 'POST',
      url: '/v1/metrics',
      headers: { 'content-type': 'application/json' },
      payload: { resourceMetrics: [{ resource: { attributes }, scopeMetrics: [{ metrics }] }] },
    });
    expect(answer.statusCode).toBe(200);
  }

  return {
    /** Sends so many samples, each so many seconds slower than usual. */
    async play(samples: number, deviation = 0, name = 'cart') {
      for (let at = 0; at < samples; at += perExport) await send(name, Math.min(perExport, samples - at), deviation);
      await engine.settle();
    },
    /** Nothing is received for so long; then the sender goes on from where it was. */
    away: (seconds: number) => clock.advanceTo(clock.now() + seconds * 1000),
    anomalies: async () => (await engine.store.anomalies({ limit: 100 })).items,
    incidents: async () => (await engine.store.incidents({ limit: 100 })).items,
    decisions: (): readonly Decision[] => [...engine.recorder.latest()],
    /** Starts again without the state of the analysis: the whole log is analysed anew. */
    async replay() {
      await engine.close();
      await rm(join(config.dataDir, 'state'), { recursive: true });
      engine = await open();
      await engine.settle();
      // It was all made again.
      const { body } = await engine.api.inject({ method: 'GET', url: '/metrics', headers: { host: 'localhost' } });
      expect(body).toMatch(/kybern_decisions_repeated_total\{type="anomaly"\} 4/);
    },
    close: () => engine.close(),
  };
}

test('what was wrong in history that is caught up with is recorded, and nobody is alarmed', async () => {
  const service = await openService();
  await service.play(200);
  service.away(6 * 3600);
  await service.play(60, 0.8);
  await service.play(100);
  expect(await service.anomalies()).toMatchObject([{ state: 'cleared', suppressed: { by: 'past' } }]);
  expect(await service.incidents()).toEqual([]);
  await service.close();
});

test('what began in history and goes on is told once event time has caught up, with its true start', async () => {
  const service = await openService();
  await service.play(200);
  const beganMs = startMs + 200 * stepMs;
  service.away(2 * 3600);
  await service.play(200, 0.8);
  expect(await service.incidents()).toEqual([]);
  await service.play(190, 0.8);
  const [told] = await service.anomalies();
  expect(told).toMatchObject({ state: 'firing', toldAt: expect.any(String) });
  expect(told).not.toHaveProperty('suppressed');
  expect(Math.abs(Date.parse(told!.onset) - beganMs)).toBeLessThanOrEqual(stepMs);
  expect(await service.incidents()).toMatchObject([{ state: 'open' }]);
  await service.close();
});

test('history that is read beside what comes live is the past all the same', async () => {
  const service = await openService();
  await service.play(2000);
  // Read in chunks, from five hours ago on: slow for most of an hour, then as ever.
  for (let chunk = 0; chunk < 40; chunk += 1) {
    await service.play(20, chunk >= 15 && chunk < 30 ? 0.8 : 0, 'pay');
    await service.play(2);
  }
  const anomalies = await service.anomalies();
  expect(anomalies.length).toBeGreaterThan(0);
  for (const one of anomalies) expect(one).toMatchObject({ state: 'cleared', suppressed: { by: 'past' } });
  expect(await service.incidents()).toEqual([]);
  await service.close();
});

test('a log that is analysed anew hours later makes news of nothing that was past, and no past of what was news', async () => {
  const service = await openService();
  await service.play(200);
  await service.play(40, 0.8);
  await service.play(100);
  service.away(6 * 3600);
  await service.play(40, 0.8);
  await service.play(60);
  const before = service.decisions();
  const held = before.flatMap(({ type, value }) => (type === 'anomaly' ? [value.suppressed?.by] : []));
  expect(held).toEqual([undefined, 'past']);
  service.away(6 * 3600);
  await service.replay();
  expect(service.decisions()).toEqual(before);
  await service.close();
});
