import { describe, expect, it } from 'vitest';
import { type ClusterBatch, describeEntity } from '../../model/index.ts';
import { nowMs, openDoors } from '../testing/door.ts';

const url = '/api/v1/cloudevents';
const structuredType = { 'content-type': 'application/cloudevents+json' };
const batchType = { 'content-type': 'application/cloudevents-batch+json' };
const someEvent = { specversion: '1.0', id: '1', source: 'https://ci.example', type: 'com.example.some' };

async function openEvents(limits = {}) {
  const doors = await openDoors(limits);
  return {
    ...doors,
    send: (event: unknown, headers: Record<string, string> = structuredType) =>
      doors.post(url, typeof event === 'string' ? event : JSON.stringify(event), headers),
    events: () =>
      doors.appended.filter((batch): batch is ClusterBatch => batch.kind === 'cluster').flatMap(({ events }) => events),
  };
}

describe('CloudEvents over HTTP answers', () => {
  it('204 to an event in each of the three modes', async () => {
    const { send, events, unaccounted } = await openEvents();
    const headers = { 'ce-specversion': '1.0', 'ce-id': '2', 'ce-source': '/s', 'ce-type': 't%20t' };
    expect((await send(someEvent)).statusCode).toBe(204);
    expect((await send('hello', { ...headers, 'content-type': 'text/plain' })).statusCode).toBe(204);
    expect((await send([someEvent, { ...someEvent, id: '3' }], batchType)).statusCode).toBe(204);
    expect(events().map(({ reason }) => reason)).toEqual([
      'com.example.some',
      't t',
      'com.example.some',
      'com.example.some',
    ]);
    expect(unaccounted()).toBe(0);
  });

  it('204 to an empty batch, of which nothing is kept', async () => {
    const { send, appended } = await openEvents();
    expect((await send([], batchType)).statusCode).toBe(204);
    expect(appended).toEqual([]);
  });

  it('400 where a part of a batch is no event, with the good kept', async () => {
    const { send, events, unaccounted } = await openEvents();
    const tomorrow = new Date(nowMs + 86_400_000).toISOString();
    const answer = await send([someEvent, { id: 'half' }, { ...someEvent, id: '2', time: tomorrow }], batchType);
    expect(answer.statusCode).toBe(400);
    expect(answer.body).toBe('2 rejected: 1 timestamp too far in the future; 1 inconsistent item\n');
    expect(events()).toHaveLength(1);
    expect(unaccounted()).toBe(0);
  });

  it.each([
    ['a bad percent-encoding', '', { 'ce-specversion': '1.0', 'ce-id': '%zz', 'ce-source': '/s', 'ce-type': 't' }],
    ['no CloudEvent at all', '{}', { 'content-type': 'application/json' }],
    ['half an event', '{"id":"1"}', structuredType],
    ['no JSON', 'nonsense', structuredType],
    ['an event where a batch is told', JSON.stringify(someEvent), batchType],
  ])('400 to %s', async (_what, body, headers) => {
    const { send, appended } = await openEvents();
    expect((await send(body, headers as Record<string, string>)).statusCode).toBe(400);
    expect(appended).toEqual([]);
  });

  it('415 to a format other than JSON, 413 to what is too large', async () => {
    const { send } = await openEvents({ bodyBytes: 1024 });
    expect((await send('<e/>', { 'content-type': 'application/cloudevents+xml' })).statusCode).toBe(415);
    expect((await send({ ...someEvent, data: 'x'.repeat(2000) })).statusCode).toBe(413);
  });

  it.each([
    'application/cloudevents+json\t; a=b',
    'application/cloudevents+json; charset',
    'application/cloudevents+json x',
  ])('415 to the torn type %j, which was read as structured by its first letters', async (type) => {
    const { send, appended } = await openEvents();
    expect((await send(someEvent, { 'content-type': type })).statusCode).toBe(415);
    expect(appended).toEqual([]);
  });

  it('204 to an event sent again: it has the same id, and another source with that id has not', async () => {
    const { send, events } = await openEvents();
    await send(someEvent);
    await send(someEvent);
    await send({ ...someEvent, source: 'https://other.example' });
    const [first, again, other] = events().map(({ id }) => id);
    expect(again).toBe(first);
    expect(other).not.toBe(first);
  });
});

describe('the meaning of an event', () => {
  const cdEvent = (type: string, id: string, environment: string) => ({
    ...someEvent,
    type: `dev.cdevents.service.${type}.0.2.0`,
    data: {
      context: { version: '0.4.1', id: '271069a8', source: '/ci' },
      subject: { id, type: 'service', content: { environment: { id: environment }, artifactId: 'pkg:oci/cart@1.4' } },
    },
  });

  it.each([
    [cdEvent('deployed', 'cart', 'shop'), 'rollout', 'service shop/cart'],
    [cdEvent('rolledback', 'shop/cart', 'production'), 'rollout', 'service production/cart'],
    [{ ...someEvent, type: 'dev.kybern.change.v1', subject: 'shop/cart' }, 'rollout', 'service shop/cart'],
    [
      {
        ...someEvent,
        type: 'dev.kybern.change.v1',
        data: { namespace: 'shop', workload: 'Deployment/cart', what: 'config' },
      },
      'config',
      'workload shop/Deployment/cart',
    ],
    [{ ...someEvent, type: 'io.argoproj.app.synced', subject: 'shop/cart' }, 'rollout', 'service shop/cart'],
    [{ ...someEvent, type: 'com.github.deployment_status', subject: 'cart' }, 'rollout', 'service cart'],
    [
      {
        ...someEvent,
        type: 'dev.knative.apiserver.resource.update',
        subject: '/apis/apps/v1/namespaces/shop/deployments/cart',
      },
      undefined,
      'workload shop/Deployment/cart',
    ],
    [{ ...someEvent, namespace: 'shop', data: { app: 'cart' } }, undefined, 'service shop/cart'],
    [{ ...someEvent, data: { node: 'node-1' } }, undefined, 'node node-1'],
    [someEvent, undefined, 'cluster cluster'],
  ])('%#: of %j', async (event, what, entity) => {
    const { send, events } = await openEvents();
    expect((await send(event)).statusCode).toBe(204);
    const [read] = events();
    expect([read.change?.what, describeEntity(read.entity), read.origin]).toEqual([what, entity, 'cloudevents']);
  });

  it('keeps who made a change, when, and what the sender says of it', async () => {
    const { send, events } = await openEvents();
    const time = new Date(nowMs - 5000).toISOString();
    const data = { service: 'cart', namespace: 'shop', by: 'release-bot', message: 'cart 1.4.2' };
    await send({ ...someEvent, type: 'dev.kybern.change.v1', time, data });
    expect(events()[0]).toMatchObject({
      atMs: nowMs - 5000,
      reason: 'dev.kybern.change.v1',
      message: 'cart 1.4.2',
      change: { what: 'rollout', by: 'release-bot' },
    });
  });

  it('is cut where it is long', async () => {
    const { send, events } = await openEvents();
    await send({ ...someEvent, type: 'x'.repeat(50_000), data: { message: 'y'.repeat(50_000) } });
    expect([events()[0].reason.length, events()[0].message.length]).toEqual([1000, 1000]);
  });
});
