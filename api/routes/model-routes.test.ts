import { afterAll, beforeAll, expect, test } from 'vitest';
import { createDemoApi, type DemoApi } from '../testing/demo-api.ts';

let demo: DemoApi;
beforeAll(async () => {
  demo = await createDemoApi();
});
afterAll(() => demo.app.close());

const tuned = 'default-20260511-021500-1a2b3c4d';
const headers = { host: '127.0.0.1:8080', 'content-type': 'application/json' };
const get = (path: string) =>
  demo.app.inject({ method: 'GET', url: `/api/v1${path}`, headers: { host: headers.host } });
const post = (path: string, payload: object) =>
  demo.app.inject({ method: 'POST', url: `/api/v1${path}`, headers, payload });

test('models are listed with what serves, read, promoted and rolled back in the name of who asks', async () => {
  expect((await get('/models')).json()).toMatchObject({
    serving: [{ class: 'default', match: [], model: 'shipped', sinceMs: 0 }],
    models: [{ id: 'shipped', parent: null }, { id: tuned, heldOut: { candidate: 0.3712 } }, { standing: 'refused' }],
    processes: [{ name: 'kybern-0', serving: [{ model: 'shipped' }] }, { name: 'kybern-1' }],
    training: { state: 'idle' },
  });
  expect((await get(`/models/${tuned}`)).json()).toMatchObject({ id: tuned, origin: 'fine-tuned' });
  const change = { class: 'default', from: 'shipped', to: tuned, by: 'ada', reason: 'as measured' };
  const promoted = await post(`/models/${tuned}/promote`, { by: 'ada', reason: 'as measured' });
  expect(promoted.json()).toMatchObject(change);
  expect((await get('/models')).json()).toMatchObject({ serving: [{ model: tuned }], history: [change] });
  expect((await post(`/models/${tuned}/promote`, {})).json()).toMatchObject({ code: 'KYBERN_CONFLICT' });
  expect((await post('/models/rollback', {})).json()).toMatchObject({ from: tuned, to: 'shipped', by: 'api' });
  expect((await post('/models/rollback', {})).statusCode).toBe(409);
});

test('a model far beyond the usual body is imported, and stands refused where there is no history', async () => {
  const onnx = Buffer.alloc(200_000, 7).toString('base64');
  const imported = await post('/models/import', { onnx, by: 'ada', note: 'trained elsewhere' });
  expect(imported.json()).toMatchObject({
    origin: 'imported',
    standing: 'refused',
    by: 'ada',
    note: 'trained elsewhere',
  });
  expect((await post(`/models/${imported.json().id}/promote`, {})).statusCode).toBe(409);
});

test.each([
  ['a model that there is not', '/models/nothing/promote', {}, 404],
  ['a class that there is not', '/models/rollback', { class: 'cpu' }, 404],
  ['a class that there is not, to train', '/models/train', { class: 'cpu' }, 404],
  ['what is no base64', '/models/import', { onnx: '***' }, 400],
  ['a member that there is not', '/models/train', { when: 'now' }, 400],
])('refuses %s', async (_what, path, body, status) => {
  expect((await post(path, body)).statusCode).toBe(status);
});

test('training is begun and told', async () => {
  expect((await post('/models/train', {})).json()).toEqual({ state: 'collecting', class: 'default' });
});
