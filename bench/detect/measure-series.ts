import type { LabelledFormat } from '../../datasets/series/index.ts';
import { readLabelledSeries } from '../../datasets/series/index.ts';
import { defaultConfig } from '../../detectors/testing/workbench.ts';
import { KybernError } from '../../model/index.ts';
import { type AlarmRule, fixedRule, robustRule, sigmaRule } from './alarm-rules.ts';
import { evaluate } from './evaluate.ts';
import { createMethodLedger, type Measured, type MethodLedger } from './measured.ts';
import { kybernRun } from './methods/kybern.ts';
import type { LabelledSeries, SeriesMethod, SeriesScores } from './methods/method.ts';
import { fusionMethod, ridgeArMethod } from './methods/ridge-ar.ts';
import { seasonalMethod } from './methods/seasonal.ts';
import { differenceMethod, randomMethod, rollingMedianMethod } from './methods/simple.ts';
import { subPcaMethod } from './methods/sub-pca.ts';
import { createWindowedLstmMethod } from './methods/windowed-lstm.ts';
import { bufferLength } from './metrics/series-period.ts';
import { createNabLedger, type NabLedger } from './nab-ledger.ts';
import { type DetectOptions, heavyMethods } from './options.ts';

/** What is held beside Kybern, cheapest first. */
export const lightMethods: readonly SeriesMethod[] = [
  randomMethod,
  differenceMethod,
  rollingMedianMethod,
  seasonalMethod,
  ridgeArMethod,
  fusionMethod,
  subPcaMethod,
];

/** Points of the series that are played side by side: bounds the memory, all columns of all views. */
const pointsAtOnce = 4_000_000;

const baselineRules = [robustRule, sigmaRule];

/** Measures the methods on a folder of labelled series. Rejects with KYBERN_DATASET where none can be read. */
export async function measureSeries(
  format: LabelledFormat,
  options: DetectOptions,
  say: (line: string) => void,
): Promise<Measured> {
  const series = await readWanted(format, options, say);
  const ledger = createMethodLedger();
  const nab = format === 'nab' ? createNabLedger(series) : undefined;
  const subjects = series.map((one) => ({
    series: one,
    from: Math.floor(one.values.length * options.split),
    buffer: bufferLength(one.values),
  }));
  const wanted = (name: string): boolean => options.methods?.includes(name) ?? !heavyMethods.includes(name);
  if (kybernRun.names.some(wanted)) await measureKybern(subjects, wanted, ledger, nab, say);
  for (const method of [...lightMethods, createWindowedLstmMethod(say)]) {
    if (!wanted(method.name)) continue;
    say(method.name);
    for (const subject of subjects) {
      judge(method.name, subject, await method.score(subject.series, subject.from), baselineRules, ledger);
    }
    if (nab !== undefined) await nab.addMethod(method, baselineRules);
  }
  if (nab !== undefined) for (const [method, scores] of nab.scores()) ledger.note(method, scores);
  return { names: series.map(({ name }) => name), methods: ledger.methods() };
}

interface Subject {
  readonly series: LabelledSeries;
  readonly from: number;
  readonly buffer: number;
}

async function measureKybern(
  subjects: readonly Subject[],
  wanted: (name: string) => boolean,
  ledger: MethodLedger,
  nab: NabLedger | undefined,
  say: (line: string) => void,
): Promise<void> {
  const { threshold, persistentSamples, windowSamples } = defaultConfig().metrics;
  const productRule = fixedRule(threshold, persistentSamples, windowSamples);
  let done = 0;
  for (const group of groupsOf(subjects)) {
    const told = await kybernRun.run(group.map(({ series }) => series));
    for (const [name, all] of told) {
      if (!wanted(name)) continue;
      for (const [at, said] of all.entries()) judge(name, group[at]!, said, [productRule], ledger);
      nab?.addScores(name, all, [productRule]);
    }
    done += group.length;
    say(`kybern and its views: ${done} of ${subjects.length} series`);
  }
}

function groupsOf(subjects: readonly Subject[]): readonly (readonly Subject[])[] {
  const groups: Subject[][] = [];
  let points = Number.POSITIVE_INFINITY;
  for (const subject of subjects) {
    points += subject.series.values.length;
    if (points > pointsAtOnce) {
      groups.push([]);
      points = subject.series.values.length;
    }
    groups.at(-1)!.push(subject);
  }
  return groups;
}

function judge(
  name: string,
  { series, from, buffer }: Subject,
  said: SeriesScores,
  rules: readonly AlarmRule[],
  ledger: MethodLedger,
): void {
  const alarms = alarmsOf(said, rules, from);
  ledger.add(name, evaluate({ ...series, scores: said.scores, alarms, from, buffer }));
}

/** A method's own alarms, or those of the rules. */
export function alarmsOf(said: SeriesScores, rules: readonly AlarmRule[], fitEnd: number): Map<string, Uint8Array> {
  if (said.alarms !== undefined) return new Map([['its own', said.alarms]]);
  return new Map(rules.map((rule) => [rule.name, rule.alarms(said.scores, fitEnd)]));
}

async function readWanted(
  format: LabelledFormat,
  { folder, pattern }: DetectOptions,
  say: (line: string) => void,
): Promise<readonly LabelledSeries[]> {
  const series: LabelledSeries[] = [];
  for await (const one of readLabelledSeries(format, folder, (error) => say(`${error.code}: ${error.message}`))) {
    if (pattern === undefined || pattern.test(one.name)) series.push(one);
  }
  if (series.length === 0) throw new KybernError('KYBERN_DATASET', `${folder} holds no series that was asked for`);
  say(`${series.length} series, ${series.reduce((sum, { values }) => sum + values.length, 0)} points`);
  return series;
}
