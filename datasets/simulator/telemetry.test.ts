import { expect, test } from 'vitest';
import { entityOfLabels, signalKindOf } from '../../model/index.ts';
import type { MetricPoint, SpanPoint, TelemetryFrame } from '../telemetry-frame.ts';
import { createShopWorld, type FaultPlan, faultKinds, shopServices } from './index.ts';

const startMs = 1_700_000_000_000;

function record(seed: number, seconds: number, live = true): TelemetryFrame[] {
  const world = createShopWorld({ seed, startMs });
  if (live) world.goLive();
  const frames: TelemetryFrame[] = [];
  for (let at = 2; at <= seconds; at += 2) {
    world.step(startMs + at * 1000);
    frames.push(world.frame());
  }
  return frames;
}

const identity = ({ name, resource, attributes }: MetricPoint) => JSON.stringify([name, resource, attributes]);

test('a healthy shop is some three hundred series, each told once a frame', () => {
  const [{ metrics }] = record(1, 2, false);
  expect(metrics.length).toBeGreaterThan(250);
  expect(metrics.length).toBeLessThan(350);
  expect(new Set(metrics.map(identity)).size).toBe(metrics.length);
});

test('every series is about a pod, a workload or a node, and says what sort of signal it is', () => {
  const [{ metrics }] = record(1, 2, false);
  const kinds = new Set(
    metrics.map(({ name, resource }) => entityOfLabels(name, Object.entries(resource).sort()).kind),
  );
  expect([...kinds].sort()).toEqual(['node', 'pod', 'workload']);
  const signals = Object.fromEntries(metrics.map(({ name }) => [name, signalKindOf(name)]));
  expect(signals).toMatchObject({
    'k8s.pod.cpu.usage': 'cpu',
    'k8s.pod.cpu.throttled_ratio': 'cpu-throttling',
    'k8s.pod.memory.working_set': 'memory',
    'k8s.container.memory_limit': 'memory-limit',
    'k8s.container.cpu_request': 'cpu-request',
    'k8s.container.restarts': 'restarts',
    'k8s.container.ready': 'readiness',
    'k8s.deployment.available': 'readiness',
    'http.server.requests': 'traffic',
    'http.server.errors': 'errors',
    'http.server.request.duration': 'latency',
    'jvm.gc.time': 'garbage-collection',
    'messaging.queue.depth': 'queue',
  });
});

test('counters only grow while their container lives', () => {
  const last = new Map<string, MetricPoint>();
  for (const { metrics } of record(2, 200)) {
    for (const point of metrics) {
      if (point.kind !== 'counter') continue;
      const before = last.get(identity(point));
      if (before?.startMs === point.startMs) expect(point.value).toBeGreaterThanOrEqual(before?.value ?? 0);
      last.set(identity(point), point);
    }
  }
  expect(last.size).toBeGreaterThan(50);
});

test('all values are finite, and nothing is stamped outside its frame', () => {
  for (const frame of record(3, 150)) {
    for (const { value, timeMs } of frame.metrics) {
      if (!Number.isFinite(value) || timeMs !== frame.atMs) expect.unreachable(`value ${value} at ${timeMs}`);
    }
    expect(Math.max(...frame.logs.map(({ timeMs }) => timeMs))).toBeLessThanOrEqual(frame.atMs);
    expect(Math.max(...frame.spans.map((span) => span.startMs + span.durationMs))).toBeLessThanOrEqual(frame.atMs);
    expect(Math.min(...frame.spans.map(({ durationMs }) => durationMs))).toBeGreaterThan(0);
  }
});

test('a trace is whole: one root at the frontend, every parent within it, and every service speaks', () => {
  const frames = record(4, 60, false);
  const traces = new Map<string, SpanPoint[]>();
  for (const { spans } of frames) {
    for (const span of spans) traces.set(span.traceId, [...(traces.get(span.traceId) ?? []), span]);
  }
  expect(traces.size / 60).toBeGreaterThan(22);
  for (const spans of traces.values()) {
    const ids = new Set(spans.map(({ spanId }) => spanId));
    expect(ids.size).toBe(spans.length);
    const roots = spans.filter(({ parentId }) => parentId === undefined);
    expect(roots.map(({ resource }) => resource['service.name'])).toEqual(['frontend']);
    for (const { parentId } of spans) if (parentId !== undefined) expect(ids).toContain(parentId);
  }
  const all = frames.flatMap(({ spans }) => spans);
  const speakers = new Set(all.filter(({ kind }) => kind === 2).map(({ resource }) => resource['service.name']));
  const services = shopServices.filter(({ role }) => role === 'service').map(({ name }) => name);
  expect([...speakers].sort()).toEqual([...services].sort());
  const peers = new Set(all.flatMap(({ attributes }) => attributes['peer.service'] ?? []));
  expect([...peers].sort()).toEqual(['postgres', 'rabbitmq', 'redis']);
});

test('what the services count and what their traces show agree', () => {
  const frames = record(5, 120, false);
  const [first, last] = [frames[0], frames[frames.length - 1]];
  const counted = ({ metrics }: TelemetryFrame) =>
    metrics
      .filter(({ name, resource }) => name === 'http.server.requests' && resource['service.name'] === 'catalogue')
      .reduce((sum, { value }) => sum + value, 0);
  const rate = (counted(last) - counted(first)) / 118;
  const spans = frames
    .flatMap((frame) => frame.spans)
    .filter(({ kind, resource }) => kind === 2 && resource['service.name'] === 'catalogue');
  expect(spans.length / 120 / 0.1 / rate).toBeCloseTo(1, 0);
  const traced = spans.reduce((sum, { durationMs }) => sum + durationMs, 0) / spans.length;
  const told = frames
    .flatMap(({ metrics }) => metrics)
    .filter((point) => point.name === 'http.server.request.duration' && point.resource['service.name'] === 'catalogue');
  const mean = (1000 * told.reduce((sum, { value }) => sum + value, 0)) / told.length;
  expect(traced / mean).toBeGreaterThan(0.9);
  expect(traced / mean).toBeLessThan(1.1);
});

test('logs are mostly chatter; failures come with what they met; only a node tells of a killed process', () => {
  const lines = record(6, 180).flatMap(({ logs }) => logs);
  const share = (severity: number) => lines.filter((line) => line.severity === severity).length / lines.length;
  expect(share(9)).toBeGreaterThan(0.5);
  expect(lines.some(({ body }) => /connection refused/.test(body))).toBe(true);
  const kills = lines.filter(({ body }) => /Killed process/.test(body));
  expect(kills.length).toBeGreaterThan(0);
  for (const { resource } of kills) expect(resource).not.toHaveProperty(['k8s.pod.name']);
});

test('nothing in the telemetry names a fault', () => {
  const faults: FaultPlan[] = faultKinds.map((kind, index) => {
    const target = { 'node-down': 'node-1', 'slow-database': 'postgres' }[kind as string] ?? 'cart';
    return { kind, target, afterMs: index * 20_000, durationMs: 60_000, magnitude: 2 };
  });
  const world = createShopWorld({ seed: 7, startMs, scenario: { faults } });
  world.goLive();
  for (let at = 2; at <= 160; at += 2) {
    world.step(startMs + at * 1000);
    const text = JSON.stringify(world.frame());
    for (const word of [...faultKinds, 'fault-', 'leak', 'surge']) expect(text).not.toContain(word);
  }
});
