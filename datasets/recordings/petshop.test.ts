import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TelemetryFrame } from '../telemetry-frame.ts';
import { isPetshop, openPetshop } from './petshop.ts';

const issueMs = Date.UTC(2023, 3, 18, 12);
const healthyMs = Date.UTC(2023, 7, 21, 9);

const table = (startMs: number, rows: readonly (readonly (number | '')[])[]) =>
  [
    'microservice,door,door,store,store',
    'metric,latency,availability,latency,requests',
    'statistic,p90,Average,Average,Sum',
    'unix_timestamp,,,,',
    ...rows.map((cells, index) => [(startMs / 1000 + index * 300).toFixed(1), ...cells].join(',')),
  ].join('\n');

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kybern-petshop-'));
  await mkdir(join(folder, 'low', 'train', 'issue_0'), { recursive: true });
  await mkdir(join(folder, 'low', 'noissue'));
  await writeFile(join(folder, 'low', 'graph.csv'), ',door,store\ndoor,0,1\nstore,0,0\n');
  const issue = join(folder, 'low', 'train', 'issue_0');
  await writeFile(
    join(issue, 'metrics.csv'),
    table(issueMs, [
      ['', '', '', ''],
      [0.5, 98, '', 12],
      [0.9, 97, 0.4, 14],
    ]),
  );
  const target = { node: 'door', metric: 'latency', agg: 'Average', timestamp: issueMs / 1000 + 400 };
  await writeFile(join(issue, 'target.json'), JSON.stringify({ target, root_cause: { node: 'store', metric: null } }));
  await writeFile(
    join(folder, 'low', 'noissue', 'metrics.csv'),
    table(healthyMs, [
      [0.1, 100, 0.01, 10],
      [0.1, 100, 0.02, 11],
    ]),
  );
});
afterAll(() => rm(folder, { recursive: true }));

async function collect(frames: AsyncIterable<TelemetryFrame>): Promise<TelemetryFrame[]> {
  const all: TelemetryFrame[] = [];
  for await (const frame of frames) all.push(frame);
  return all;
}

describe('openPetshop', () => {
  it('is recognised by its layout, as a whole and as one scenario', async () => {
    expect(await isPetshop(folder)).toBe(true);
    expect(await isPetshop(join(folder, 'low'))).toBe(true);
    expect(await isPetshop(join(folder, 'low', 'train'))).toBe(false);
    await expect(openPetshop(tmpdir())).rejects.toMatchObject({ code: 'KYBERN_DATASET' });
  });

  it('puts the metrics without an issue before the issue, at the same time of day', async () => {
    const frames = await collect((await openPetshop(folder)).frames());
    const healthyAgain = Date.UTC(2023, 3, 18, 9);
    expect(frames.map((frame) => frame.atMs)).toEqual([
      healthyAgain,
      healthyAgain + 300_000,
      issueMs + 300_000,
      issueMs + 600_000,
    ]);
  });

  it('takes nodes as services, statistics as names, and leaves empty cells out', async () => {
    const frames = await collect((await openPetshop(join(folder, 'low'))).frames());
    const gauges = frames[2].metrics.filter((point) => point.kind === 'gauge');
    expect(gauges.map((point) => [point.resource['service.name'], point.name, point.unit, point.value])).toEqual([
      ['door', 'service.latency.p90', 's', 0.5],
      ['door', 'service.availability', '%', 98],
      ['store', 'service.requests', '{request}', 12],
    ]);
  });

  it('tells the call graph as a counter that never falls', async () => {
    const frames = await collect((await openPetshop(folder)).frames());
    const calls = frames.flatMap((frame) => frame.metrics.filter((point) => point.kind === 'counter'));
    expect(calls.map((point) => point.value)).toEqual([10, 21, 33, 47]);
    expect(calls[0]).toMatchObject({
      name: 'traces_service_graph_request_total',
      attributes: { client: 'door', server: 'store' },
    });
  });

  it('labels the service at fault', async () => {
    expect((await openPetshop(folder)).labels).toEqual([
      { startMs: issueMs + 400_000, endMs: issueMs + 600_000, service: 'store', cause: 'latency of door' },
    ]);
  });
});

const real = join(process.env.KYBERN_DATASETS ?? '../shared/datasets', 'rca/petshop');
describe.skipIf(!existsSync(real))('the real PetShop', () => {
  it('has every scenario in time order', async () => {
    const recording = await openPetshop(real);
    expect(recording.labels).toHaveLength(20);
    let last = 0;
    let availability = 0;
    for await (const frame of recording.frames()) {
      expect(frame.atMs).toBeGreaterThan(last);
      last = frame.atMs;
      for (const point of frame.metrics)
        if (point.name === 'service.availability') availability = Math.max(availability, point.value);
    }
    expect(last).toBe(recording.endMs);
    expect(availability).toBe(100);
  });
});
