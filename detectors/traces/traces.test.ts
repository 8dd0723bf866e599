import { expect, test } from 'vitest';
import { createRandom, type DetectionResult, noMetrics, type SeriesCatalog } from '../../model/index.ts';
import { spanBatch, type TestSpan } from '../testing/spans.ts';
import { sampleBatch, startMs } from '../testing/synthetic.ts';
import { createWorkbench, defaultConfig } from '../testing/workbench.ts';

/** Derived values as `name|service|operation` -> value, of one window. */
function derivedAt(catalog: SeriesCatalog, result: DetectionResult, timeMs: number): Record<string, number> {
  const values: Record<string, number> = {};
  for (const batch of result.derived) {
    for (let row = 0; row < batch.count; row += 1) {
      if (batch.timesMs[row] !== timeMs) continue;
      const { name, labels, entity } = catalog.get(batch.series[row]!);
      const operation = labels.find((label) => label[0] === 'operation')?.[1] ?? '';
      values[`${name}|${entity.namespace}/${entity.name}|${operation}`] = batch.values[row]!;
    }
  }
  return values;
}

/** One request: web's GET / calls cart, whose spans take most of the time, and cart asks redis. */
function request(index: number, failed = false): TestSpan[] {
  const base = 10 * index + 1;
  const at = startMs + 20 * index;
  return [
    { service: 'web', name: 'GET /', id: base, parent: 0, startMs: at, durationMs: 100, kind: 2, error: failed },
    {
      service: 'web',
      name: 'call',
      id: base + 1,
      parent: base,
      startMs: at + 5,
      durationMs: 80,
      kind: 3,
      error: failed,
    },
    {
      service: 'cart',
      name: 'Get',
      id: base + 2,
      parent: base + 1,
      startMs: at + 10,
      durationMs: 70,
      kind: 2,
      error: failed,
    },
    { service: 'cart', name: 'work', id: base + 3, parent: base + 2, startMs: at + 11, durationMs: 10, kind: 1 },
    {
      service: 'cart',
      name: 'GET',
      id: base + 4,
      parent: base + 2,
      startMs: at + 22,
      durationMs: 30,
      kind: 3,
      peer: 'redis',
    },
  ];
}

test('rate, errors, 95th percentile and own time of services and operations, and who calls whom', async () => {
  const { catalog, detectors } = createWorkbench();
  const spans = Array.from({ length: 100 }, (_, index) => request(index, index % 10 === 0)).flat();
  // Children end first and are sent first; the parent of a call may come in a later batch.
  const reversed = [...spans].reverse();
  await detectors.observe(spanBatch(catalog, reversed.slice(0, 123)));
  await detectors.observe(spanBatch(catalog, reversed.slice(123)));
  const open = await detectors.advance(startMs + 4999);
  expect(open.derived).toEqual([]);
  const closed = await detectors.advance(startMs + 5000);
  const values = derivedAt(catalog, closed, startMs + 5000);
  expect(values).toMatchObject({
    'trace.request.rate|shop/web|': 20,
    'trace.request.rate|shop/web|GET /': 20,
    'trace.error.ratio|shop/web|': 0.1,
    'trace.duration.p95|shop/web|GET /': 100,
    'trace.self.duration.mean|shop/web|': 20,
    'trace.request.rate|shop/cart|Get': 20,
    // 10 ms of it in a span of its own, 30 ms of waiting for redis taken off.
    'trace.self.duration.mean|shop/cart|': 40,
    'trace.critical.path.share|shop/web|': 0.3,
    'trace.critical.path.share|shop/cart|': 0.4,
    'trace.critical.path.share|shop/redis|': 0.3,
    'trace.duration.p50|shop/web|': 100,
    'trace.duration.p99|shop/cart|Get': 70,
    'trace.request.rate|shop/redis|': 20,
    'trace.duration.p95|shop/redis|': 30,
  });
  expect(values['trace.request.rate|shop/cart|work']).toBeUndefined();
  const calls = closed.calls.map((call) => ({ ...call, caller: call.caller.name, callee: call.callee.name }));
  const window = { windowEndMs: startMs + 5000, windowSeconds: 5, calls: 100 };
  expect(calls).toContainEqual({ caller: 'web', callee: 'cart', ...window, errors: 10, durationSumMs: 7000 });
  expect(calls).toContainEqual({ caller: 'cart', callee: 'redis', ...window, errors: 0, durationSumMs: 3000 });
  expect(calls).toHaveLength(2);
  expect(closed.slos.map(({ service, met, requestRate }) => ({ service, met, requestRate }))).toEqual([
    { service: 'cart', met: true, requestRate: 20 },
    { service: 'web', met: true, requestRate: 20 },
  ]);
});

test('a service that falls silent has a rate of zero, no latency, and no SLO standing', async () => {
  const { catalog, detectors } = createWorkbench();
  await detectors.observe(spanBatch(catalog, Array.from({ length: 100 }, (_, index) => request(index)).flat()));
  await detectors.advance(startMs + 5000);
  const silent = await detectors.advance(startMs + 10_000);
  const values = derivedAt(catalog, silent, startMs + 10_000);
  expect(values['trace.request.rate|shop/web|']).toBe(0);
  expect(values['trace.duration.p95|shop/web|']).toBeUndefined();
  expect(silent.slos).toEqual([]);
  expect(noMetrics).toBeDefined();
});

test('a pause in which nothing was received is no time without requests, and who does not come back has none', async () => {
  const config = defaultConfig();
  const { catalog, detectors } = createWorkbench({
    config: { ...config, traces: { ...config.traces, minimumRequests: 1 } },
  });
  const window = 5000;
  const backMs = startMs + 300_000;
  const told: [service: string, atMs: number, rate: number][] = [];
  const live = async (fromMs: number, windows: number, only: (span: TestSpan) => boolean) => {
    for (let at = 0; at < windows; at += 1) {
      const shift = fromMs - startMs + at * window;
      const spans = request(at).filter(only);
      const sent = spans.map((span) => ({ ...span, startMs: span.startMs - 20 * at + shift }));
      const results = [await detectors.observe(spanBatch(catalog, sent))];
      results.push(await detectors.advance(fromMs + at * window - 2000));
      for (const { count, series, timesMs, values } of results.flatMap(({ derived }) => derived)) {
        for (let row = 0; row < count; row += 1) {
          const { name, labels, entity } = catalog.get(series[row]!);
          const isService = name === 'trace.request.rate' && !labels.some(([label]) => label === 'operation');
          if (isService) told.push([entity.name, timesMs[row]!, values[row]!]);
        }
      }
    }
  };
  await live(startMs, 12, () => true);
  await live(backMs, 12, ({ service }) => service === 'web');
  const within = told.filter(([, atMs]) => atMs > startMs + 60_000 && atMs <= backMs);
  expect(within).toEqual([]);
  const after = (service: string) => told.filter(([name, atMs]) => name === service && atMs > backMs);
  expect(after('web').map(([, , rate]) => rate)).toEqual(Array.from({ length: 10 }, () => 0.2));
  expect(after('cart').map(([, , rate]) => rate)).toEqual(Array.from({ length: 10 }, () => 0));
});

test('the first requests of a service that was idle are not counted by its callers a second time', async () => {
  const { catalog, detectors } = createWorkbench();
  for (const at of [startMs, startMs + 3_600_000]) {
    const spans = Array.from({ length: 100 }, (_, index) => request(index)).flat();
    const named = spans.map((span) => ({ ...span, startMs: at, ...(span.name === 'call' ? { peer: 'cart' } : {}) }));
    await detectors.observe(spanBatch(catalog, named));
    const closed = await detectors.advance(at + 5000);
    expect(derivedAt(catalog, closed, at + 5000)['trace.request.rate|shop/cart|']).toBe(20);
    expect(closed.calls.find(({ callee }) => callee.name === 'cart')!.calls).toBe(100);
  }
});

test('the caller is found although its span ends a window later', async () => {
  const { catalog, detectors } = createWorkbench();
  const call: TestSpan[] = [
    { service: 'web', name: 'GET /', id: 1, parent: 0, startMs, durationMs: 7000, kind: 2 },
    { service: 'cart', name: 'Get', id: 2, parent: 1, startMs, durationMs: 4000, kind: 2 },
  ];
  await detectors.observe(spanBatch(catalog, call.slice(1)));
  const first = await detectors.advance(startMs + 5000);
  expect(first.calls).toEqual([]);
  await detectors.observe(spanBatch(catalog, call.slice(0, 1)));
  const second = await detectors.advance(startMs + 10_000);
  expect(second.calls.map(({ caller, callee }) => [caller.name, callee.name])).toEqual([['web', 'cart']]);
});

test('service-graph metrics are calls too', async () => {
  const { catalog, detectors } = createWorkbench();
  const intern = (name: string) =>
    catalog.intern({
      name,
      labels: [
        ['client', 'web'],
        ['server', 'cart'],
      ],
      kind: 'counter',
      unit: '',
      origin: 'received',
    });
  const total = intern('traces_service_graph_request_total');
  const failed = intern('traces_service_graph_request_failed_total');
  const seconds = intern('traces_service_graph_request_server_seconds_sum');
  const at = (timeMs: number, calls: number, errors: number, sum: number) =>
    detectors.observe(
      sampleBatch([
        [total, timeMs, calls],
        [failed, timeMs, errors],
        [seconds, timeMs, sum],
      ]),
    );
  await at(startMs, 1000, 10, 50);
  await at(startMs + 4000, 1100, 15, 58);
  const { calls } = await detectors.advance(startMs + 5000);
  expect(calls).toHaveLength(1);
  expect(calls[0]).toMatchObject({ calls: 100, errors: 5, windowSeconds: 5 });
  expect(calls[0]!.durationSumMs).toBeCloseTo(8000);
  expect([calls[0]!.caller.name, calls[0]!.callee.name]).toEqual(['web', 'cart']);
});

test('a sudden rise of latency is an anomaly of the service, scored as its window closes', async () => {
  const { catalog, detectors } = createWorkbench();
  const told: DetectionResult['anomalies'][number][] = [];
  for (let window = 0; window < 60; window += 1) {
    const at = startMs + window * 5000;
    const spans = Array.from({ length: 60 }, (_, index): TestSpan => {
      const durationMs = (window < 50 ? 60 : 900) + ((index * 7 + window) % 11);
      return {
        service: 'cart',
        name: 'Get',
        id: window * 100 + index + 1,
        parent: 0,
        startMs: at + index,
        durationMs,
        kind: 2,
      };
    });
    await detectors.observe(spanBatch(catalog, spans));
    told.push(...(await detectors.advance(at + 5000)).anomalies);
  }
  const ofService = told.filter(({ metric, state }) => metric === 'trace.duration.p95' && state === 'firing');
  expect(ofService.length).toBeGreaterThan(0);
  expect(ofService[0]).toMatchObject({
    signal: 'latency',
    unit: 'ms',
    entity: { kind: 'service', namespace: 'shop', name: 'cart' },
  });
  expect(Date.parse(ofService[0]!.onset)).toBe(startMs + 51 * 5000);
});

test('a service that no longer sends spans is told of by its callers in every window, not in one of each ten minutes', async () => {
  const { catalog, detectors } = createWorkbench();
  const rates: number[] = [];
  for (let window = 0; window < 250; window += 1) {
    const at = startMs + window * 5000;
    const spans = Array.from({ length: 60 }, (_, index) =>
      request(60 * window + index).map((span): TestSpan => ({ ...span, startMs: at, peer: 'cart' })),
    );
    await detectors.observe(
      spanBatch(
        catalog,
        spans.flatMap((trace) => trace.slice(0, window < 10 ? 3 : 2)),
      ),
    );
    const values = derivedAt(catalog, await detectors.advance(at + 5000), at + 5000);
    rates.push(values['trace.request.rate|shop/cart|'] ?? Number.NaN);
  }
  expect(rates.slice(140).every((rate) => rate > 0)).toBe(true);
});

test('calls of a service that does not answer are not said to be made no longer', async () => {
  const { catalog, detectors } = createWorkbench();
  const told: DetectionResult['anomalies'][number][] = [];
  for (let window = 0; window < 110; window += 1) {
    const at = startMs + window * 5000;
    const spans = Array.from({ length: 20 }, (_, index) =>
      request(20 * window + index).map((span): TestSpan => ({ ...span, startMs: at + 10 * index, peer: 'cart' })),
    );
    // Cart is dead: web goes on to ask it.
    await detectors.observe(
      spanBatch(
        catalog,
        spans.flatMap((trace) => trace.slice(0, window < 100 ? 3 : 2)),
      ),
    );
    told.push(...(await detectors.advance(at + 5000)).anomalies);
  }
  const [lost] = told.filter(({ detector }) => detector === 'lost-edge');
  expect(lost!.reason).toMatch(
    /^Calls of web no longer arrive at cart: 4 calls a second were usual, none of 60 that web made came in 15 s/,
  );
});

test('a service of two requests in five seconds is healthy with one error in two hundred, and told of when one in ten fails', async () => {
  const { catalog, detectors } = createWorkbench();
  const random = createRandom(4);
  const told: DetectionResult['anomalies'][number][] = [];
  const live = async (windows: number, from: number, failing: number) => {
    for (let window = from; window < from + windows; window += 1) {
      const at = startMs + window * 5000;
      const count = Array.from({ length: 8 }, () => random() < 0.25).filter(Boolean).length;
      const spans = Array.from(
        { length: count },
        (_, index): TestSpan => ({
          service: 'cart',
          name: 'Get',
          id: window * 10 + index + 1,
          parent: 0,
          startMs: at,
          durationMs: 10 + 40 * random(),
          kind: 2,
          error: random() < failing,
        }),
      );
      await detectors.observe(spanBatch(catalog, spans));
      told.push(...(await detectors.advance(at + 5000)).anomalies);
    }
    return told.filter(({ state, detector }) => state === 'firing' && detector !== 'joint');
  };
  const aDay = 17_280;
  expect((await live(aDay, 0, 0.005)).length).toBeLessThanOrEqual(1);
  told.length = 0;
  const broken = await live(120, aDay, 0.1);
  expect(broken.map(({ metric }) => metric)).toContain('trace.error.ratio');
});
