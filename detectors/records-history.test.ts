import { expect, test } from 'vitest';
import type { Anomaly } from '../model/index.ts';
import { logBatch, type TestLine } from './testing/log-lines.ts';
import { spanBatch, type TestSpan } from './testing/spans.ts';
import { startMs } from './testing/synthetic.ts';
import { createWorkbench, type Workbench } from './testing/workbench.ts';

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;

/** A pod that says what it does each second, and once in a while that something failed. */
function linesOf(fromMs: number, toMs: number, isFailing: (timeMs: number) => boolean): TestLine[] {
  const lines: TestLine[] = [];
  for (let timeMs = fromMs; timeMs < toMs; timeMs += second) {
    lines.push({ pod: 'cart-1', timeMs, severity: 9, body: `served request ${timeMs % 977} in ${timeMs % 13} ms` });
    if (isFailing(timeMs))
      lines.push({ pod: 'cart-1', timeMs, severity: 17, body: `payment refused by gateway, order ${timeMs % 7919}` });
  }
  return lines;
}

async function live({ detectors, catalog }: Workbench, lines: readonly TestLine[]): Promise<Anomaly[]> {
  const told: Anomaly[] = [];
  for (const group of Map.groupBy(lines, ({ timeMs }) => Math.floor(timeMs / (10 * second))).values()) {
    const results = [
      await detectors.observe(logBatch(catalog, group)),
      await detectors.advance(group.at(-1)!.timeMs - second),
    ];
    told.push(...results.flatMap(({ anomalies }) => anomalies));
  }
  return told.filter(({ metric }) => metric === 'log.template.rate');
}

/** Fails for ten seconds. */
const failsFrom = (fromMs: number) => (timeMs: number) => timeMs >= fromMs && timeMs < fromMs + 10 * second;

test('an error that the store knows is not told as new, as it would be by who never saw it', async () => {
  const beganMs = startMs + hour;
  const after = linesOf(beganMs, beganMs + 10 * minute, failsFrom(beganMs + 5 * minute));
  const unknowing = createWorkbench();
  expect(await live(unknowing, after)).toMatchObject([{ state: 'firing' }, { state: 'cleared' }]);

  const knowing = createWorkbench();
  const past = linesOf(startMs, beganMs, failsFrom(startMs + 20 * minute));
  await knowing.detectors.learnRecords?.(logBatch(knowing.catalog, past), true);
  await knowing.detectors.endHistory?.(beganMs);
  expect(await live(knowing, after)).toEqual([]);
});

test('of older lines a selection does, and what is new is told at once', async () => {
  const beganMs = startMs + 100 * hour;
  const bench = createWorkbench();
  const { detectors, catalog } = bench;
  const known = { pod: 'cart-1', timeMs: startMs, severity: 17, body: 'payment refused by gateway, order 17' };
  await detectors.learnRecords?.(logBatch(catalog, [known]), false);
  const tail = linesOf(beganMs - 10 * minute, beganMs, () => false);
  await detectors.learnRecords?.(logBatch(catalog, tail), true);
  await detectors.endHistory?.(beganMs);
  expect(await live(bench, linesOf(beganMs, beganMs + minute, failsFrom(beganMs + 10 * second)))).toEqual([]);
  const anew = linesOf(beganMs + minute, beganMs + 3 * minute, failsFrom(beganMs + 80 * second)).map((line) => ({
    ...line,
    body: line.body.replace('payment refused by gateway', 'cannot allocate memory for basket'),
  }));
  expect(await live(bench, anew)).toMatchObject([{ state: 'firing', detector: 'log-template' }, { state: 'cleared' }]);
});

test('what was told in the past is not cleared in the present, and is known after a restart', async () => {
  const beganMs = startMs + hour;
  const first = createWorkbench();
  const past = linesOf(startMs, beganMs, failsFrom(beganMs - 20 * second));
  await first.detectors.learnRecords?.(logBatch(first.catalog, past), true);
  await first.detectors.endHistory?.(beganMs);
  const again = createWorkbench({ catalog: first.catalog });
  expect(again.detectors.load(first.detectors.save())).toBe(true);
  const after = linesOf(beganMs, beganMs + 5 * minute, failsFrom(beganMs + minute));
  for (const bench of [first, again]) expect(await live(bench, after)).toEqual([]);
});

/** Requests to the shop, one a second, each of which asks the cart; every twentieth minute one also asks the mailer. */
function spansOf(fromMs: number, toMs: number, extra: (timeMs: number) => string | undefined): TestSpan[] {
  const spans: TestSpan[] = [];
  for (let timeMs = fromMs; timeMs < toMs; timeMs += second) {
    const id = 10 * Math.floor((timeMs - startMs) / second) + 1;
    const span = (service: string, at: number, parent: number): TestSpan => ({
      ...{ service, name: `GET /${service}`, id: id + at, parent, startMs: timeMs + at, durationMs: 50 - at, kind: 2 },
    });
    spans.push(span('shop', 0, 0), span('cart', 1, id));
    const asked = extra(timeMs);
    if (asked !== undefined) spans.push(span(asked, 2, id));
  }
  return spans;
}

async function traced({ detectors, catalog }: Workbench, spans: readonly TestSpan[]): Promise<Anomaly[]> {
  const told: Anomaly[] = [];
  for (const group of Map.groupBy(spans, ({ startMs: at }) => Math.floor(at / (10 * second))).values()) {
    const results = [
      await detectors.observe(spanBatch(catalog, group)),
      await detectors.advance(group.at(-1)!.startMs - 2 * second),
    ];
    told.push(...results.flatMap(({ anomalies }) => anomalies));
  }
  return told.filter(({ detector }) => detector === 'new-edge' || detector === 'lost-edge');
}

test('a call that the store knows is not told as new, and one that it does not know is, at once', async () => {
  const beganMs = startMs + hour;
  // Twenty seconds of an hour.
  const mails = (timeMs: number) => ((timeMs - startMs) % hour) / second < 20;
  const bench = createWorkbench();
  const past = spansOf(startMs, beganMs, (timeMs) => (mails(timeMs) ? 'mailer' : undefined));
  for (let row = 0; row < past.length; row += 1000)
    await bench.detectors.learnRecords?.(spanBatch(bench.catalog, past.slice(row, row + 1000)), true);
  await bench.detectors.endHistory?.(beganMs);
  const after = spansOf(beganMs, beganMs + 5 * minute, (timeMs) => {
    if (mails(timeMs)) return 'mailer';
    return timeMs >= beganMs + 3 * minute && timeMs < beganMs + 3.5 * minute ? 'tracker' : undefined;
  });
  const told = await traced(bench, after);
  expect(told).toMatchObject([{ detector: 'new-edge', state: 'firing' }]);
  expect(told[0]!.reason).toContain('shop calls tracker');
});
