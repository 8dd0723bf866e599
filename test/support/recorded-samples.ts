import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createRandom } from '../../model/index.ts';

const minuteMs = 60_000;

/** One series in NAB's layout, two days by five minutes with a daily rhythm, and one labelled hour at four times the usual. */
export function writeNabSample(folder: string): { readonly startMs: number; readonly endMs: number } {
  const random = createRandom(3);
  const firstMs = Date.UTC(2024, 2, 4);
  const startMs = firstMs + 40 * 60 * minuteMs;
  const endMs = startMs + 60 * minuteMs;
  const lines = ['timestamp,value'];
  for (let at = firstMs; at < firstMs + 48 * 60 * minuteMs; at += 5 * minuteMs) {
    const usual = 50 + 5 * Math.sin((at / 86_400_000) * 2 * Math.PI) + 2 * random();
    lines.push(`${stamp(at)},${(at >= startMs && at < endMs ? 4 * usual : usual).toFixed(3)}`);
  }
  mkdirSync(join(folder, 'data', 'made'), { recursive: true });
  mkdirSync(join(folder, 'labels'));
  writeFileSync(join(folder, 'data', 'made', 'cpu_of_a_server.csv'), `${lines.join('\n')}\n`);
  const window = [`${stamp(startMs)}.000000`, `${stamp(endMs)}.000000`];
  writeFileSync(
    join(folder, 'labels', 'combined_windows.json'),
    JSON.stringify({ 'made/cpu_of_a_server.csv': [window] }),
  );
  return { startMs, endMs };
}

const stamp = (atMs: number) => new Date(atMs).toISOString().slice(0, 19).replace('T', ' ');

const nodes = ['door', 'stock', 'basket', 'store'] as const;

/**
 * A scenario in PetShop's layout: door calls stock and basket, stock calls store. A day of health, then an issue in which
 * the store takes a second more, and all that wait for it.
 */
export function writePetshopSample(folder: string): void {
  const random = createRandom(5);
  const issueMs = Date.UTC(2024, 2, 6, 12);
  const row = (atMs: number, extra: number): string => {
    const waits = { door: 0.2 + extra, stock: 0.1 + extra, basket: 0.05, store: 0.02 + extra };
    const cells = nodes.flatMap((node) => [
      (waits[node] * (1 + 0.1 * random())).toFixed(5),
      100,
      Math.round(500 + 40 * random()),
    ]);
    return [(atMs / 1000).toFixed(1), ...cells].join(',');
  };
  const table = (firstMs: number, extras: readonly number[]): string =>
    [
      ['microservice', ...nodes.flatMap((node) => [node, node, node])].join(','),
      ['metric', ...nodes.flatMap(() => ['latency', 'availability', 'requests'])].join(','),
      ['statistic', ...nodes.flatMap(() => ['Average', 'Average', 'Sum'])].join(','),
      `unix_timestamp${','.repeat(nodes.length * 3)}`,
      ...extras.map((extra, index) => row(firstMs + index * 5 * minuteMs, extra)),
    ].join('\n');
  const issue = join(folder, 'made', 'train', 'issue_0');
  mkdirSync(issue, { recursive: true });
  mkdirSync(join(folder, 'made', 'noissue'));
  const calls = { door: ['stock', 'basket'], stock: ['store'], basket: [], store: [] } as const;
  const matrix = nodes.map((node) => [
    node,
    ...nodes.map((other) => ((calls[node] as readonly string[]).includes(other) ? 1 : 0)),
  ]);
  writeFileSync(
    join(folder, 'made', 'graph.csv'),
    [['', ...nodes], ...matrix].map((cells) => cells.join(',')).join('\n'),
  );
  writeFileSync(
    join(folder, 'made', 'noissue', 'metrics.csv'),
    table(issueMs + 90 * 86_400_000, new Array<number>(288).fill(0)),
  );
  writeFileSync(join(issue, 'metrics.csv'), table(issueMs, [0, 0, 1, 1, 1]));
  const target = { node: 'door', metric: 'latency', agg: 'Average', timestamp: issueMs / 1000 + 600 };
  writeFileSync(join(issue, 'target.json'), JSON.stringify({ target, root_cause: { node: 'store', metric: null } }));
}
