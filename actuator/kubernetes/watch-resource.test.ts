import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { KubeConfig } from '@kubernetes/client-node';
import { afterEach, describe, expect, test } from 'vitest';
import { createRandom, noMetrics } from '../../model/index.ts';
import { type Listed, watchResource } from './watch-resource.ts';

const servers: Server[] = [];
const running: { abort: AbortController; done: Promise<void> }[] = [];
afterEach(async () => {
  for (const { abort, done } of running.splice(0)) {
    abort.abort();
    await done;
  }
  for (const server of servers.splice(0)) server.close().closeAllConnections();
});

type Answer = (response: ServerResponse) => void;

const pod = (name: string, resourceVersion: string): Listed => ({ metadata: { uid: name, name, resourceVersion } });
const listOf =
  (resourceVersion: string, items: readonly Listed[], more: object = {}): Answer =>
  (response) =>
    void response.end(JSON.stringify({ metadata: { resourceVersion, ...more }, items }));
const line = (type: string, object: object) => `${JSON.stringify({ type, object })}\n`;
const streamOf =
  (...lines: readonly string[]): Answer =>
  (response) =>
    void response.end(lines.join(''));
const status =
  (code: number, headers: Record<string, string> = {}): Answer =>
  (response) =>
    void response.writeHead(code, headers).end('{}');
const silence: Answer = (response) => response.flushHeaders();

/** An API server that answers by a script, lists and watches apart, and a clock a thousand times as fast. */
async function world(lists: Answer[], watches: Answer[]) {
  let nowMs = 0;
  const asked: string[] = [];
  const askedAtMs: number[] = [];
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://server');
    const watch = url.searchParams.get('watch') === 'true';
    asked.push(
      watch
        ? `watch ${url.searchParams.get('resourceVersion')}`
        : `list ${url.searchParams.get('continue') ?? ''}`.trim(),
    );
    askedAtMs.push(nowMs);
    const answer = (watch ? watches : lists).shift() ?? silence;
    answer(response);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const config = new KubeConfig();
  config.loadFromClusterAndUser(
    { name: 'fake', server: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, skipTLSVerify: true },
    { name: 'user', token: 'secret' },
  );
  const seen: string[] = [];
  const slept: number[] = [];
  let refusals = 0;
  const abort = new AbortController();
  const done = watchResource<Listed>(
    {
      config: () => config,
      refused: () => void refusals++,
      clock: {
        now: () => nowMs,
        sleep: (milliseconds, signal) => {
          if (milliseconds !== 1000) slept.push(milliseconds);
          return new Promise((resolve) => {
            const end = (whole: boolean) => {
              clearTimeout(timer);
              signal?.removeEventListener('abort', cut);
              if (whole) nowMs += milliseconds;
              resolve(whole);
            };
            const cut = () => end(false);
            const timer = setTimeout(() => end(true), milliseconds / 1000);
            if (signal?.aborted) cut();
            else signal?.addEventListener('abort', cut);
          });
        },
      },
      random: createRandom(1),
      metrics: noMetrics,
      signal: abort.signal,
    },
    {
      name: 'pods',
      path: '/api/v1/pods',
      listed: (items) => void seen.push(`listed ${items.map(({ metadata }) => metadata?.name).join()}`),
      changed: (type, { metadata }) => void seen.push(`${type} ${metadata?.name}`),
    },
  );
  running.push({ abort, done });
  return {
    asked,
    askedAtMs,
    seen,
    slept,
    refusals: () => refusals,
    /** Waits until so much was asked. */
    async until(count: number) {
      const deadline = performance.now() + 5_000;
      while (asked.length < count && performance.now() < deadline)
        await new Promise((resolve) => setTimeout(resolve, 5));
      await new Promise((resolve) => setTimeout(resolve, 20));
      return asked.slice(0, count);
    },
  };
}

describe('following a resource', () => {
  test('lists page by page, then watches from there; bookmarks move the version on', async () => {
    const { until, seen } = await world(
      [listOf('7', [pod('a', '1')], { continue: 'more' }), listOf('7', [pod('b', '2')])],
      [streamOf(line('ADDED', pod('c', '8')), line('BOOKMARK', { metadata: { resourceVersion: '20' } }))],
    );
    expect(await until(4)).toEqual(['list', 'list more', 'watch 7', 'watch 20']);
    expect(seen).toEqual(['listed a,b', 'ADDED c']);
  });

  test('lists anew where its version is gone, be it told by a status or within the stream', async () => {
    const gone = line('ERROR', { kind: 'Status', code: 410, reason: 'Expired' });
    const { until, seen } = await world(
      [listOf('1', []), listOf('5', [pod('a', '4')]), listOf('9', [pod('a', '4'), pod('b', '8')])],
      [streamOf(gone), status(410), silence],
    );
    expect(await until(6)).toEqual(['list', 'watch 1', 'list', 'watch 5', 'list', 'watch 9']);
    expect(seen).toEqual(['listed ', 'listed a', 'listed a,b']);
  });

  test('a server that tells 410 for ever is asked at growing intervals', async () => {
    const { until, slept } = await world(
      Array.from({ length: 6 }, () => listOf('1', [])),
      Array.from({ length: 6 }, () => status(410)),
    );
    await until(10);
    expect(slept[0]).toBe(0);
    for (let at = 2; at < 4; at++) expect(slept[at]).toBeGreaterThan(slept[at - 1]);
  });

  test('a watch that says nothing for 50 s is dead: another one goes on from the same version', async () => {
    const { until, askedAtMs } = await world([listOf('3', [])], [silence, silence]);
    expect(await until(3)).toEqual(['list', 'watch 3', 'watch 3']);
    const waitedMs = askedAtMs[2] - askedAtMs[1];
    expect(waitedMs).toBeGreaterThan(45_000);
    expect(waitedMs).toBeLessThanOrEqual(60_000);
  });

  test('waits as long as a 429 says, rereads its credentials at 401, and asks seldom for what is forbidden', async () => {
    const { until, slept, refusals } = await world(
      [status(429, { 'retry-after': '7' }), status(401), listOf('1', []), listOf('1', [])],
      [status(403)],
    );
    await until(4);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(slept[0]).toBe(7_000);
    expect(refusals()).toBe(1);
    expect(slept.at(-1)).toBe(300_000);
  });

  test('goes on from the last version after a broken connection', async () => {
    const { until, seen } = await world(
      [listOf('1', [])],
      [
        (response) => {
          response.write(line('ADDED', pod('a', '2')), () => response.destroy());
        },
        streamOf(line('MODIFIED', pod('a', '3'))),
      ],
    );
    expect(await until(4)).toEqual(['list', 'watch 1', 'watch 2', 'watch 3']);
    expect(seen).toEqual(['listed ', 'ADDED a', 'MODIFIED a']);
  });
});
