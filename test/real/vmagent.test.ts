import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type KybernProcess,
  removeTemporaryDirectories,
  startKybern,
  temporaryDirectory,
} from '../support/kybern-process.ts';
import { pointsOf, readOwnMetrics } from '../support/read-kybern.ts';
import { standHas } from '../support/stand.ts';
import { startVmagent } from '../support/vmagent.ts';

const port = 21_086;
const labels = { protocol: 'remote-write' };

describe.runIf(standHas('victoriametrics'))('a real vmagent', () => {
  let kybern: KybernProcess;
  let agent: ChildProcess;

  beforeAll(async () => {
    kybern = await startKybern({
      dataDir: temporaryDirectory(),
      port,
      otlpPort: port + 100,
      config: { mode: 'observe' },
    });
    const remoteWrite = `${kybern.url}/api/v1/write`;
    agent = await startVmagent({ remoteWrite, scrape: [`127.0.0.1:${port}`], port: 21_097 });
  });

  afterAll(async () => {
    if (agent?.exitCode === null) {
      agent.kill();
      await once(agent, 'exit');
    }
    expect(await kybern?.stop()).toBe(0);
  });

  test('falls back from its own protocol to snappy, and its series arrive', async () => {
    const values = await pointsOf(kybern, 'kybern_ingest_requests_total', 3);
    expect(values).toEqual(values.toSorted((a, b) => a - b));
    const total = await readOwnMetrics(kybern);
    expect(total('kybern_ingest_requests_total', { ...labels, status: '204' })).toBeGreaterThan(2);
  });

  test('is refused its own encoding once, and nothing else', async () => {
    const total = await readOwnMetrics(kybern);
    const all = total('kybern_ingest_requests_total', labels);
    const refused = total('kybern_ingest_requests_total', { ...labels, status: '415' });
    expect(refused).toBeGreaterThan(0);
    expect(total('kybern_ingest_requests_total', { ...labels, status: '204' }) + refused).toBe(all);
    const received = total('kybern_ingest_items_received_total', labels);
    const kept = total('kybern_ingest_items_accepted_total', labels);
    expect(kept + total('kybern_ingest_items_dropped_total', labels)).toBe(received);
  });
});

afterAll(removeTemporaryDirectories);
