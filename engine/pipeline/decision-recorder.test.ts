import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openSegmentLog } from '../../ingest/log/index.ts';
import { type Anomaly, type Decision, type Log, noMetrics } from '../../model/index.ts';
import { openDecisionRecorder, readDecisions } from './decision-recorder.ts';

const anomaly = (id: string, more: Partial<Anomaly> = {}): Decision => ({
  type: 'anomaly',
  value: {
    ...{ id, revision: 1, state: 'firing', entity: { kind: 'service', namespace: 'shop', name: 'cart' }, series: 's' },
    ...{ metric: 'm', signal: 'latency', detector: 'lstm', onset: '2026-01-01T00:00:00.000Z', unit: 's', reason: '' },
    ...{ detectedAt: '2026-01-01T00:00:05.000Z', observed: 9, expected: 1, lower: 0, upper: 2, score: 20, severity: 1 },
    ...more,
  },
});
const cleared = anomaly('a', { state: 'cleared', clearedAt: '2026-01-01T00:01:00.000Z' });

let directory: string;
let log: Log;
const openLog = () => openSegmentLog({ directory, segmentBytes: 1 << 20, retentionBytes: 1 << 30, metrics: noMetrics });

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'kybern-recorder-'));
  log = await openLog();
});
afterEach(async () => {
  await log.close();
  rmSync(directory, { recursive: true });
});

const open = () => openDecisionRecorder(log.topic('decisions'), noMetrics);
async function kept(): Promise<string[]> {
  const all: string[] = [];
  for await (const { type, value } of readDecisions(log.topic('decisions'), 0)) {
    all.push(`${type} ${value.id} ${'revision' in value ? value.revision : value.sequence}`);
  }
  return all;
}

describe('the decision recorder', () => {
  test('numbers what is new about an id, and tells listeners only what is durable', async () => {
    const recorder = await open();
    const heard: string[] = [];
    recorder.subscribe(({ value }) => heard.push(`${value.id} after ${log.topic('decisions').nextOffset} records`));
    await recorder.record([anomaly('a'), anomaly('b')]);
    await recorder.record([cleared]);
    expect(await kept()).toEqual(['anomaly a 1', 'anomaly b 1', 'anomaly a 2']);
    expect(heard).toEqual(['a after 1 records', 'b after 1 records', 'a after 2 records']);
  });

  test('leaves out what a replay makes again, whatever number the replay gives it', async () => {
    await (await open()).record([anomaly('a'), cleared]);
    await log.close();
    log = await openLog();
    const again = await open();
    expect(await again.record([anomaly('a', { revision: 7 }), cleared])).toEqual([]);
    expect(await kept()).toHaveLength(2);
  });

  test('keeps a later change of a replay that counts differently', async () => {
    await (await open()).record([anomaly('a'), anomaly('a', { score: 30 })]);
    const again = await open();
    // The replay did not see what led to the second revision; its own second one is news all the same.
    const fresh = await again.record([{ ...cleared, value: { ...cleared.value, revision: 2 } } as Decision]);
    expect(fresh.map(({ value }) => ('revision' in value ? value.revision : 0))).toEqual([3]);
  });

  test('tells nobody and remembers nothing of what could not be made durable', async () => {
    const recorder = await open();
    const heard: unknown[] = [];
    recorder.subscribe((decision) => heard.push(decision));
    await log.close();
    await expect(recorder.record([anomaly('a')])).rejects.toThrow();
    expect(heard).toEqual([]);
    log = await openLog();
    expect(await (await open()).record([anomaly('a')])).toHaveLength(1);
  });
});
