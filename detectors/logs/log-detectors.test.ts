import { expect, test } from 'vitest';
import { type Anomaly, createRandom } from '../../model/index.ts';
import type { TestLine } from '../testing/log-lines.ts';
import { error, info, lines, orders, told, warn, windowMs } from '../testing/log-windows.ts';
import { startMs } from '../testing/synthetic.ts';

test('sessions whose lines never came together in such numbers are an anomaly that says what differs', async () => {
  const healthy = (order: number) => [`received order=${order}`, `packed order=${order}`, `sent order=${order}`];
  const broken = (order: number) => [`received order=${order}`, `packed order=${order}`, `packed order=${order}`];
  const found = await told(60, (window) => lines(window, orders(window, 10, window < 40 ? healthy : broken)), {
    sessionBy: 'text',
    sessionKey: 'order=',
    sessionIdleSeconds: 5,
  });
  const [first, ...rest] = found.filter(({ detector }) => detector === 'log-session');
  expect(rest).toEqual([]);
  expect(first).toMatchObject({ metric: 'log.session.unseen.ratio', state: 'firing', lower: 0 });
  expect(first!.expected).toBeLessThan(0.02);
  expect(first!.observed).toBeGreaterThan(first!.upper);
  expect(first!.reason).toContain("'sent order=<*>' 0 times instead of 1");
  expect(first!.reason).toContain("'packed order=<*>' 2 times instead of 1");
  expect(first!.reason).toContain('such as: packed order=0');
});

test('sessions that are all different are no anomaly: what is usually unseen is learnt', async () => {
  const random = createRandom(3);
  const words = ['alpha', 'beta', 'gamma', 'delta', 'eps', 'zeta', 'eta', 'theta'];
  const wild = (order: number) =>
    words.flatMap((word) => Array.from({ length: Math.floor(random() * 6) }, () => `${word} step ran order=${order}`));
  const found = await told(60, (window) => lines(window, orders(window, 10, wild)), {
    sessionBy: 'text',
    sessionKey: 'order=',
    sessionIdleSeconds: 5,
  });
  expect(found).toEqual([]);
});

test('a regular line that is missing while the others go on is an anomaly, and so is a retry storm', async () => {
  const requests = Array.from({ length: 30 }, (_, index) => `GET /cart/${index} took 3 ms`);
  const beats = Array.from({ length: 5 }, () => 'heartbeat sent to leader');
  const retries = Array.from({ length: 60 }, (_, index) => `retry ${index} of call to payment`);
  const found = await told(110, (window) => [
    ...lines(window, requests),
    ...(window < 90 || window > 100 ? lines(window, beats) : []),
    ...lines(window, window < 90 || window > 100 ? retries.slice(0, 2) : retries, warn),
  ]);
  const rates = found.filter(({ detector, state }) => detector === 'log-template-rate' && state === 'firing');
  expect(rates.map(({ reason }) => reason)).toEqual([
    expect.stringContaining("writes 'retry <*> of call to payment' 12/s, usually 0.4/s, such as: retry 0 of call"),
    expect.stringContaining("no longer writes 'heartbeat sent to leader', usually 1/s, while its other lines go on"),
  ]);
  expect(rates[1]!.onset).toBe(new Date(startMs + 90 * windowMs).toISOString());
});

test('a new kind of error that comes once a minute is told at its third line, and stays until two are missing', async () => {
  const failure = ['replication slot inactive for 60 s'];
  const found = await told(700, (window) => [
    ...lines(window, ['GET /cart/1 took 3 ms', 'GET /cart/2 took 3 ms']),
    ...(window >= 400 && window < 640 && window % 12 === 0 ? lines(window, failure, error) : []),
  ]);
  const fresh = found.filter(({ metric }) => metric === 'log.template.rate');
  expect(fresh.map(({ state }) => state)).toEqual(['firing', 'cleared']);
  const [onset, third, last] = [408, 432, 636].map((window) => new Date(startMs + window * windowMs).getTime());
  expect(Date.parse(fresh[0]!.onset)).toBe(onset);
  expect(Date.parse(fresh[0]!.detectedAt)).toBe(third! + windowMs);
  expect(Date.parse(fresh[1]!.clearedAt!)).toBe(last! + windowMs);
});

/** What is told of kinds of error: of `failure`, once a minute from the 400th window on, beside `usual` lines in each. */
async function toldOfErrors(usual: (window: number) => TestLine[], failure: string): Promise<Anomaly[]> {
  const found = await told(640, (window) => [
    ...usual(window),
    ...(window >= 400 && window < 580 && window % 12 === 0 ? lines(window, [failure], error) : []),
  ]);
  return found.filter(({ detector, state }) => detector === 'log-template' && state === 'firing');
}

test('a new error that is like a line of information but for one word is told, with its own line', async () => {
  const established = ['c.e.PaymentClient : connection established', 'c.e.PaymentClient : connection established'];
  const found = await toldOfErrors((window) => lines(window, established), 'c.e.PaymentClient : connection refused');
  expect(found.map(({ reason }) => reason)).toEqual([
    expect.stringContaining('such as: c.e.PaymentClient : connection refused'),
  ]);
  expect(Date.parse(found[0]!.onset)).toBe(startMs + 408 * windowMs);
});

test('a new exception is told though the line that it is wrapped in is known, also among users, who are not', async () => {
  const users = ['ann', 'bob', 'cleo', 'dan', 'eve', 'fay', 'gus', 'hal', 'ida', 'jo'];
  const failed = (user: string, what: string) => `request of user ${user} failed in handler: ${what}: see trace`;
  const usual = (window: number): TestLine[] => [
    ...lines(window, ['GET /cart/1 took 3 ms']),
    ...(window % 4 === 0 ? lines(window, [failed(users[(window / 4) % 10]!, 'java.io.IOException')], error) : []),
  ];
  const found = await toldOfErrors(usual, failed('ann', 'org.hibernate.LazyInitializationException'));
  expect(found.map(({ reason }) => reason)).toEqual([expect.stringContaining('LazyInitializationException')]);
});

test('users, tenants and quoted words in lines of a known error are no new kinds of it', async () => {
  const names = ['ann', 'bob', 'cleo', 'dan', 'eve', 'fay', 'gus', 'hal', 'ida', 'jo', 'kim', 'lea'];
  const of = (window: number): string => names[window < 200 ? window % 2 : Math.floor(window / 4) % 12]!;
  const found = await toldOfErrors(
    (window) => [
      ...lines(window, ['GET /cart/1 took 3 ms']),
      ...(window % 4 === 0
        ? lines(
            window,
            [
              `role "${of(window)}" is unknown here`,
              `msg="write failed" tenant=${of(window)} op=put`,
              `mail of ${of(window)} was refused by the relay`,
            ],
            error,
          )
        : []),
    ],
    'role "zoe" is unknown here',
  );
  expect(found).toEqual([]);
});

test('errors that each come every three minutes are not new when watching begins, nor is a rare line of information ever', async () => {
  const failures = ['ledger of tenant is locked', 'cannot reach mail relay', 'quota lookup timed out twice'];
  const notes = ['compaction of segments finished well', 'license was renewed by operator'];
  const found = await told(700, (window) => [
    ...lines(window, ['GET /cart/1 took 3 ms', 'GET /cart/2 took 3 ms']),
    ...failures.flatMap((body, at) => (window % 36 === 11 + at * 12 ? lines(window, [body], error) : [])),
    ...notes.flatMap((body, at) => (window > 400 && window % 12 === at * 5 ? lines(window, [body]) : [])),
  ]);
  expect(found).toEqual([]);
});

test('an eighth tenant, by whom all become one template, is no burst of the first', async () => {
  const tenants = ['acme', 'globex', 'initech', 'umbrella', 'hooli', 'stark', 'wayne', 'wonka'];
  const found = await told(400, (window) => [
    ...lines(window, ['GET /cart/1 took 3 ms', 'GET /cart/2 took 3 ms']),
    ...tenants
      .slice(0, window < 300 ? 7 : 8)
      .flatMap((tenant) => lines(window, Array(4).fill(`tenant ${tenant} is over its soft quota`), warn)),
  ]);
  expect(found).toEqual([]);
});

test('twice the load, and none of it, say nothing about templates', async () => {
  const found = await told(120, (window) => {
    const load = window < 80 ? 1 : window < 100 ? 4 : 0;
    return lines(
      window,
      Array.from({ length: 20 * load }, (_, index) => [`GET /cart/${index}`, `cache hit for ${index}`]).flat(),
    );
  });
  expect(found).toEqual([]);
});

test('a mix of severities that turns worse is an anomaly, whatever the number of lines', async () => {
  const random = createRandom(9);
  const found = await told(100, (window) =>
    Array.from({ length: 20 }, (_, index) => ({
      pod: 'cart-1',
      timeMs: startMs + window * windowMs + index,
      severity: random() < (window < 80 ? 0.05 : 0.6) ? warn : info,
      body: `cache ${index} answered`,
    })),
  );
  const [mix, ...rest] = found.filter(({ detector }) => detector === 'log-severity');
  expect(rest).toEqual([]);
  expect(mix).toMatchObject({ metric: 'log.severe.ratio', signal: 'log-rate', state: 'firing' });
  expect(mix!.expected).toBeCloseTo(0.05, 1);
  expect(mix!.reason).toMatch(/^[\d.]+ % of the log lines of pod .*cart-1.* are warnings or errors, usually [\d.]+ %/);
});

test('warnings that a job writes each hour are told three times, those that do not end are told again', async () => {
  const perHour = 720;
  const expired = Array.from({ length: 40 }, (_, index) => `entry ${index} of cache expired`);
  const found = await told(6.5 * perHour, (window) => {
    const inHour = window % perHour;
    const isJob = inHour >= 60 && inHour < (window < 6 * perHour ? 66 : 160);
    return [
      ...lines(window, ['GET /cart/1 took 3 ms', 'GET /cart/2 ok', 'GET /3']),
      ...(isJob ? lines(window, expired, warn) : []),
    ];
  });
  const mix = found.filter(({ detector, state }) => detector === 'log-severity' && state === 'firing');
  expect(mix.map(({ onset }) => Math.floor((Date.parse(onset) - startMs) / 3_600_000))).toEqual([0, 1, 2, 6]);
  for (const { reason } of mix) expect(reason).toContain('such as: entry 0 of cache expired');
  expect(found.filter(({ detector }) => detector === 'log-template-rate')).toEqual([]);
});

test('what a job writes each hour is known though its lines come now and then in between', async () => {
  const perHour = 720;
  const rows = Array.from({ length: 40 }, (_, index) => `row ${index} of feed imported`);
  const found = await told(8 * perHour, (window) => {
    const inHour = window % perHour;
    const isJob = inHour >= 120 && inHour < 126;
    // Eight minutes before the sixth and the eighth run, so that these are judged.
    const isStray = window === 5 * perHour + 24 || window === 7 * perHour + 24;
    return [
      ...lines(window, ['GET /cart/1 took 3 ms', 'GET /cart/2 ok', 'GET /3']),
      ...lines(window, isJob ? rows : isStray ? rows.slice(1, 2) : []),
    ];
  });
  expect(found).toEqual([]);
});

test('new pods of a workload may write what is new: which lines come in their windows is learnt first', async () => {
  const usual = ['GET /cart/1 took 3 ms', 'basket of a guest was emptied'];
  const found = await told(1500, (window) => {
    const pod = window < 900 ? 'cart-7f9c8d6b5-x2x9z' : 'cart-5d4f7c9b8-k8s2q';
    const more = window < 900 ? [] : ['recommendations were asked'];
    return lines(window, [...usual, ...more, ...(window < 1400 ? [] : ['breaker of payments opened'])], info, pod);
  });
  expect(found.map(({ state, detector }) => [state, detector])).toEqual([['firing', 'log-session']]);
  expect(found[0]!.reason).toContain("'breaker of payments opened' 1 times instead of 0");
});

test('a steady entity is quiet for a day of windows', async () => {
  const random = createRandom(4);
  const found = await told(3000, (window) =>
    Array.from({ length: 3 + Math.floor(6 * random()) }, (_, index) => ({
      pod: 'cart-1',
      timeMs: startMs + window * windowMs + index,
      severity: random() < 0.02 ? error : info,
      body: ['GET /cart', 'PUT /cart item', 'session of user began today'][Math.floor(3 * random())]!,
    })),
  );
  expect(found).toEqual([]);
});
