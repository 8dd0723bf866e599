import { type LabelledFormat, readLabelledSeries } from '../../datasets/series/index.ts';
import type { Bench, BenchOptions, BenchResult } from '../bench.ts';
import { robustRule, sigmaRule } from './alarm-rules.ts';
import { type Evaluation, evaluate, summarise } from './evaluate.ts';
import { kybernRun } from './methods/kybern.ts';
import type { LabelledSeries, SeriesMethod, SeriesScores } from './methods/method.ts';
import { fusionMethod, ridgeArMethod } from './methods/ridge-ar.ts';
import { seasonalMethod } from './methods/seasonal.ts';
import { differenceMethod, randomMethod, rollingMedianMethod } from './methods/simple.ts';
import { bufferLength } from './metrics/series-period.ts';

const seriesMethods: readonly SeriesMethod[] = [
  randomMethod,
  differenceMethod,
  rollingMedianMethod,
  seasonalMethod,
  ridgeArMethod,
  fusionMethod,
];
export const detectBench: Bench = {
  name: 'detect',
  title:
    'how right the alarms are on labelled series: VUS-PR, AUC-PR, event F1, false alarms a day, delay; baselines beside it',
  options: {
    data: { type: 'string' },
    format: { type: 'string' },
    split: { type: 'string', default: '0.5' },
    methods: { type: 'string' },
    series: { type: 'string' },
  },
  run: measure,
};

async function measure({ given = {}, say }: BenchOptions): Promise<BenchResult> {
  const format = String(given['format'] ?? 'kpi') as LabelledFormat;
  const folder = String(given['data']);
  const split = Number(given['split'] ?? 0.5);
  const pattern = new RegExp(String(given['series'] ?? ''));
  const wanted = given['methods'] === undefined ? undefined : String(given['methods']).split(',');
  const series: LabelledSeries[] = [];
  for await (const one of readLabelledSeries(format, folder, (error) => say(`${error.code}: ${error.message}`))) {
    if (pattern.test(one.name)) series.push(one);
  }
  say(`${series.length} series`);
  const buffers = series.map(({ values }) => bufferLength(values));
  const fitEnds = series.map(({ values }) => Math.floor(values.length * split));
  const byMethod = new Map<string, Evaluation[]>();
  const judge = (name: string, at: number, said: SeriesScores): void => {
    const known = byMethod.get(name) ?? [];
    known.push(evaluate(series[at]!, said, fitEnds[at]!, buffers[at]!));
    byMethod.set(name, known);
  };
  const cpu = () => process.cpuUsage().user / 1e6;
  if (wanted === undefined || wanted.some((name) => name.startsWith('kybern'))) {
    const c = cpu();
    const runs = await kybernRun.run(series);
    say(`kybern ${(cpu() - c).toFixed(1)} s`);
    for (const [name, said] of runs) {
      if (wanted === undefined || wanted.includes(name)) for (const [at, one] of said.entries()) judge(name, at, one);
    }
    say(`kybern judged ${(cpu() - c).toFixed(1)} s`);
  }
  for (const method of seriesMethods) {
    if (wanted !== undefined && !wanted.includes(method.name)) continue;
    const c = cpu();
    for (const [at, one] of series.entries()) {
      const said = await method.score(one, fitEnds[at]!);
      for (const rule of [robustRule, sigmaRule]) {
        judge(`${method.name} ${rule.name}`, at, { ...said, alarms: rule.alarms(said.scores, fitEnds[at]!) });
      }
    }
    say(`${method.name} ${(cpu() - c).toFixed(1)} s`);
  }
  const rows: string[] = [];
  for (const [name, evaluations] of byMethod) {
    const summary = summarise(evaluations);
    rows.push(
      `${name.padEnd(40)} ${Object.entries(summary)
        .map(([key, value]) => `${key.slice(0, 9)} ${value.toFixed(3)}`)
        .join('  ')}`,
    );
  }
  const details = series.map(({ name }, at) => ({
    name,
    methods: Object.fromEntries(
      [...byMethod].map(([method, all]) => [
        method,
        { ...all[at], events: { ...all[at]!.events, delaysMs: undefined } },
      ]),
    ),
  }));
  return { figures: {}, baselines: {}, bars: [], part: format, keep: false, details, table: rows.join('\n') };
}
