import { expect, test } from 'vitest';
import { createRandom, type Labels } from '../../model/index.ts';
import { createNoise, play, sampleBatch, startMs } from '../testing/synthetic.ts';
import { createWorkbench } from '../testing/workbench.ts';

const minuteMs = 60_000;
const usualMinutes = 1500;

/** What is told of a counter that counts so many a minute for a day, and so many then. */
async function toldOf(name: string, label: readonly [string, string], usual: number, then: number) {
  const { catalog, detectors } = createWorkbench();
  const labels: Labels = [label, ['service.name', 'shop']];
  const id = catalog.intern({ name, labels, kind: 'counter', unit: '', origin: 'received' });
  const noise = createNoise(createRandom(7));
  let total = 0;
  const { told } = await play(detectors, id, { count: usualMinutes + 30, intervalMs: minuteMs }, (tick) => {
    const count = tick < usualMinutes ? usual : then;
    total += Math.max(0, count * (1 + 0.1 * noise()));
    return total;
  });
  return told.filter(({ revision }) => revision === 1).map(({ signal }) => signal);
}

test('requests that fail are errors: more of them are told, and none any more is no loss of traffic', async () => {
  expect(await toldOf('http_requests_total', ['code', '500'], 1.2, 12)).toEqual(['errors']);
  expect(await toldOf('http_requests_total', ['code', '500'], 120, 0)).toEqual([]);
  expect(await toldOf('grpc_server_handled_total', ['grpc_code', 'Unavailable'], 0, 60)).toEqual(['errors']);
  expect(await toldOf('grpc_server_handled_total', ['grpc_code', 'Unavailable'], 60, 0)).toEqual([]);
});

test('requests that succeed are traffic: none any more is told', async () => {
  expect(await toldOf('http_requests_total', ['code', '200'], 120, 0)).toEqual(['traffic']);
});

const secondsMs = 15_000;
const hourTicks = 3_600_000 / secondsMs;

/**
 * What is told of errors that nobody has counted yet, of which `errorsAt` so many come at a tick: after so many hours in which
 * requests with other ends came, and, first, of the same where a counter has stood at 0 all the while.
 */
async function toldOfFirst(
  hours: number,
  errorsAt: (tick: number) => number,
  [family, known, born]: readonly [string, Labels, Labels] = [
    'http_requests_total',
    [['code', '200']],
    [['code', '500']],
  ],
) {
  const told: number[][] = [];
  for (const isStarted of [true, false]) {
    const { catalog, detectors: before } = createWorkbench();
    let detectors = before;
    const counter = (labels: Labels) =>
      catalog.intern({
        name: family,
        labels: [...labels, ['handler', '/cart'], ['service.name', 'shop']],
        kind: 'counter',
        unit: '',
        origin: 'received',
      });
    const [served, failed] = [counter(known), counter(born)];
    const noise = createNoise(createRandom(8));
    const began: number[] = [];
    const from = hours * hourTicks;
    let total = 0;
    let errors = 0;
    for (let tick = 0; tick < from + 80; tick += 1) {
      total += Math.max(0, Math.round(300 + 30 * noise()));
      if (tick === from) {
        // What is known of the others outlives a restart.
        detectors = createWorkbench({ catalog }).detectors;
        expect(detectors.load(before.save())).toBe(true);
      }
      if (tick >= from) errors += errorsAt(tick - from);
      const timeMs = startMs + tick * secondsMs;
      const rows: [number, number, number][] = [[served, timeMs, total]];
      if (isStarted || errors > 0) rows.push([failed, timeMs, errors]);
      const { anomalies } = await detectors.observe(sampleBatch(rows));
      await detectors.advance(timeMs);
      for (const { revision, signal } of anomalies) if (revision === 1 && signal === 'errors') began.push(tick - from);
    }
    told.push(began);
  }
  return told;
}

test('a burst of the first errors ever is told as if their counter had stood at 0 before', async () => {
  expect(await toldOfFirst(26, () => 30)).toEqual([[1], [2]]);
  const grpc = ['grpc_server_handled_total', [['grpc_code', 'OK']], [['grpc_code', 'Unavailable']]] as const;
  expect(await toldOfFirst(26, () => 30, grpc)).toEqual([[1], [2]]);
  const spring = [
    'http_server_requests_seconds_count',
    [
      ['exception', 'None'],
      ['outcome', 'SUCCESS'],
      ['status', '200'],
    ],
    [
      ['exception', 'IOException'],
      ['outcome', 'SERVER_ERROR'],
      ['status', '500'],
    ],
  ] as const;
  expect(await toldOfFirst(26, () => 30, spring)).toEqual([[1], [2]]);
});

test('one first error is no news, nor is one now and then', async () => {
  expect((await toldOfFirst(26, (tick) => (tick === 0 ? 1 : 0)))[1]).toEqual([]);
  expect((await toldOfFirst(26, (tick) => (tick % 5 === 0 ? 1 : 0)))[1]).toEqual([]);
});

test('the first errors of what has itself not been known for a day are how it is', async () => {
  expect((await toldOfFirst(12, () => 30))[1]).toEqual([]);
});

test('what a counter that is new here had counted before is no burst', async () => {
  expect((await toldOfFirst(26, (tick) => (tick === 0 ? 50_000 : 0)))[1]).toEqual([]);
});

test('errors whose past is learnt after that of the requests they are of were not born at its beginning', async () => {
  const told: unknown[] = [];
  for (const isTogether of [true, false]) {
    const { catalog, detectors } = createWorkbench();
    const noise = createNoise(createRandom(5));
    const learnt = 2880;
    const counted = [300, 60].map((usual, at) => {
      const labels: Labels = [
        ['code', ['200', '500'][at]!],
        ['service.name', 'shop'],
      ];
      const id = catalog.intern({ name: 'http_requests_total', labels, kind: 'counter', unit: '', origin: 'received' });
      let total = 0;
      return Array.from({ length: learnt + 60 }, (_, tick): [number, number, number] => {
        const isTwice = at === 1 && tick >= learnt + 30;
        total += Math.max(0, Math.round(usual * (isTwice ? 2 : 1) * (1 + 0.1 * noise())));
        return [id, startMs + tick * minuteMs, total];
      });
    });
    const past = counted.map((rows) => rows.slice(0, learnt));
    const parts = isTogether ? [past[0]!.flatMap((row, tick) => [row, past[1]![tick]!])] : past;
    for (const part of parts) await detectors.learnHistory!(sampleBatch(part));
    await detectors.endHistory!(startMs + learnt * minuteMs);
    const began: number[] = [];
    for (let tick = learnt; tick < learnt + 60; tick += 1) {
      const { anomalies } = await detectors.observe(sampleBatch(counted.map((rows) => rows[tick]!)));
      await detectors.advance(startMs + tick * minuteMs);
      for (const { revision, signal } of anomalies)
        if (revision === 1 && signal === 'errors') began.push(tick - learnt);
    }
    told.push(began);
  }
  expect(told[0]).toHaveLength(1);
  expect(told[1]).toEqual(told[0]);
});
