import { expect, test } from 'vitest';
import { createRandom } from '../../model/index.ts';
import type { TestLine } from '../testing/log-lines.ts';
import { debug, error, info, lines, told, warn, windowMs } from '../testing/log-windows.ts';
import { startMs } from '../testing/synthetic.ts';

test('a heartbeat every five seconds, and one every half minute, are told when they stop while other lines go on', async () => {
  const requests = Array.from({ length: 12 }, (_, index) => `GET /cart/${index} took 3 ms`);
  const found = await told(900, (window) => [
    ...lines(window, requests),
    ...(window < 700 || window > 760 ? lines(window, ['scheduler heartbeat ok']) : []),
    ...(window < 800 && window % 6 === 0 ? lines(window, ['lease of leader renewed']) : []),
  ]);
  expect(
    found.map(({ state, detector, reason }) => [state, detector, reason.replace(/^pod shop.cart-1 /, '')]),
  ).toEqual([
    [
      'firing',
      'log-template-rate',
      "no longer writes 'scheduler heartbeat ok', usually every 5 s, while its other lines go on",
    ],
    ['cleared', 'log-template-rate', expect.stringContaining('scheduler heartbeat ok')],
    [
      'firing',
      'log-template-rate',
      "no longer writes 'lease of leader renewed', usually every 30 s, while its other lines go on",
    ],
  ]);
  const window = (at: string): number => (Date.parse(at) - startMs) / windowMs;
  expect([found[0]!, found[2]!].map(({ onset }) => window(onset))).toEqual([700, 799]);
  expect(window(found[0]!.detectedAt)).toBeLessThanOrEqual(713);
  expect(window(found[2]!.detectedAt)).toBeLessThanOrEqual(824);
});

test('a regular line that stops is told also of who writes a few lines a minute, but not where all of them stop', async () => {
  const saved = (window: number, pod: string, isWhole: boolean): TestLine[] => [
    ...lines(window, window % 12 === 0 ? ['100 changes in 60 seconds, saving'] : [], info, pod),
    ...lines(window, window % 12 === 1 ? ['saving ended with success'] : [], info, pod),
    ...lines(window, window % 12 === 1 && isWhole ? ['database saved on disk'] : [], info, pod),
  ];
  const found = await told(2200, (window) => [
    ...saved(window, 'redis-0', window < 1800),
    ...(window < 1800 ? saved(window, 'redis-1', true) : []),
    ...lines(window, ['GET /cart/1 took 3 ms'], info, 'web-1'),
  ]);
  const missing = found.filter(({ state, reason }) => state === 'firing' && reason.includes('no longer writes'));
  expect(missing.map(({ entity, reason }) => [entity.name, reason])).toEqual([
    ['redis-0', expect.stringContaining("no longer writes 'database saved on disk', usually every 60 s")],
  ]);
  expect(Date.parse(missing[0]!.detectedAt) - startMs - 1800 * windowMs).toBeLessThanOrEqual(300_000);
});

test('that errors come no more, or lines of debugging, is not missed', async () => {
  const requests = Array.from({ length: 12 }, (_, index) => `GET /cart/${index} took 3 ms`);
  const found = await told(900, (window) => [
    ...lines(window, requests),
    ...(window < 700 && window % 4 === 0 ? lines(window, ['lease of leader cannot be renewed'], error) : []),
    ...(window < 700 ? lines(window, ['evictor ran', 'evictor slept', 'evictor woke', 'evictor slept'], debug) : []),
    ...(window < 700 ? lines(window, Array(4).fill('peer answers late'), warn) : []),
  ]);
  expect(found).toEqual([]);
});

test('a service whose log stops altogether after more than a day is told, though all that wrote it is forgotten', async () => {
  const minutes = 60;
  const stopped = 30 * minutes;
  const found = await told(
    36 * minutes,
    (minute) => {
      const pods = minute < stopped ? ['cart', 'web'] : ['web'];
      return pods.flatMap((app) =>
        ['GET /1 ok', 'GET /2 ok'].map((body, at) => {
          return { pod: `${app}-1`, app, timeMs: startMs + minute * 60_000 + at, severity: info, body };
        }),
      );
    },
    { windowSeconds: 60 },
  );
  const silent = found.filter(({ reason }) => reason.includes('writes no log lines any more'));
  expect(silent.map(({ state, entity }) => [state, entity.kind, entity.name])).toEqual([
    ['firing', 'service', 'cart'],
    ['cleared', 'service', 'cart'],
  ]);
  expect(Date.parse(silent[0]!.detectedAt) - startMs).toBe((stopped + 5) * 60_000);
});

test('what comes by chance or at one time of the day is not missed, nor what is regular for a second quiet night', async () => {
  const random = createRandom(11);
  // Days are an hour long here.
  const perDay = 720;
  const days = 5;
  const found = await told(days * perDay, (window) => {
    const hour = ((window % perDay) / perDay) * 24;
    const isNight = hour < 8 || hour >= 20;
    const byChance = (perWindow: number): string[] => (random() < perWindow ? ['basket of a guest was emptied'] : []);
    const byDay = random() < Math.max(0, Math.sin((hour / 24) * Math.PI) - 0.3) ? ['invoice was sent by mail'] : [];
    const shift = !isNight && window % 2 === 0 ? ['till is open for trade'] : [];
    return lines(window, ['GET /cart/1 ok', 'GET /cart/2 ok', 'GET /cart/3 ok', ...byChance(0.2), ...byDay, ...shift]);
  });
  const firing = found.filter(({ state }) => state === 'firing');
  expect(firing.map(({ reason }) => reason)).toEqual([
    expect.stringContaining("no longer writes 'till is open for trade'"),
  ]);
  expect(Date.parse(firing[0]!.onset)).toBeLessThan(startMs + perDay * windowMs);
});
