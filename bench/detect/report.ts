import { atLeast, atMost, type Bar, type BenchResult } from '../bench.ts';
import { alignRows } from '../table.ts';
import type { Measured, MeasuredMethod } from './measured.ts';
import { eventFigures } from './metrics/episodes.ts';
import type { DetectFormat } from './options.ts';
import { knownOf, summarise } from './summary.ts';

type Figures = Readonly<Record<string, number>>;

/** The method that the bars are for. */
const product = 'kybern';

const columns = [
  ['VUS-PR', 'vusPr', 3],
  ['AUC-PR', 'aucPr', 3],
  ['F1', 'eventF1', 3],
  ['prec', 'eventPrecision', 3],
  ['rec', 'eventRecall', 3],
  ['F1/series', 'meanSeriesEventF1', 3],
  ['false/d', 'falseEpisodesPerDay', 3],
  ['rec@1/d', 'recallAtOneFalseEpisodePerDay', 3],
  ['rec@1/wk', 'recallAtOneFalseEpisodePerWeek', 3],
  ['p50 min', 'delayP50Minutes', 0],
  ['p95 min', 'delayP95Minutes', 0],
  ['top 3', 'topThreeHitRate', 3],
  ['NAB', 'nabStandard', 1],
  ['low FP', 'nabLowFalsePositives', 1],
  ['low FN', 'nabLowFalseNegatives', 1],
  ['NAB fixed', 'nabStandardFixedThreshold', 1],
] as const;

/** Figures, bars, a table for people and every series' own figures. */
export function reportOf(format: DetectFormat, measured: Measured): Omit<BenchResult, 'part' | 'keep'> {
  const summaries = measured.methods.map((method) => {
    const { rule, figures } = summarise(method.evaluations);
    return { name: method.name, rule, figures: { ...figures, ...knownOf(method.further) } as Figures };
  });
  const ours = summaries.filter(({ name }) => name.startsWith(product));
  const others = summaries.filter(({ name }) => !name.startsWith(product));
  const ownFigures = summaries.find(({ name }) => name === product)?.figures;
  return {
    figures: { series: measured.names.length, ...flatten(ours) },
    baselines: flatten(others),
    bars: ownFigures === undefined ? [] : barsOf(format, ownFigures),
    details: {
      means: Object.fromEntries(summaries.map(({ name, rule, figures }) => [name, { alarmRule: rule, ...figures }])),
      series: measured.names.map((name, at) => ({
        series: name,
        methods: Object.fromEntries(measured.methods.map((method) => [method.name, detailOf(method, at)])),
      })),
    },
    table: tableOf(summaries),
  };
}

function flatten(summaries: readonly { readonly name: string; readonly figures: Figures }[]): Figures {
  return Object.fromEntries(
    summaries.flatMap(({ name, figures }) =>
      Object.entries(figures).map(([figure, value]) => [`${name}.${figure}`, Number(value.toPrecision(4))] as const),
    ),
  );
}

function detailOf({ evaluations }: MeasuredMethod, at: number): Readonly<Record<string, unknown>> {
  const { events, ...figures } = evaluations[at]!;
  return {
    ...knownOf(figures),
    events: Object.fromEntries(
      [...events].map(([rule, { delaysMs, ...counts }]) => [
        rule,
        { ...counts, ...knownOf({ ...eventFigures(counts) }), delaysMinutes: delaysMs.map((ms) => ms / 60_000) },
      ]),
    ),
  };
}

function tableOf(
  summaries: readonly { readonly name: string; readonly rule: string; readonly figures: Figures }[],
): string {
  const shown = columns.filter(([, figure]) => summaries.some(({ figures }) => figures[figure] !== undefined));
  const head = ['method', ...shown.map(([title]) => title), 'alarm rule'];
  const rows = summaries.map(({ name, rule, figures }) => [
    name,
    ...shown.map(([, figure, digits]) => figures[figure]?.toFixed(digits) ?? '-'),
    rule,
  ]);
  return alignRows([head, ...rows]).join('\n');
}

/** The bars of issue 5. */
function barsOf(format: DetectFormat, figures: Figures): readonly Bar[] {
  const of = (figure: string): number => figures[figure] ?? Number.NaN;
  const vus = (least: number): Bar => atLeast('VUS-PR', of('vusPr'), least);
  const auc = (least: number): Bar => atLeast('AUC-PR', of('aucPr'), least);
  const f1 = (least: number): Bar => atLeast('event F1 at the product threshold', of('eventF1'), least);
  const quiet = (most: number): Bar => atMost('false episodes a day and series', of('falseEpisodesPerDay'), most);
  const named = (): Bar => atLeast('explaining metrics: hit rate of the first three', of('topThreeHitRate'), 0.75);
  switch (format) {
    case 'kpi':
      return [vus(0.3), auc(0.4), f1(0.62), quiet(0.3)];
    case 'wsd':
      return [vus(0.3), auc(0.45), f1(0.8), quiet(0.15)];
    case 'smd':
      return [vus(0.57), auc(0.62), named()];
    case 'asd':
      return [vus(0.53), named()];
    case 'nab':
      return [
        atLeast('NAB standard score, corpus threshold', of('nabStandard'), 70),
        atMost('false episodes a week where nothing is labelled', of('falseEpisodesPerWeekWhereNothingIsLabelled'), 1),
      ];
    case 'ms':
      return [];
  }
}
