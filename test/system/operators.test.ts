import { afterAll, describe, expect, test } from 'vitest';
import { createSimulatedClock, type Engine, KybernConfig, withDefaults } from '../../engine/index.ts';
import type { Anomaly, Feedback } from '../../model/index.ts';
import { openEngine } from '../support/engine-in-process.ts';
import { removeTemporaryDirectories, temporaryDirectory } from '../support/kybern-process.ts';

afterAll(removeTemporaryDirectories);

const startMs = Date.UTC(2026, 0, 5, 12);
const stepMs = 10_000;
const perExport = 5;
const json = { 'content-type': 'application/json', host: 'localhost' };

interface Shop {
  readonly engine: Engine;
  /** Sends so many samples of each service's queue; `value` says what it is. */
  play(samples: number, value: (service: string, at: number) => number): Promise<void>;
  anomalies(): Promise<readonly Anomaly[]>;
  ask<T>(method: 'GET' | 'POST' | 'DELETE', path: string, body?: object): Promise<T>;
  restart(): Promise<void>;
  close(): Promise<void>;
  readonly nowMs: number;
}

/** A real engine on simulated time, watching one gauge of each service. */
async function openShop(
  services: readonly string[],
  detectors: object = {},
  store: 'files' | 'memory' = 'memory',
): Promise<Shop> {
  const clock = createSimulatedClock(startMs);
  const config = withDefaults(KybernConfig, {
    dataDir: temporaryDirectory('kybern-operators-'),
    store: { kind: store },
    analysis: { latenessSeconds: 0 },
    detectors: { thread: 'none', ...detectors },
  }) as KybernConfig;
  const open = () => openEngine(config, { clock });
  let engine = await open();
  let sent = 0;

  async function push(samples: number, value: (service: string, at: number) => number): Promise<void> {
    const fromMs = clock.now();
    clock.advanceTo(fromMs + samples * stepMs);
    const pointsOf = (service: string) =>
      Array.from({ length: samples }, (_, at) => ({
        timeUnixNano: `${fromMs + (at + 1) * stepMs}000000`,
        asDouble: value(service, sent + at),
      }));
    const resourceMetrics = services.map((service) => ({
      resource: {
        attributes: [
          { key: 'k8s.namespace.name', value: { stringValue: 'shop' } },
          { key: 'service.name', value: { stringValue: service } },
        ],
      },
      scopeMetrics: [
        {
          metrics: [
            {
              name: 'work.level',
              gauge: { dataPoints: pointsOf(service) },
            },
          ],
        },
      ],
    }));
    sent += samples;
    const answer = await engine.receivers.inject({
      method: 'POST',
      url: '/v1/metrics',
      headers: json,
      payload: { resourceMetrics },
    });
    expect(answer.statusCode).toBe(200);
  }

  return {
    get engine() {
      return engine;
    },
    get nowMs() {
      return clock.now();
    },
    async play(samples, value) {
      for (let at = 0; at < samples; at += perExport) await push(Math.min(perExport, samples - at), value);
      await engine.settle();
    },
    anomalies: async () => (await engine.store.anomalies({ limit: 1000 })).items,
    async ask<T>(method: 'GET' | 'POST' | 'DELETE', path: string, body?: object) {
      const answer = await engine.api.inject({
        method,
        url: `/api/v1${path}`,
        headers: method === 'GET' ? { host: 'localhost' } : json,
        ...(body === undefined ? {} : { payload: body }),
      });
      expect(answer.statusCode, answer.body).toBe(200);
      return answer.json() as T;
    },
    async restart() {
      await engine.analysis.checkpoint();
      await engine.close();
      engine = await open();
    },
    close: () => engine.close(),
  };
}

const usual = (_service: string, at: number) => 50 + 4 * Math.sin(at * 1.7) + 3 * Math.cos(at * 0.61);
/** A rise of ten samples, then normal again. */
const burst = (service: string, height: number) => (name: string, at: number) =>
  usual(name, at) + (name === service ? height : 0);

describe('an operator', () => {
  test('silences a repeat by saying it is no anomaly, across a restart, and gets it back by undoing', async () => {
    const shop = await openShop(['cart', 'pay'], {}, 'files');
    await shop.play(200, usual);
    await shop.play(10, burst('cart', 80));
    await shop.play(100, usual);
    const [first] = await shop.anomalies();
    expect(first).toMatchObject({ state: 'cleared', entity: { name: 'cart' } });
    expect(first).not.toHaveProperty('suppressed');

    const feedback = await shop.ask<Feedback>('POST', `/anomalies/${first!.id}/feedback`, {
      verdict: 'not_an_anomaly',
      note: 'the nightly import',
      by: 'ada',
    });
    expect(feedback).toMatchObject({ state: 'active', by: 'ada', limit: first!.score * 2 });
    await shop.play(1, usual);
    await shop.restart();
    await shop.play(10, burst('cart', 80));
    await shop.play(100, usual);
    const [second] = await shop.anomalies();
    expect(second).toMatchObject({ entity: { name: 'cart' }, suppressed: { by: 'feedback', id: feedback.id } });
    const listed = await shop.ask<{ items: Feedback[] }>('GET', '/feedback?state=active');
    expect(listed.items).toEqual([feedback]);

    expect(await shop.ask('DELETE', `/feedback/${feedback.id}`, { by: 'bob' })).toMatchObject({
      state: 'undone',
      undoneBy: 'bob',
    });
    await shop.play(1, usual);
    await shop.play(10, burst('cart', 120));
    // While it fires it is held back at once, and told anew when that is undone.
    const [firing] = await shop.anomalies();
    const { id } = await shop.ask<Feedback>('POST', `/anomalies/${firing!.id}/feedback`, { verdict: 'not_an_anomaly' });
    await shop.play(2, burst('cart', 120));
    expect((await shop.anomalies())[0]).toMatchObject({ id: firing!.id, suppressed: { id } });
    await shop.ask('DELETE', `/feedback/${id}`, {});
    await shop.play(2, burst('cart', 120));
    const [third] = await shop.anomalies();
    expect(third).toHaveProperty('toldAt');
    expect(third).toMatchObject({ entity: { name: 'cart' }, state: 'firing' });
    expect(third!.id).not.toBe(second!.id);
    expect(third).not.toHaveProperty('suppressed');
    await shop.close();
  });

  test('is not told of what fires in a maintenance window, but of what is still wrong after it', async () => {
    const shop = await openShop(['cart', 'pay']);
    await shop.play(200, usual);
    const window = await shop.ask<{ id: string }>('POST', '/maintenance', {
      reason: 'a new disk',
      match: { entities: ['service|shop|cart'] },
      from: new Date(shop.nowMs).toISOString(),
      to: new Date(shop.nowMs + 120_000).toISOString(),
      by: 'ada',
    });
    await shop.play(10, (name, at) => usual(name, at) + 90);
    const during = await shop.anomalies();
    expect(during.find(({ entity }) => entity.name === 'cart')?.suppressed).toMatchObject({
      by: 'maintenance',
      id: window.id,
    });
    const paid = during.find(({ entity }) => entity.name === 'pay');
    expect(paid).not.toHaveProperty('suppressed');
    expect(await shop.ask('GET', '/maintenance')).toMatchObject({ items: [{ id: window.id, open: true }] });
    await shop.play(4, (name, at) => usual(name, at) + 90);
    const after = await shop.anomalies();
    expect(after.find(({ entity }) => entity.name === 'cart')).not.toHaveProperty('suppressed');
    await shop.close();
  });

  test('reports what was missed, hears whether it would be found now, and it is', async () => {
    const shop = await openShop(['cart']);
    await shop.play(300, usual);
    const fromMs = shop.nowMs;
    await shop.play(10, burst('cart', 17));
    await shop.play(60, usual);
    expect(await shop.anomalies()).toEqual([]);
    const feedback = await shop.ask<Feedback>('POST', '/feedback/missed', {
      entity: 'service|shop|cart',
      from: new Date(fromMs).toISOString(),
      to: new Date(fromMs + 10 * stepMs).toISOString(),
    });
    expect(feedback).toMatchObject({ verdict: 'missed', found: true, metric: 'work.level', direction: 'up' });
    await shop.play(10, burst('cart', 17));
    expect(await shop.anomalies()).toMatchObject([{ entity: { name: 'cart' }, metric: 'work.level' }]);
    await shop.close();
  });

  test('with an alert budget hears of a part of a storm, and finds the rest', async () => {
    const services = Array.from({ length: 40 }, (_, at) => `s${at}`);
    const teams = [{ name: 'shop', match: { namespaces: ['shop'] }, alertsPerWeek: 28 }];
    const shop = await openShop(services, { policy: { teams } });
    await shop.play(120, usual);
    // One after the other, all alike.
    await shop.play(50, (name, at) => usual(name, at) + (at - 120 >= services.indexOf(name) ? 60 : 0));
    const anomalies = await shop.anomalies();
    const told = anomalies.filter(({ suppressed }) => suppressed === undefined);
    expect(anomalies.length).toBeGreaterThanOrEqual(35);
    expect(told.length).toBeGreaterThanOrEqual(4);
    expect(told.length).toBeLessThanOrEqual(12);
    const held = anomalies.find(({ suppressed }) => suppressed !== undefined);
    expect(held).toMatchObject({ team: 'shop', suppressed: { by: 'budget', id: 'shop' } });
    const { items } = await shop.ask<{ items: { limit: number }[] }>('GET', '/alert-budgets');
    expect(items[0]!.limit).toBeGreaterThan(1);
    await shop.close();
  });
});
