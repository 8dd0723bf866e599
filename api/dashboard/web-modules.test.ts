import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

interface Layout {
  readonly places: ReadonlyMap<string, { readonly x: number; readonly y: number }>;
  readonly routes: readonly (readonly { readonly x: number; readonly y: number }[])[];
  readonly width: number;
  readonly height: number;
}
type Edge = { readonly from: string; readonly to: string };
type LayOut = (
  ids: readonly string[],
  edges: readonly Edge[],
  size: Record<'width' | 'height' | 'gapX' | 'gapY', number>,
) => Layout;
interface Format {
  formatQuantity(value: number, unit?: string): string;
  formatDuration(milliseconds: number): string;
  formatPercent(share: number): string;
  describeChange(change: unknown): { what: string; from: string; to: string };
}

const web = fileURLToPath(new URL('./web/', import.meta.url));
const size = { width: 100, height: 30, gapX: 40, gapY: 10 };
const load = async <T>(path: string): Promise<T> => (await import(join(web, path))) as T;
const { layOut } = await load<{ readonly layOut: LayOut }>('js/graph/layered-layout.js');
const format = await load<Format>('js/format.js');
const { describeSilence } = await load<{
  describeSilence(status: {
    readonly now: string;
    readonly uptimeSeconds: number;
    readonly lastReceived: Readonly<Record<string, string>>;
  }): string | undefined;
}>('js/words/silent-telemetry.js');

describe('the layout of the graph', () => {
  test('puts callers to the left of what they call', () => {
    const edges = [
      { from: 'web', to: 'cart' },
      { from: 'cart', to: 'redis' },
      { from: 'web', to: 'redis' },
    ];
    const { places, routes } = layOut(['redis', 'web', 'cart'], edges, size);
    expect(['web', 'cart', 'redis'].map((id) => places.get(id)?.x)).toEqual([0, 140, 280]);
    expect(routes[2], 'a long edge passes between').toHaveLength(4);
  });

  test('draws a cycle, each edge from its start to its end', () => {
    const edges = [
      { from: 'a', to: 'b' },
      { from: 'b', to: 'a' },
    ];
    const { routes } = layOut(['a', 'b'], edges, size);
    expect(routes[0]?.[0]).toEqual(routes[1]?.at(-1));
  });

  test('of any graph keeps nodes apart and inside, and every edge drawn once', () => {
    const ids = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
    const name = fc.constantFrom(...ids, 'unknown');
    fc.assert(
      fc.property(fc.array(fc.record({ from: name, to: name }), { maxLength: 30 }), (edges) => {
        const { places, routes, width, height } = layOut(ids, edges, size);
        const boxes = [...places.values()];
        for (const [i, a] of boxes.entries()) {
          expect(a.x + size.width).toBeLessThanOrEqual(width + 1e-6);
          expect(a.y).toBeGreaterThanOrEqual(-1e-6);
          expect(a.y + size.height).toBeLessThanOrEqual(height + 1e-6);
          for (const b of boxes.slice(i + 1)) {
            expect(a.x !== b.x || Math.abs(a.y - b.y) >= size.height - 1e-6).toBe(true);
          }
        }
        for (const [i, { from, to }] of edges.entries()) {
          const drawn = from !== to && from !== 'unknown' && to !== 'unknown';
          expect(routes[i]?.length ?? 0).toEqual(drawn ? expect.any(Number) : 0);
          if (drawn) expect(routes[i]?.length).toBeGreaterThanOrEqual(2);
        }
      }),
    );
  });
});

describe('figures for people', () => {
  test.each([
    [536_870_912, 'bytes', '512 MiB'],
    [0, 'By', '0 B'],
    [0.436, 's', '436 ms'],
    [75_000, 'ms', '1.3 min'],
    [12, '1', '12'],
    [0.0123, '', '0.012'],
    [1_234_567, '{request}', '1.23M'],
    [0.0413, 'ratio', '4.1 %'],
    [0.618, 's/s', '62 %'],
    [4.8, '1/s', '4.8/s'],
    [12, '{request}/s', '12/s'],
    [2.8e-14, '{request}/s', '0/s'],
    [0.4502, '{cpu}', '0.45 cores'],
    [Number.NaN, '', '–'],
  ])('%d %s is %s', (value, unit, text) => expect(format.formatQuantity(value, unit)).toBe(text));

  test('durations and shares', () => {
    expect([48_000, 900_000, 7_500_000].map(format.formatDuration)).toEqual(['48 s', '15 min', '2 h 5 min']);
    expect([0, 0.004, 0.86, 1].map(format.formatPercent)).toEqual(['0 %', '0.4 %', '86 %', '100 %']);
  });

  test('a change of resources names only what changes', () => {
    const from = { requests: { cpuCores: 0.25 }, limits: { memoryBytes: 536_870_912 } };
    const to = { requests: { cpuCores: 0.25 }, limits: { memoryBytes: 805_306_368 } };
    const change = { type: 'resources', method: 'template', container: 'cart', from, to };
    expect(format.describeChange(change)).toEqual({
      what: 'cart (rolls the pods)',
      from: 'memory limit 512 MiB',
      to: 'memory limit 768 MiB',
    });
  });
});

test('no module of the dashboard turns text into markup or code', () => {
  const files = readdirSync(join(web, 'js'), { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.js'),
  );
  expect(files.length).toBeGreaterThan(20);
  for (const file of files) {
    const source = readFileSync(join(web, 'js', file), 'utf8');
    expect(source, file).not.toMatch(/innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function/);
  }
});

describe('telemetry that has stopped', () => {
  const at = (minutesAgo: number) => new Date(Date.UTC(2026, 5, 1, 12) - minutesAgo * 60_000).toISOString();
  const told = (lastReceived: Readonly<Record<string, string>>, uptimeSeconds = 86_400) =>
    describeSilence({ now: at(0), uptimeSeconds, lastReceived });

  test('is named, with how long ago the last of it came', () => {
    expect(told({ metrics: at(14), logs: at(1) })).toBe('No metrics for 14 min');
    expect(told({ metrics: at(45), logs: at(45), traces: at(40) })).toBe('No metrics, logs and traces for 40 min');
  });

  test('is not what comes, what never came, or logs of a quiet half hour', () => {
    expect(told({ metrics: at(2), logs: at(25), cluster: at(500) })).toBeUndefined();
    expect(told({ metrics: at(2) })).toBeUndefined();
  });

  test('is all of it where nothing came within ten minutes of the start', () => {
    expect(told({}, 300)).toBeUndefined();
    expect(told({}, 700)).toBe('Nothing received yet');
  });
});
