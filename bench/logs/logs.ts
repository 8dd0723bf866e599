import { atLeast, type Bench, type BenchOptions, type BenchResult } from '../bench.ts';
import { alignRows } from '../table.ts';
import { groupingBaselines } from './baselines.ts';
import { type GroupingScores, scoreGrouping } from './grouping-scores.ts';
import { defaultLogsDirectory, readLoghub } from './loghub.ts';
import { ownGroups, ownRate } from './own-templates.ts';

export const logsBench: Bench = {
  name: 'logs',
  title: 'log templates on Loghub: grouping accuracy, F1 over templates (FGA) and over pairs, lines a CPU second',
  options: { data: { type: 'string' } },
  usage: '--data DIR   of Loghub systems, each a folder with a *_structured_corrected.csv or *_structured.csv',
  run: measureLogs,
};

const scored = ['groupingAccuracy', 'templateF1', 'pairF1'] as const;

async function measureLogs({ quick, say, given = {} }: BenchOptions): Promise<BenchResult> {
  const data = given.data;
  const systems = readLoghub(typeof data === 'string' ? data : defaultLogsDirectory());
  const methods = new Map<string, GroupingScores[]>();
  const keep = (method: string, scores: GroupingScores): void => {
    const known = methods.get(method);
    if (known === undefined) methods.set(method, [scores]);
    else known.push(scores);
  };
  const rates: number[] = [];
  const newRates: number[] = [];
  for (const { name, lines, templates } of systems) {
    say(`${name}: ${lines.length} lines of ${new Set(templates).size} templates`);
    const { atOnce, inTheEnd } = ownGroups(lines);
    keep('kybern', scoreGrouping(inTheEnd, templates));
    keep('kybernAtOnce', scoreGrouping(atOnce, templates));
    for (const [method, group] of groupingBaselines) keep(method, scoreGrouping(group(lines), templates));
    rates.push(await ownRate(lines, 5, quick));
    newRates.push(await ownRate(lines, 1, quick));
  }
  const own = methods.get('kybern')!;
  const figures: Record<string, number> = {
    ...means('kybern', own),
    ...means('kybernAtOnce', methods.get('kybernAtOnce')!),
    meanLinesPerCpuSecond: mean(rates),
    leastLinesPerCpuSecond: Math.min(...rates),
    meanFirstPassLinesPerCpuSecond: mean(newRates),
  };
  for (const [at, { name }] of systems.entries()) {
    for (const score of scored) figures[named(name, score)] = own[at]![score];
    figures[`${name}LinesPerCpuSecond`] = rates[at]!;
  }
  const beside = Object.assign({}, ...[...groupingBaselines.keys()].map((name) => means(name, methods.get(name)!)));
  return {
    figures,
    baselines: beside,
    bars: [
      atLeast('mean grouping accuracy', mean(own.map(({ groupingAccuracy }) => groupingAccuracy)), 0.88),
      atLeast('lines a CPU second into templates, the slowest system', Math.min(...rates), 200_000),
    ],
    table: renderTable(
      systems.map(({ name }) => name),
      methods,
      rates,
    ),
  };
}

/** Systems down, methods across: grouping accuracy, FGA, F1 over pairs; our lines a CPU second last. */
function renderTable(
  systems: readonly string[],
  methods: ReadonlyMap<string, readonly GroupingScores[]>,
  rates: readonly number[],
): string {
  const cell = (scores: readonly GroupingScores[]): string =>
    scored.map((score) => mean(scores.map((each) => each[score])).toFixed(3)).join(' ');
  const line = (name: string, pick: (scores: readonly GroupingScores[]) => readonly GroupingScores[], rate: number) => [
    name,
    ...[...methods.values()].map((scores) => cell(pick(scores))),
    `${Math.round(rate / 1000)}k`,
  ];
  return [
    'grouping accuracy, FGA, F1 over pairs',
    ...alignRows([
      ['', ...methods.keys(), 'lines/CPU s'],
      ...systems.map((name, at) => line(name, (scores) => [scores[at]!], rates[at]!)),
      line('mean', (scores) => scores, mean(rates)),
    ]),
  ].join('\n');
}

function means(method: string, all: readonly GroupingScores[]): Record<string, number> {
  return Object.fromEntries(
    scored.map((score) => [named(method, score), mean(all.map((scores) => scores[score]))] as const),
  );
}

function named(prefix: string, score: (typeof scored)[number]): string {
  return `${prefix}${score[0]!.toUpperCase()}${score.slice(1)}`;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
