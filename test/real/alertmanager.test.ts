import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Incident } from '../../model/index.ts';
import {
  eventually,
  type KybernProcess,
  removeTemporaryDirectories,
  startKybern,
  temporaryDirectory,
} from '../support/kybern-process.ts';
import { readOwnMetrics } from '../support/read-kybern.ts';
import { sendSpans } from '../support/send-spans.ts';
import { stand, standHas } from '../support/stand.ts';

const port = 21_200;
const alertmanagerPort = 21_210;
const environment = {
  STAND_RUN: temporaryDirectory('kybern-stand-'),
  STAND_ALERTMANAGER_PORT: String(alertmanagerPort),
};
const labels = { alertname: 'HighErrorRate', namespace: 'shop', service: 'cart', severity: 'critical' };

describe.runIf(standHas('alertmanager'))('a real Alertmanager, and a failing service', () => {
  let kybern: KybernProcess;
  let traffic: ReturnType<typeof sendSpans>;

  const incidents = async () => (await kybern.get<{ items: Incident[] }>('/api/v1/incidents')).items;
  const evidence = async () =>
    (await incidents()).flatMap(({ diagnosis }) => diagnosis.causes).flatMap((cause) => cause.evidence);

  async function raise(times: { startsAt?: string; endsAt?: string }, summary = 'half of the requests fail') {
    const answer = await fetch(`http://127.0.0.1:${alertmanagerPort}/api/v2/alerts`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify([{ labels, annotations: { summary }, ...times }]),
    });
    expect(answer.status).toBe(200);
  }

  beforeAll(async () => {
    kybern = await startKybern({
      dataDir: temporaryDirectory(),
      port,
      otlpPort: port + 1,
      config: { mode: 'observe', slos: [{ service: 'cart', namespace: 'shop', errorRatio: 0.05 }] },
    });
    await stand('alertmanager', ['start', '--webhook', `${kybern.url}/api/v1/alerts/webhook`], environment);
    traffic = sendSpans(kybern.otlpUrl, { service: 'cart', namespace: 'shop', perSecond: 20 });
  });

  afterAll(async () => {
    await traffic?.stop();
    await stand('alertmanager', ['stop'], environment);
    expect(await kybern?.stop()).toBe(0);
    removeTemporaryDirectories();
  });

  test('an alert while all is well opens nothing', async () => {
    await raise({ startsAt: new Date().toISOString() });
    await eventually(
      async () => (await readOwnMetrics(kybern))('kybern_ingest_items_accepted_total', { signal: 'alerts' }) >= 1,
      { withinMs: 60_000, what: () => 'the alert to arrive' },
    );
    await new Promise((resolve) => setTimeout(resolve, 15_000));
    expect(await incidents()).toEqual([]);
  });

  test('once the service fails, the alert is evidence on its incident, and so is what was deployed before', async () => {
    const answer = await fetch(`${kybern.url}/api/v1/cloudevents`, {
      method: 'POST',
      headers: {
        'ce-specversion': '1.0',
        'ce-id': 'deploy-1',
        'ce-source': 'https://ci.example/shop',
        'ce-type': 'dev.cdevents.service.upgraded.0.2.0',
        'ce-time': new Date().toISOString(),
        'content-type': 'application/json',
      },
      body: JSON.stringify({ subject: { id: 'cart', content: { environment: { id: 'shop' } } } }),
    });
    expect(answer.status).toBe(204);
    traffic.fail(0.5);
    const texts = await eventually(
      async () => {
        const found = (await evidence()).map(({ text }) => text);
        return found.some((text) => text.startsWith('Alertmanager:')) && found;
      },
      { withinMs: 90_000, what: () => `the alert as evidence:\n${kybern.output().slice(-3000)}` },
    );
    expect(texts.find((text) => text.startsWith('Alertmanager:'))).toMatch(
      /^Alertmanager: HighErrorRate \(critical\) firing on service shop\/cart since \S+Z: half of the requests fail$/,
    );
    expect(texts.join('\n')).toContain('dev.cdevents.service.upgraded.0.2.0');
  }, 120_000);

  test('when Alertmanager says that it is over, so does the evidence', async () => {
    await raise({ endsAt: new Date().toISOString() });
    const text = await eventually(
      async () => (await evidence()).map((one) => one.text).find((one) => /^Alertmanager: .* fired on /.test(one)),
      { withinMs: 60_000, what: () => 'the end of the alert as evidence' },
    );
    expect(text).toMatch(/ from \S+Z to \S+Z/);
  }, 90_000);

  test('Alertmanager got nothing but good answers', async () => {
    const metrics = await (await fetch(`http://127.0.0.1:${alertmanagerPort}/metrics`)).text();
    const failed = [...metrics.matchAll(/^alertmanager_notifications_failed_total\{.*webhook.*\} (\d+)$/gm)];
    expect(failed.reduce((sum, [, count]) => sum + Number(count), 0)).toBe(0);
    const total = await readOwnMetrics(kybern);
    expect(total('kybern_ingest_items_rejected_total', { protocol: 'alertmanager' })).toBe(0);
    expect(total('kybern_ingest_items_received_total', { protocol: 'alertmanager' })).toBeGreaterThanOrEqual(2);
  });
});
