import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Value } from 'typebox/value';
import { afterEach, describe, expect, test } from 'vitest';
import { KybernError, type SignalBatch, type StateFiles } from '../../model/index.ts';
import { createSeriesCatalog } from '../catalog/series-catalog.ts';
import { createCountedMetrics } from '../testing/counted-metrics.ts';
import { nowMs } from '../testing/door.ts';
import { ingestConfig } from '../testing/ingest-config.ts';
import { createMemoryTopic } from '../testing/memory-topic.ts';
import { QuerySource } from './query-config.ts';
import { createQueryPuller } from './query-puller.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close().closeAllConnections();
});

interface Asked {
  readonly path: string;
  readonly form: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
}
type Answer = (asked: Asked, response: ServerResponse) => void;

const stepSeconds = 15;
/** The end of what is read at `nowMs`, in seconds: 30 s behind. */
const endSeconds = nowMs / 1000 - 30;

/** A query API whose expressions give the number of the step, for every step that is asked. */
const everyStep: Answer = ({ form }, response) => {
  const values: [number, string][] = [];
  for (let at = Number(form.get('start')); at <= Number(form.get('end')); at += Number(form.get('step'))) {
    values.push([at, String(at / stepSeconds)]);
  }
  respond(response, { resultType: 'matrix', result: [{ metric: { __name__: 'm', job: 'api' }, values }] });
};

function respond(response: ServerResponse, data: unknown, more: object = {}, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ status: 'success', data, ...more }));
}

async function world(answer: Answer, settings: Partial<QuerySource> = {}) {
  const asked: Asked[] = [];
  const script = { answer };
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const one = { path: request.url ?? '', form: new URLSearchParams(body), headers: request.headers };
      asked.push(one);
      script.answer(one, response);
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const source = Value.Parse(
    QuerySource,
    Value.Default(QuerySource, {
      url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/prometheus/`,
      name: 'stand',
      timeoutSeconds: 1,
      ...(settings.match === undefined ? { queries: [{ expr: 'up' }] } : {}),
      ...settings,
    }),
  );
  const saved = new Map<string, Uint8Array>();
  const stateFiles: StateFiles = {
    get: async (name) => saved.get(name),
    put: async (name, value) => void saved.set(name, value instanceof Uint8Array ? value : Buffer.concat(value)),
  };
  const metrics = createCountedMetrics();
  const catalog = createSeriesCatalog(createMemoryTopic(), ingestConfig().limits);
  const log = { broken: false, batches: [] as SignalBatch[] };
  const told: string[] = [];
  const time = { now: nowMs };
  const start = () =>
    createQueryPuller({
      source,
      limits: ingestConfig().limits,
      catalog,
      metrics,
      stateFiles,
      append: async (batches) => {
        if (log.broken) throw new KybernError('KYBERN_LOG_UNAVAILABLE', 'broken for a test');
        log.batches.push(...batches);
      },
      clock: { now: () => time.now, sleep: async () => false },
      tell: (level, text) => void told.push(`${level} ${text}`),
    });
  let puller = start();
  return {
    asked,
    script,
    metrics,
    catalog,
    log,
    told,
    time,
    standing: () => puller.standing().detail,
    restart: () => {
      puller = start();
    },
    /** Pulls until there is nothing to read. */
    async pull() {
      while (await puller.pull(new AbortController().signal));
    },
    samples: () =>
      log.batches.flatMap((batch) =>
        batch.kind === 'samples'
          ? Array.from({ length: batch.count }, (_, row) => {
              const { name, labels } = catalog.get(batch.series[row]);
              const inside = labels.map(([label, value]) => `${label}="${value}"`).join(',');
              return `${name}{${inside}} ${batch.values[row]} @${(batch.timesMs[row] - endSeconds * 1000) / 1000}`;
            })
          : [],
      ),
    /** received - accepted - rejected - dropped. */
    unaccounted: () => {
      const total = (what: string) => metrics.total(`kybern_ingest_items_${what}_total`, { protocol: 'query' });
      return total('received') - total('accepted') - total('rejected') - total('dropped');
    },
  };
}

const times = (samples: readonly string[]) => samples.map((sample) => Number(sample.split('@')[1]));

describe('pulling expressions', () => {
  test('asks for whole steps, then only for what is new; late samples are looked for and known ones left out', async () => {
    const { pull, samples, asked, time, metrics, unaccounted } = await world(everyStep);
    await pull();
    expect(asked[0].path).toBe('/prometheus/api/v1/query_range');
    expect(samples()).toEqual([`m{job="api"} ${endSeconds / stepSeconds} @0`]);
    time.now += 29_000;
    await pull();
    time.now += 1_000;
    await pull();
    expect(times(samples())).toEqual([0, 15, 30]);
    expect(asked.at(-1)?.form.get('start')).toBe(`${endSeconds.toFixed(3)}`);
    expect(metrics.total('kybern_ingest_items_dropped_total', { reason: 'duplicate' })).toBeGreaterThan(0);
    expect(unaccounted()).toBe(0);
  });

  test('reads history in chunks and in order of time, tells how far it is, and goes on where it stood', async () => {
    const settings = { backfillSeconds: 3600, chunkSeconds: 600, queries: ['a', 'b'].map((as) => ({ expr: as, as })) };
    const { pull, samples, asked, told, restart, log } = await world(everyStep, settings);
    await pull();
    expect(times(samples())).toEqual(times(samples()).toSorted((a, b) => a - b));
    const expected = Array.from({ length: 241 }, (_, step) => (step - 240) * stepSeconds);
    for (const name of ['a', 'b']) expect(times(samples().filter((text) => text.startsWith(name)))).toEqual(expected);
    expect(told.at(0)).toMatch(/^info stand: reads what lies behind/);
    expect(told.at(-1)).toMatch(/100 %/);
    expect(asked.length).toBe(14);
    const before = log.batches.length;
    restart();
    await pull();
    expect([asked.length, log.batches.length]).toEqual([14, before]);
  });

  test('loses nothing and doubles nothing where the log refuses, or the process ends, in the middle', async () => {
    const settings = { backfillSeconds: 1800, chunkSeconds: 300 };
    const { pull, samples, script, restart, log, time, unaccounted } = await world(everyStep, settings);
    let answers = 0;
    script.answer = (asked, response) => {
      if (++answers === 3) log.broken = true;
      everyStep(asked, response);
    };
    await pull();
    log.broken = false;
    time.now += 2_000;
    restart();
    await pull();
    expect(times(samples())).toEqual(Array.from({ length: 121 }, (_, step) => (step - 120) * stepSeconds));
    expect(unaccounted()).toBe(0);
  });

  test('a metric may stand behind its values, be renamed, and gets the labels of the source', async () => {
    const answer: Answer = (_asked, response) =>
      respond(response, {
        result: [{ values: [[endSeconds, '1.5']], metric: { x: 'y', zone: 'b' } }],
        resultType: 'matrix',
      });
    const { pull, samples } = await world(answer, { queries: [{ expr: 'sum(up)', as: 'ups' }], labels: { zone: 'a' } });
    await pull();
    expect(samples()).toEqual(['ups{exported_zone="b",x="y",zone="a"} 1.5 @0']);
  });

  test('says who asks and how much it wants', async () => {
    const { pull, asked } = await world(everyStep, { headers: { 'X-Scope-OrgID': 'shop' } });
    await pull();
    expect(Object.fromEntries(asked[0].form)).toMatchObject({ query: 'up', step: '15', timeout: '1s', limit: '50001' });
    expect(asked[0].headers['x-scope-orgid']).toBe('shop');
  });
});

describe('pulling selectors', () => {
  test('takes stored samples at their own times, each once', async () => {
    const answer: Answer = ({ form }, response) => {
      const [, ms] = /\[(\d+)ms\]$/.exec(form.get('query') ?? '') ?? [];
      const to = Number(form.get('time'));
      const values = [3.25, 13.5, 40.001]
        .map((at) => [endSeconds + at, '1'])
        .filter(([at]) => Number(at) <= to && Number(at) >= to - Number(ms) / 1000);
      respond(response, { resultType: 'matrix', result: [{ metric: { __name__: 'm' }, values }] });
    };
    const { pull, samples, asked, time } = await world(answer, { match: ['{job="api"}'] });
    await pull();
    time.now += 15_000;
    await pull();
    time.now += 30_000;
    await pull();
    expect(asked[0].path).toBe('/prometheus/api/v1/query');
    expect(asked.at(-1)?.form.get('query')).toMatch(/^\{job="api"\}\[\d+ms\]$/);
    expect(samples()).toEqual(['m{} 1 @3.25', 'm{} 1 @13.5', 'm{} 1 @40.001']);
  });
});

describe('an answer', () => {
  test('of nothing is missing, never zero', async () => {
    const { pull, samples, metrics } = await world((_asked, response) =>
      respond(response, { resultType: 'matrix', result: [] }),
    );
    await pull();
    expect(samples()).toEqual([]);
    expect(metrics.total('kybern_query_requests_total', { outcome: 'empty' })).toBe(1);
  });

  test('with warnings and infos is used, and they are told once', async () => {
    const { pull, samples, told, time, metrics } = await world(({ form }, response) => {
      const data = {
        resultType: 'matrix',
        result: [{ metric: { __name__: 'm' }, values: [[Number(form.get('end')), '1']] }],
      };
      respond(response, data, {
        warnings: ['a store did not answer'],
        infos: ['m might not be a counter'],
        isPartial: true,
      });
    });
    await pull();
    time.now += 15_000;
    await pull();
    expect(samples()).toHaveLength(2);
    expect(told.map((text) => text.replace(/^.*: /, ''))).toEqual([
      'a store did not answer',
      'm might not be a counter',
      'the answer is partial',
    ]);
    expect(metrics.total('kybern_query_warnings_total')).toBe(6);
  });

  test('holds NaN, infinities and native histograms: counted, and no values', async () => {
    const values = [
      [endSeconds, 'NaN'],
      [endSeconds, '+Inf'],
      [endSeconds, '-Inf'],
      [endSeconds, '-2.5e-3'],
    ];
    const histograms = [[endSeconds, { count: '1', sum: '2', buckets: [[0, '1', '2', '1']] }]];
    const { pull, samples, metrics, unaccounted } = await world((_asked, response) =>
      respond(response, { resultType: 'matrix', result: [{ metric: { __name__: 'm' }, values, histograms }] }),
    );
    await pull();
    expect(samples()).toEqual(['m{} -0.0025 @0']);
    expect(metrics.total('kybern_ingest_items_rejected_total', { reason: 'unsupported' })).toBe(1);
    expect(unaccounted()).toBe(0);
  });

  test.each([400, 401, 403, 422])('of %d is told with its code, and not asked again for minutes', async (status) => {
    const { pull, asked, standing, time, told, script, samples } = await world((_asked, response) =>
      respond(response, undefined, { status: 'error', errorType: 'execution', error: 'too many chunks' }, status),
    );
    await pull();
    for (let minute = 0; minute < 4; minute++) {
      time.now += 60_000;
      await pull();
    }
    expect(asked).toHaveLength(1);
    expect(standing()).toMatch(
      new RegExp(`^KYBERN_QUERY_REFUSED: .*answers ${status} to up: execution too many chunks`),
    );
    expect(told).toHaveLength(1);
    script.answer = everyStep;
    time.now += 60_000;
    await pull();
    expect(standing()).toMatch(/^read to/);
    expect(samples()).toHaveLength(21);
  });

  test.each<[string, Answer, string]>([
    [
      '503',
      (_asked, response) => respond(response, undefined, { status: 'error', error: 'busy' }, 503),
      'KYBERN_UNAVAILABLE',
    ],
    ['nothing in time', () => {}, 'KYBERN_UNAVAILABLE'],
    ['a slow drip', (_asked, response) => drip(response), 'KYBERN_UNAVAILABLE'],
    ['a page of HTML', (_asked, response) => response.end('<html>502 proxy</html>'), 'KYBERN_BODY_UNREADABLE'],
    [
      'half an answer',
      (_asked, response) => response.end('{"status":"success","data":{"resultType":"matrix"'),
      'KYBERN_BODY_UNREADABLE',
    ],
  ])('of %s is asked again, with growing pauses', async (_what, answer, code) => {
    const { pull, asked, standing, time, script, samples, metrics } = await world(answer);
    await pull();
    time.now += 500;
    await pull();
    expect(asked).toHaveLength(1);
    expect(standing()).toContain(code);
    expect(metrics.total('kybern_query_requests_total', { outcome: code })).toBe(1);
    script.answer = everyStep;
    time.now += 600;
    await pull();
    expect(samples()).toHaveLength(1);
  });

  test('with Retry-After is waited for as long as it says', async () => {
    const { pull, asked, time, script } = await world((_asked, response) =>
      response.writeHead(503, { 'retry-after': '20' }).end('{}'),
    );
    await pull();
    script.answer = everyStep;
    time.now += 19_000;
    await pull();
    expect(asked).toHaveLength(1);
    time.now += 1_000;
    await pull();
    expect(asked).toHaveLength(2);
  });

  test('over the limits is not taken: less time is asked for, down to a step', async () => {
    const limits = { series: 10, points: 5, bodyBytes: 100_000 };
    const { pull, samples, asked } = await world(everyStep, { backfillSeconds: 300, chunkSeconds: 300, limits });
    await pull();
    expect(times(samples())).toEqual(Array.from({ length: 21 }, (_, step) => (step - 20) * stepSeconds));
    expect(asked.length).toBeGreaterThan(4);
  });

  test('of a gigabyte is given up at its limit', async () => {
    const limits = { series: 10, points: 5, bodyBytes: 100_000 };
    let sent = 0;
    const { pull, standing } = await world(
      (_asked, response) => {
        const more = () => {
          sent += 65_536;
          if (sent < 1e9 && !response.destroyed) response.write(Buffer.alloc(65_536, ' '), more);
        };
        more();
      },
      { limits },
    );
    await pull();
    expect(standing()).toContain('KYBERN_BODY_TOO_LARGE');
    expect(sent).toBeLessThan(100_000_000);
  });
});

/** A byte now and then, for ever. */
function drip(response: ServerResponse): void {
  const timer = setInterval(() => (response.destroyed ? clearInterval(timer) : response.write(' ')), 50);
}
