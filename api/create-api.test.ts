import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { KybernError, type Metrics, noMetrics } from '../model/index.ts';
import { createApi } from './create-api.ts';
import { createDemoApi, type DemoApi, demoDeps, demoNowMs } from './testing/demo-api.ts';

let demo: DemoApi;
beforeAll(async () => {
  demo = await createDemoApi();
});
afterAll(() => demo.app.close());

const headers = { host: '127.0.0.1:8080' };
const get = (url: string) => demo.app.inject({ url, headers });
const send = (method: 'POST' | 'PUT' | 'DELETE', url: string, payload?: string) =>
  demo.app.inject({
    method,
    url,
    headers: { ...headers, 'content-type': 'application/json' },
    ...(payload === undefined ? {} : { payload }),
  });

describe('reading', () => {
  test('lists incidents with their diagnosis, and by state', async () => {
    const all = (await get('/api/v1/incidents')).json();
    expect(all).toEqual({ items: demo.decisions.incidents });
    const open = (await get('/api/v1/incidents?state=open')).json();
    expect(open.items.map((one: { id: string }) => one.id)).toEqual(['inc-5f0c9a1b7d3e2468']);
    expect(open.items[0].diagnosis.causes[0]).toMatchObject({ rank: 1, code: 'memory-leak-oom-killed' });
  });

  test('pages by cursor', async () => {
    const seen: number[] = [];
    let url: string | undefined = '/api/v1/audit?limit=3';
    while (url !== undefined) {
      const page: { items: { sequence: number }[]; next?: string } = (await get(url)).json();
      expect(page.items.length).toBeLessThanOrEqual(3);
      seen.push(...page.items.map((record) => record.sequence));
      url = page.next === undefined ? undefined : `/api/v1/audit?limit=3&cursor=${encodeURIComponent(page.next)}`;
    }
    expect(seen).toEqual([1, 2, 3, 4, 5, 6, 7]);
  });

  test('pages entities without a store, each once', async () => {
    const seen: string[] = [];
    let cursor = '';
    do {
      const page = (await get(`/api/v1/entities?limit=4${cursor}`)).json();
      seen.push(...page.items.map((item: { entity: { name: string } }) => item.entity.name));
      cursor = page.next === undefined ? '' : `&cursor=${page.next}`;
    } while (cursor !== '');
    expect((await get('/api/v1/cardinality?limit=1')).json()).toEqual({
      activeSeries: 12,
      metrics: [{ metric: 'http.server.request.duration', activeSeries: 9 }],
    });
    const { nodes } = (await get('/api/v1/topology')).json();
    expect(seen.toSorted()).toEqual(nodes.map((node: { entity: { name: string } }) => node.entity.name).toSorted());
  });

  test('gives the newest of the audit log first where asked', async () => {
    const { items } = (await get('/api/v1/audit?order=newest&limit=1')).json();
    expect(items[0].sequence).toBe(7);
  });

  test('queries a series with its band and anomalies, nulls where there is no band', async () => {
    const url = '/api/v1/query?metric=http.server.request.duration.p95&entity=service%7Cshop%7Ccart&from=-2h&to=now';
    const answer = (await get(url)).json();
    expect([answer.from, answer.to]).toEqual(['2026-05-12T08:00:00.000Z', '2026-05-12T10:00:00.000Z']);
    const [series] = answer.items;
    const { points } = series;
    const lengths = Object.values(points as Record<string, unknown[]>).map((column) => column.length);
    expect(new Set(lengths).size).toBe(1);
    expect(points.expected[0]).toBeNull();
    expect(points.expected.at(-1)).toBeCloseTo(60, -1);
    expect(points.times[0]).toMatch(/^2026-05-12T09:00:00.000Z$/);
    expect(series.anomalies.map((one: { id: string }) => one.id)).toEqual(['anm-0000000000000002']);
  });

  test('selects series by labels, dots in their names included', async () => {
    expect((await get('/api/v1/series?label.k8s.namespace.name=shop')).json().items).toHaveLength(3);
    expect((await get('/api/v1/series?label.k8s.namespace.name=other')).json().items).toHaveLength(0);
  });

  test('finds logs by entity and text, and a trace by id', async () => {
    const logs = (await get('/api/v1/logs?entity=pod%7Cshop%7Ccart-6d9f7c-x2x9k&text=OutOfMemory')).json();
    expect(logs.items).toMatchObject([{ time: '2026-05-12T09:57:30.000Z', severity: 17 }]);
    const trace = (await get(`/api/v1/traces/${'ab'.repeat(16)}`)).json();
    expect(trace.spans.map((span: { service: string }) => span.service)).toEqual(['checkout', 'cart']);
  });

  test('tells its state and its SLOs', async () => {
    expect((await get('/api/v1/status')).json()).toMatchObject({
      mode: 'approve',
      demo: { seed: 7 },
      uptimeSeconds: 7260,
      series: 214,
      lastReceived: { metrics: '2026-05-12T09:59:58.000Z', logs: '2026-05-12T09:41:00.000Z' },
      ready: true,
    });
    const { items } = (await get('/api/v1/slos')).json();
    expect(items.map((item: { standing: { met: boolean } }) => item.standing.met)).toEqual([false, true]);
  });
});

describe('deciding', () => {
  test('approves in the name of who asks, and reverts what was done', async () => {
    const approved = await send('POST', '/api/v1/actions/act-0000000000000001/approve', '{"by":"ada"}');
    expect(approved.json()).toMatchObject({ state: 'approved', approvedBy: 'ada' });
    const reverted = await send('POST', '/api/v1/actions/act-0000000000000002/revert');
    expect(reverted.json()).toMatchObject({ state: 'reverted' });
    expect(demo.engine.said).toEqual(['approved act-0000000000000001 by ada', 'reverted act-0000000000000002 by api']);
  });

  test('answers 409 where the action has moved on', async () => {
    const answer = await send('POST', '/api/v1/actions/act-0000000000000001/reject', '{}');
    expect(answer.statusCode).toBe(409);
    expect(answer.json()).toMatchObject({ code: 'KYBERN_CONFLICT', detail: 'The action is approved.' });
  });

  test('changes the mode and the kill switch', async () => {
    expect((await send('PUT', '/api/v1/mode', '{"mode":"observe"}')).json()).toEqual({ mode: 'observe' });
    expect((await get('/api/v1/mode')).json()).toEqual({ mode: 'observe' });
    expect((await send('PUT', '/api/v1/kill-switch', '{"on":true}')).json()).toEqual({ on: true });
    expect((await get('/api/v1/kill-switch')).json()).toEqual({ on: true });
  });
});

describe('what cannot be served', () => {
  const problemOf = async (answer: ReturnType<typeof get>) => {
    const { headers: sent, statusCode, json } = await answer;
    expect(sent['content-type']).toBe('application/problem+json');
    expect(json()).toMatchObject({ status: statusCode, type: `urn:kybern:error:${json().code}` });
    return json();
  };

  test('names every fault of a request at once', async () => {
    const problem = await problemOf(get('/api/v1/incidents?limit=x&state=odd&colour=red'));
    expect(problem).toMatchObject({ status: 400, code: 'KYBERN_BAD_REQUEST', instance: '/api/v1/incidents' });
    expect(problem.errors).toEqual(
      expect.arrayContaining([
        { field: 'query/limit', detail: 'must be integer' },
        { field: 'query/state', detail: 'must be one of open, resolved' },
        { field: 'query/colour', detail: 'is not known here' },
      ]),
    );
  });

  test.each([
    ['/api/v1/query?from=-5m', 'Name the series'],
    ['/api/v1/query?metric=up&from=soon', 'from is neither'],
    ['/api/v1/series?entity=cart', 'kind|namespace|name'],
    ['/api/v1/entities?cursor=%21%21', 'cursor'],
    ['/api/v1/traces/xyz', 'params/traceId'],
  ])('%s is a 400', async (url, detail) => {
    const problem = await problemOf(get(url));
    expect(problem.code).toBe('KYBERN_BAD_REQUEST');
    expect(problem.detail).toContain(detail);
  });

  test.each([
    '/api/v1/incidents/none',
    '/api/v1/actions/none',
    '/api/v1/nothing',
    '/js/../../create-api.ts',
    '/js/none.js',
  ])('%s is a 404', async (url) =>
    expect(await problemOf(get(url))).toMatchObject({ status: 404, code: 'KYBERN_NOT_FOUND' }),
  );

  test('a wrong method is a 405 that names the right ones', async () => {
    const answer = send('DELETE', '/api/v1/mode');
    expect(await problemOf(answer)).toMatchObject({ code: 'KYBERN_METHOD_NOT_ALLOWED' });
    expect((await answer).headers.allow).toBe('GET, HEAD, PUT');
  });

  test.each([
    ['a text for a boolean', '{"on":"false"}', 400, 'KYBERN_BAD_REQUEST'],
    ['a control character in a name', '{"on":false,"by":"a\\u0000b"}', 400, 'KYBERN_BAD_REQUEST'],
    ['half a document', '{"on":', 400, 'KYBERN_BODY_UNREADABLE'],
    ['a reach for the prototype', '{"on":true,"__proto__":{"on":false}}', 400, 'KYBERN_BODY_UNREADABLE'],
    ['a deep nest', '['.repeat(30_000), 400, 'KYBERN_BODY_UNREADABLE'],
    ['more than the limit', `{"on":true,"by":"${'x'.repeat(70_000)}"}`, 413, 'KYBERN_BODY_TOO_LARGE'],
  ])('%s is refused and changes nothing', async (_what, body, status, code) => {
    const { length } = demo.engine.said;
    expect(await problemOf(send('PUT', '/api/v1/kill-switch', body))).toMatchObject({ status, code });
    expect(demo.engine.said).toHaveLength(length);
  });

  test('a store that is away is a 503 with its code; our own faults say nothing of our insides', async () => {
    const deps = demoDeps();
    const app = await createApi({
      ...deps,
      store: {
        ...deps.store,
        incidents: async () => {
          throw new KybernError('KYBERN_STORE', 'No answer from the store.');
        },
        anomalies: async () => {
          throw new TypeError('secret');
        },
      },
    });
    const away = await app.inject({ url: '/api/v1/incidents', headers });
    expect([away.statusCode, away.json().code]).toEqual([503, 'KYBERN_STORE']);
    const fault = await app.inject({ url: '/api/v1/anomalies', headers });
    expect([fault.statusCode, fault.json().code]).toEqual([503, 'KYBERN_INTERNAL']);
    expect(fault.body).not.toContain('secret');
    await app.close();
  });
});

describe('for probes and scrapers', () => {
  test('metrics are Prometheus text', async () => {
    const answer = await get('/metrics');
    expect(answer.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(answer.body).toContain('kybern_up 1');
  });

  test('health is the process alone, readiness names the part that is not', async () => {
    const { app } = await createDemoApi({ unready: 'no answer for 12 s' });
    expect((await app.inject('/healthz')).statusCode).toBe(200);
    const answer = await app.inject('/readyz');
    expect(answer.statusCode).toBe(503);
    expect(answer.json()).toMatchObject({
      ready: false,
      parts: [{ part: 'log' }, { part: 'store', ready: false, detail: 'no answer for 12 s' }],
    });
    await app.close();
  });

  test('a part that intake can spare does not send senders elsewhere', async () => {
    const { app } = await createDemoApi({ unready: '5,000 records behind', spared: true });
    const answer = await app.inject('/readyz');
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toMatchObject({ ready: true, parts: [{ part: 'log' }, { part: 'store', ready: false }] });
    await app.close();
  });
});

describe('beside other plugins', () => {
  test('a receiver keeps its own routes, hosts and content types', async () => {
    const { app } = await createDemoApi();
    await app.register(async (scope) => {
      scope.addContentTypeParser('application/x-protobuf', { parseAs: 'buffer' }, (_request, body, done) =>
        done(null, body),
      );
      scope.post('/v1/metrics', async ({ body }) => ({ bytes: (body as Buffer).length }));
    });
    const answer = await app.inject({
      method: 'POST',
      url: '/v1/metrics',
      headers: { host: 'kybern.monitoring.svc', 'content-type': 'application/x-protobuf' },
      payload: Buffer.from([1, 2, 3]),
    });
    expect(answer.json()).toEqual({ bytes: 3 });
    await app.close();
  });
});

describe('the event stream over a socket', () => {
  test('sends what the engine decides and ends when the server closes', async () => {
    const { app, engine, decisions } = await createDemoApi({ nowMs: demoNowMs });
    const address = await app.listen({ host: '127.0.0.1', port: 0 });
    const response = await fetch(`${address}/api/v1/events`);
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    const [action] = decisions.actions;
    if (action === undefined) throw new Error('the demo has an action');
    engine.emit({ type: 'action', value: action });
    const closed = app.close();
    const text = await response.text();
    await closed;
    expect(text).toContain(`event: action\nid: action/${action.id}/${action.revision}\n`);
  });

  test('cuts who does not read, before its backlog fills the memory', async () => {
    const cuts: number[] = [];
    const metrics: Metrics = {
      ...noMetrics,
      counter: (name) => ({ add: (amount) => name === 'kybern_event_clients_cut_total' && void cuts.push(amount) }),
    };
    const { app, engine, decisions } = await createDemoApi({ metrics });
    const address = new URL(await app.listen({ host: '127.0.0.1', port: 0 }));
    const socket = connect(Number(address.port), '127.0.0.1');
    socket.write('GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await once(socket, 'data');
    socket.pause();
    const [action] = decisions.actions;
    if (action === undefined) throw new Error('the demo has an action');
    const value = { ...action, detail: 'x'.repeat(500_000) };
    const kernelBuffersAtMost = 40;
    for (let sent = 0; sent < kernelBuffersAtMost && cuts.length === 0; sent += 1) {
      engine.emit({ type: 'action', value });
      await new Promise(setImmediate);
    }
    expect(cuts).toEqual([1]);
    socket.destroy();
    await app.close();
  });
});
