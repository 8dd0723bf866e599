import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createDemoApi, type DemoApi } from '../testing/demo-api.ts';

let demo: DemoApi;
beforeAll(async () => {
  demo = await createDemoApi();
});
afterAll(() => demo.app.close());

const headers = { host: '127.0.0.1:8080', 'content-type': 'application/json' };
const ask = (method: 'GET' | 'POST' | 'DELETE', path: string, payload?: object) =>
  demo.app.inject({
    ...{ method, url: `/api/v1${path}` },
    headers: method === 'GET' ? { host: headers.host } : headers,
    ...(payload === undefined ? {} : { payload }),
  });

describe('feedback', () => {
  test('is given in the name of who asks, listed, read, and undone once', async () => {
    const path = '/anomalies/anm-0000000000000001/feedback';
    const given = await ask('POST', path, { verdict: 'not_an_anomaly', note: 'nightly', by: 'ada' });
    expect(given.statusCode).toBe(200);
    const { id, ...rest } = given.json();
    expect(rest).toMatchObject({ verdict: 'not_an_anomaly', note: 'nightly', by: 'ada', state: 'active' });
    expect((await ask('GET', '/feedback?state=active')).json()).toEqual({ items: [given.json()] });
    expect((await ask('GET', `/feedback/${id}`)).json()).toEqual(given.json());
    expect((await ask('DELETE', `/feedback/${id}`, { by: 'bob' })).json()).toMatchObject({ undoneBy: 'bob' });
    expect((await ask('DELETE', `/feedback/${id}`)).json()).toMatchObject({ code: 'KYBERN_CONFLICT' });
    expect((await ask('GET', '/feedback?state=active')).json()).toEqual({ items: [] });
  });

  test.each([
    ['an unknown verdict', '/anomalies/anm-0000000000000001/feedback', { verdict: 'maybe' }, 400],
    ['an unknown anomaly', '/anomalies/anm-1/feedback', { verdict: 'confirmed' }, 404],
    ['a member that there is not', '/anomalies/anm-1/feedback', { verdict: 'confirmed', when: 'now' }, 400],
    ['nothing that was missed', '/feedback/missed', { from: '-1h', to: 'now' }, 400],
    ['an entity that is none', '/feedback/missed', { entity: 'cart', from: '-1h', to: 'now' }, 400],
    ['a time that is none', '/feedback/missed', { metric: 'up', from: 'yesterday', to: 'now' }, 400],
  ])('refuses %s', async (_what, path, body, status) => {
    expect((await ask('POST', path, body)).statusCode).toBe(status);
  });

  test('on what was missed says whether it would be found now', async () => {
    const answer = await ask('POST', '/feedback/missed', { entity: 'service|shop|cart', from: '-1h', to: '-30m' });
    expect(answer.json()).toMatchObject({ verdict: 'missed', found: true, from: '2026-05-12T09:00:00.000Z' });
  });
});

test('maintenance is planned, listed and taken back', async () => {
  const weekly = { days: ['sun'], start: '02:00', minutes: 120, timeZone: 'Europe/Berlin' };
  const planned = await ask('POST', '/maintenance', { reason: 'backups', match: { namespaces: ['db'] }, weekly });
  expect(planned.json()).toMatchObject({ state: 'planned', by: 'api', weekly, match: { namespaces: ['db'] } });
  const { id } = planned.json();
  expect((await ask('GET', '/maintenance')).json()).toMatchObject({ items: [{ id, open: false }] });
  expect((await ask('DELETE', `/maintenance/${id}`, { by: 'ada' })).json()).toMatchObject({ endedBy: 'ada' });
  expect((await ask('GET', '/maintenance')).json()).toEqual({ items: [] });
  const wrong = { reason: 'backups', weekly: { ...weekly, start: '25:00' } };
  expect((await ask('POST', '/maintenance', wrong)).statusCode).toBe(400);
});

test('alert budgets tell their limits', async () => {
  expect((await ask('GET', '/alert-budgets')).json()).toMatchObject({ items: [{ team: 'shop', limit: 1.5 }] });
});
