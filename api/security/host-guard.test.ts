import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createDemoApi, type DemoApi } from '../testing/demo-api.ts';
import { isAllowedHost } from './host-guard.ts';

describe('which hosts are served', () => {
  const allowed = new Set(['kybern.example']);

  test.each([
    'localhost',
    'localhost:8080',
    'LOCALHOST',
    'a.localhost:1',
    '127.0.0.1:8080',
    '[::1]:8080',
    '10.1.2.3',
    'kybern.example:443',
  ])('%s is', (host) => expect(isAllowedHost(host, allowed)).toBe(true));

  test.each([
    '',
    'evil.example',
    'localhost.evil.example',
    '127.0.0.1.evil.example:8080',
    'localhost:8080@evil',
    'a b',
    '[::1',
    'xkybern.example',
  ])('%j is not', (host) => expect(isAllowedHost(host, allowed)).toBe(false));
});

describe('a page of another site', () => {
  let demo: DemoApi;
  beforeAll(async () => {
    demo = await createDemoApi();
  });
  afterAll(() => demo.app.close());

  const approve = '/api/v1/actions/act-0000000000000001/approve';

  test('does not read by DNS rebinding', async () => {
    const answer = await demo.app.inject({ url: '/api/v1/incidents', headers: { host: 'evil.example' } });
    expect(answer.statusCode).toBe(403);
    expect(answer.json()).toMatchObject({ code: 'KYBERN_HOST_REFUSED' });
  });

  test('does not even get the dashboard or the reference', async () => {
    for (const url of ['/', '/js/main.js', '/docs', '/docs/json']) {
      const answer = await demo.app.inject({ url, headers: { host: 'evil.example' } });
      expect(answer.statusCode, url).toBe(403);
    }
  });

  test.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', undefined])(
    'does not approve with what needs no preflight: %s',
    async (type) => {
      const headers = { host: '127.0.0.1', ...(type === undefined ? {} : { 'content-type': type }) };
      const answer = await demo.app.inject({ method: 'POST', url: approve, headers });
      expect(answer.statusCode).toBe(415);
      expect(demo.engine.said).toEqual([]);
    },
  );

  test('does not write even with the right type, for its origin is told', async () => {
    const headers = { host: '127.0.0.1', 'content-type': 'application/json', origin: 'https://evil.example' };
    const answer = await demo.app.inject({ method: 'POST', url: approve, headers });
    expect(answer.statusCode).toBe(403);
    expect(demo.engine.said).toEqual([]);
  });

  test('gets no leave from a preflight', async () => {
    const headers = { host: '127.0.0.1', origin: 'https://evil.example', 'access-control-request-method': 'POST' };
    const answer = await demo.app.inject({ method: 'OPTIONS', url: approve, headers });
    expect(answer.statusCode).toBe(405);
    expect(answer.headers).not.toHaveProperty('access-control-allow-origin');
  });

  test('while probes and scrapers come by any name', async () => {
    for (const url of ['/healthz', '/readyz', '/metrics']) {
      const answer = await demo.app.inject({ url, headers: { host: 'kybern.monitoring.svc' } });
      expect(answer.statusCode, url).toBe(200);
    }
  });
});
