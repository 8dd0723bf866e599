import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TelemetryFrame } from '../telemetry-frame.ts';
import { isNezha, openNezha } from './nezha.ts';
import { nanosToMs, parseLogs, parseSpans, serviceOfPod } from './nezha-rows.ts';

const gateway = 'ts-gateway-service-6f6cfc45b-h5m2n';
const auth = 'ts-auth-service-7f8d7d756d-k7b9j';
const trace = 'b0103bb0161ad7fa352fe1828eeb643a';
const spanRow = (id: string, parent: string, pod: string, name: string, start: string, end: string) =>
  `${trace},${id},${parent},${pod},${name},${start},${end},0`;
const traceText = [
  'TraceID,SpanID,ParentID,PodName,OperationName,StartTimeUnixNano,EndTimeUnixNano,Duration',
  spanRow('520b067330e3ede5', 'root', gateway, '/*', '1674981768697000000', '1674981769015316530'),
  spanRow('5e89765a7f60ff70', '520b067330e3ede5', gateway, 'HTTP POST', '1674981768699127513', '1674981769015277277'),
  spanRow('7e28bdb6a47af144', '5e89765a7f60ff70', auth, 'find(a, b)', '1674981768701000000', '1674981769012521162'),
].join('\n');
const logText = [
  'Timestamp,TimeUnixNano,Node,PodName,Container,TraceID,SpanID,Log',
  `2023-01-29T08:42:49.0Z,1674981769383150913,33.33.33.116,${auth},server,${trace},7e28bdb6a47af144,"{""log"":""16:42:49 ERROR t.Auth Failed, again\\n"",""stream"":""stdout""}"`,
].join('\n');
const metricText = [
  'Time,TimeStamp,PodName,CpuUsage(m),MemoryUsage(Mi),PodServerLatencyP95(s),PodSuccessRate(%)',
  `2023-01-29 08:41:09.043078357 +0000 UTC m=+0.11,1874981669,${auth},250,2,0,0`,
  `2023-01-29 08:43:09.043078357 +0000 UTC m=+0.11,1874981789,${auth},500,NaN,0.2,0`,
].join('\n');

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kybern-nezha-'));
  const day = join(folder, 'rca_data', '2023-01-29');
  for (const kind of ['log', 'trace', 'metric']) await mkdir(join(day, kind), { recursive: true });
  await writeFile(join(day, 'log', '08_43_log.csv.gz'), gzipSync(logText));
  await writeFile(join(day, 'trace', '08_43_trace.csv.gz'), gzipSync(traceText));
  await writeFile(join(day, 'metric', `${auth}_metric.csv`), metricText);
  const fault = { inject_time: '2023-01-29 08:42:30', inject_timestamp: '1', inject_pod: auth, inject_type: 'return' };
  await writeFile(join(day, '2023-01-29-fault_list.json'), JSON.stringify({ '08': [fault] }));
});
afterAll(() => rm(folder, { recursive: true }));

async function frames(): Promise<TelemetryFrame[]> {
  const all: TelemetryFrame[] = [];
  for await (const frame of (await openNezha(folder)).frames()) all.push(frame);
  return all;
}

describe('openNezha', () => {
  it('is recognised by its days', async () => {
    expect(await isNezha(folder)).toBe(true);
    expect(await isNezha(join(folder, 'rca_data', '2023-01-29'))).toBe(true);
    expect(await isNezha(join(folder, 'rca_data', '2023-01-29', 'log'))).toBe(false);
    await expect(openNezha(join(folder, 'nothing'))).rejects.toMatchObject({ code: 'KYBERN_DATASET' });
  });

  it('takes the injection time in UTC and the pod as its service', async () => {
    const injectedMs = Date.UTC(2023, 0, 29, 8, 42, 30);
    expect((await openNezha(folder)).labels).toEqual([
      { startMs: injectedMs - 60_000, endMs: injectedMs + 180_000, service: 'ts-auth-service', cause: 'return' },
    ]);
  });

  it('merges metrics, logs and spans in frames that hold only what is past', async () => {
    const all = await frames();
    expect(all.map((frame) => [frame.metrics.length, frame.logs.length, frame.spans.length])).toEqual([
      [2, 0, 0],
      [0, 1, 3],
      [2, 0, 0],
    ]);
    for (const frame of all) {
      for (const point of frame.metrics) expect(point.timeMs).toBeLessThanOrEqual(frame.atMs);
      for (const span of frame.spans) expect(span.startMs + span.durationMs).toBeLessThanOrEqual(frame.atMs);
      for (const log of frame.logs) expect(log.timeMs).toBeLessThanOrEqual(frame.atMs);
    }
  });

  it('converts units and leaves out what was not measured', async () => {
    const points = (await frames()).flatMap((frame) => frame.metrics);
    expect(points.map((point) => [point.name, point.unit, point.value])).toEqual([
      ['k8s.pod.cpu.usage', '{cpu}', 0.25],
      ['k8s.pod.memory.working_set', 'By', 2_097_152],
      ['k8s.pod.cpu.usage', '{cpu}', 0.5],
      ['http.server.latency.p95', 's', 0.2],
    ]);
    expect(points[0].timeMs).toBe(Date.UTC(2023, 0, 29, 8, 41, 9, 43));
    expect(points[0].resource).toEqual({
      'service.name': 'ts-auth-service',
      'k8s.namespace.name': 'ts',
      'k8s.deployment.name': 'ts-auth-service',
      'k8s.pod.name': auth,
      'k8s.node.name': '33.33.33.116',
    });
  });
});

describe('rows', () => {
  const resourceOf = (pod: string) => ({ 'service.name': serviceOfPod(pod) });

  it('tell a span kind by where parent and children are', () => {
    const spans = parseSpans(traceText, resourceOf);
    expect(spans.map((span) => [span.name, span.kind, span.parentId])).toEqual([
      ['/*', 2, undefined],
      ['HTTP POST', 3, '520b067330e3ede5'],
      ['find(a, b)', 2, '5e89765a7f60ff70'],
    ]);
    expect(spans[0].durationMs).toBeCloseTo(318.31653, 3);
  });

  it('unpack what the program wrote, with its severity and trace', () => {
    expect(parseLogs(logText, resourceOf)).toMatchObject([
      { severity: 17, body: '16:42:49 ERROR t.Auth Failed, again', traceId: trace, spanId: '7e28bdb6a47af144' },
    ]);
  });

  it('fall back on the written time where the nanoseconds are the zero of the recorder', () => {
    const odd = logText.replace('1674981769383150913', '-6795364578871345152');
    expect(parseLogs(odd, resourceOf)[0].timeMs).toBe(Date.UTC(2023, 0, 29, 8, 42, 49));
    expect(parseLogs(odd.replace('2023-01-29T08:42:49.0Z', 'x'), resourceOf)).toEqual([]);
  });

  it('keep nanoseconds to the microsecond', () => {
    expect(nanosToMs('1674981768697127513')).toBeCloseTo(1_674_981_768_697.127, 3);
  });
});

const real = join(process.env.KYBERN_DATASETS ?? '../shared/datasets', 'rca/nezha');
describe.skipIf(!existsSync(real))('the real Nezha', () => {
  it('is the Train Ticket day, with all three signals in its first fault', async () => {
    const recording = await openNezha(real);
    expect(recording.name).toBe('nezha/2023-01-29');
    expect(recording.labels).toHaveLength(28);
    const seen = { metrics: 0, logs: 0, spans: 0 };
    for await (const frame of recording.frames()) {
      if (frame.atMs > recording.labels[0].endMs) break;
      seen.metrics += frame.metrics.length;
      seen.logs += frame.logs.length;
      seen.spans += frame.spans.length;
    }
    expect(seen.logs).toBeGreaterThan(5000);
    expect(seen.spans).toBeGreaterThan(10_000);
    expect(seen.metrics).toBeGreaterThan(1000);
  });
});
