import { expect, test } from 'vitest';
import { type Anomaly, createRandom, type Detectors, type SeriesCatalog } from '../../model/index.ts';
import { logBatch, type TestLine } from '../testing/log-lines.ts';
import { startMs } from '../testing/synthetic.ts';
import { createWorkbench } from '../testing/workbench.ts';

const info = 9;
const error = 17;

function requests(window: number, count: number): TestLine[] {
  return Array.from({ length: count }, (_, index) => ({
    pod: 'cart-1',
    timeMs: startMs + window * 5000 + index * 10,
    severity: info,
    body: `GET /cart/${index} took ${index % 17} ms`,
  }));
}

async function run(
  { catalog, detectors }: { catalog: SeriesCatalog; detectors: Detectors },
  windows: number,
  linesOf: (window: number) => TestLine[],
): Promise<{ told: Anomaly[]; values: Map<string, number[]> }> {
  const told: Anomaly[] = [];
  const values = new Map<string, number[]>();
  for (let window = 0; window < windows; window += 1) {
    await detectors.observe(logBatch(catalog, linesOf(window)));
    const { anomalies, derived } = await detectors.advance(startMs + (window + 1) * 5000);
    told.push(...anomalies);
    for (const batch of derived) {
      for (let row = 0; row < batch.count; row += 1) {
        const { name, labels, origin } = catalog.get(batch.series[row]!);
        expect(origin).toBe('logs');
        const severity = labels.find((label) => label[0] === 'severity')?.[1] ?? '';
        const key = `${name}|${severity}`;
        values.set(key, [...(values.get(key) ?? []), batch.values[row]!]);
      }
    }
  }
  return { told, values };
}

test('records are counted by severity and by template, zeros included', async () => {
  const { values } = await run(createWorkbench(), 4, (window) => requests(window, window === 2 ? 0 : 50));
  expect(values.get('log.records.rate|info')).toEqual([10, 10, 0, 10]);
  expect(values.get('log.records.rate|error')).toEqual([0, 0, 0, 0]);
  expect(values.get('log.template.rate|')).toEqual([10, 10, 0, 10]);
});

test('an error template never seen before is an anomaly with its line, once, and clears when it falls silent', async () => {
  const bench = createWorkbench();
  const failure = (window: number): TestLine[] =>
    window >= 20 && window < 26
      ? Array.from({ length: 4 }, (_, index) => ({
          pod: 'cart-1',
          timeMs: startMs + window * 5000 + index * 100,
          severity: error,
          body: `OutOfMemoryError: heap space exhausted after ${window * 100 + index} allocations`,
        }))
      : [];
  const { told } = await run(bench, 60, (window) => [...requests(window, 20), ...failure(window)]);
  const ofTemplate = told.filter(({ metric }) => metric === 'log.template.rate');
  expect(ofTemplate.map(({ state }) => state)).toEqual(['firing', 'cleared']);
  expect(ofTemplate[0]).toMatchObject({
    detector: 'log-template',
    signal: 'log-rate',
    onset: new Date(startMs + 100_000).toISOString(),
    detectedAt: new Date(startMs + 105_000).toISOString(),
    entity: { kind: 'pod', namespace: 'shop', name: 'cart-1' },
  });
  expect(ofTemplate[0]!.reason).toContain('OutOfMemoryError: heap space exhausted after 2000 allocations');
  expect(ofTemplate[1]!.clearedAt).toBe(new Date(startMs + 130_000).toISOString());
});

test('errors present from the start are known, and a jump of their rate fires with an example', async () => {
  const random = createRandom(5);
  const failures = (window: number): TestLine[] =>
    Array.from({ length: (window < 100 ? 2 : 40) + Math.floor(3 * random()) }, (_, index) => ({
      pod: 'cart-1',
      timeMs: startMs + window * 5000 + index * 10,
      severity: error,
      body: `payment ${index} declined by provider`,
    }));
  const { told } = await run(createWorkbench(), 110, (window) => [...requests(window, 20), ...failures(window)]);
  expect(told.map(({ detector }) => detector).sort()).toEqual(['log-severity', 'log-template', 'log-template-rate']);
  const rate = told.find(({ detector }) => detector === 'log-template')!;
  expect(rate).toMatchObject({ metric: 'log.records.rate', state: 'firing' });
  expect(rate.onset).toBe(new Date(startMs + 101 * 5000).toISOString());
  for (const { reason } of told) expect(reason).toContain('such as: payment 0 declined by provider');
});

test('a line without a severity is judged by the word it carries', async () => {
  const { values } = await run(createWorkbench(), 1, () => [
    { pod: 'cart-1', timeMs: startMs, severity: 0, body: '10:00:01 [ERROR] cannot reach redis' },
    { pod: 'cart-1', timeMs: startMs, severity: 0, body: 'level=warn msg="slow query"' },
    { pod: 'cart-1', timeMs: startMs, severity: 0, body: 'all is well, mirrored' },
  ]);
  expect(values.get('log.records.rate|error')).toEqual([0.2]);
  expect(values.get('log.records.rate|warn')).toEqual([0.2]);
  expect(values.get('log.records.rate|info')).toEqual([0.2]);
});

test('an entity has a bounded number of template series', async () => {
  const bench = createWorkbench();
  const words = 'abcdefghijklmnopqrstuvwxyz'.split('');
  await run(bench, 3, (window) =>
    Array.from({ length: 200 }, (_, index) => ({
      pod: 'cart-1',
      timeMs: startMs + window * 5000 + index,
      severity: info,
      body: `${words[index % 26]}${words[Math.floor(index / 26)]}z tells ${words[(index * 7) % 26]} otherwise than ${words[(index * 5 + Math.floor(index / 26)) % 26]}`,
    })),
  );
  let templateSeries = 0;
  for (let id = 0; id < bench.catalog.size; id += 1) {
    if (bench.catalog.get(id).name === 'log.template.rate') templateSeries += 1;
  }
  expect(templateSeries).toBe(50);
});

const letters = 'abcdefghij';
const wordOf = (n: number): string => [...String(n)].map((digit) => letters[Number(digit)]).join('');

test('what a pod writes may be new for ever: its template series grow by fifty a day, not with each line', async () => {
  const bench = createWorkbench();
  const perWindow = 20;
  await run(bench, 1000, (window) =>
    Array.from({ length: perWindow }, (_, index) => {
      const at = window * perWindow + index;
      const body = `${wordOf(at)} ${wordOf(at * 7)} said ${wordOf(at * 3)} of ${wordOf(at * 11)}`;
      return { pod: 'chat-1', timeMs: startMs + window * 5000 + index, severity: info, body };
    }),
  );
  let templateSeries = 0;
  for (let id = 0; id < bench.catalog.size; id += 1) {
    if (bench.catalog.get(id).name === 'log.template.rate') templateSeries += 1;
  }
  expect(templateSeries).toBeGreaterThanOrEqual(50);
  expect(templateSeries).toBeLessThan(55);
});

test('a flood of fatal lines that are all different is eight anomalies, not one a line', async () => {
  const { told } = await run(createWorkbench(), 200, (window) => [
    ...requests(window, 5),
    ...(window < 50 ? [] : [0, 1, 2]).map((index) => {
      const at = window * 3 + index;
      const body = `${wordOf(at)} ${wordOf(at * 7)} broke ${wordOf(at * 3)} of ${wordOf(at * 11)}`;
      return { pod: 'cart-1', timeMs: startMs + window * 5000 + index, severity: 21, body };
    }),
  ]);
  const fresh = told.filter(({ reason, state }) => state === 'firing' && reason.includes('never seen before'));
  expect(fresh).toHaveLength(8);
});

test('a pod that writes no more is forgotten, one that comes back is counted again', async () => {
  const bench = createWorkbench();
  const windowsPerIdle = 120;
  const { values } = await run(bench, 2 * windowsPerIdle, (window) =>
    window === 0 || window === 2 * windowsPerIdle - 1 ? requests(window, 5) : [],
  );
  const info = values.get('log.records.rate|info')!;
  expect(info.length).toBeLessThan(windowsPerIdle + 5);
  expect([info[0], info[1], info.at(-1)]).toEqual([1, 0, 1]);
});
