import type { AlarmRule } from './alarm-rules.ts';
import type { LabelledSeries, SeriesMethod, SeriesScores } from './methods/method.ts';
import { type NabSeries, nabProfiles, nabScore, probationRows } from './metrics/nab-score.ts';
import { noticeScores, noticesOf } from './notices.ts';

/**
 * Collects scores for NAB, which judges whole series from the end of probation on. Methods that fit something may fit
 * on probation alone, so they are run a second time.
 */
export interface NabLedger {
  addMethod(method: SeriesMethod, rules: readonly AlarmRule[]): Promise<void>;
  /** Scores of the next of the series, of a method that does not depend on where fitting ends. */
  addScores(name: string, said: readonly SeriesScores[], rules: readonly AlarmRule[]): void;
  /** NAB's scores by method. */
  scores(): ReadonlyMap<string, Readonly<Record<string, number>>>;
}

interface Collected {
  /** What people are told, and every point's score. */
  readonly notices: NabSeries[];
  readonly points: NabSeries[];
  /** Alarms of the fixed rules. */
  readonly alarms: Map<string, NabSeries[]>;
}

export function createNabLedger(series: readonly LabelledSeries[]): NabLedger {
  const byMethod = new Map<string, Collected>();

  function add(name: string, said: SeriesScores, rules: readonly AlarmRule[]): void {
    const collected: Collected = byMethod.get(name) ?? { notices: [], points: [], alarms: new Map() };
    byMethod.set(name, collected);
    const { labels, timesMs, values } = series[collected.points.length]!;
    const fitEnd = probationRows(values.length);
    const scores = (said.ranks ?? said.scores).map((score) => (Number.isFinite(score) ? score : 0));
    collected.points.push({ scores, labels });
    collected.notices.push({ scores: noticeScores(timesMs, scores), labels });
    const flags =
      said.alarms === undefined
        ? rules.map((rule) => [rule.name, rule.alarms(scores, fitEnd)] as const)
        : [['its own', said.alarms] as const];
    for (const [rule, alarms] of flags) {
      const notices = Float64Array.from(noticesOf(timesMs, alarms));
      collected.alarms.set(rule, [...(collected.alarms.get(rule) ?? []), { scores: notices, labels }]);
    }
  }

  return {
    async addMethod(method, rules) {
      for (const one of series) add(method.name, await method.score(one, probationRows(one.values.length)), rules);
    },
    addScores: (name, said, rules) => {
      for (const one of said) add(name, one, rules);
    },
    scores: () => new Map([...byMethod].map(([name, collected]) => [name, scoresOf(collected)])),
  };
}

function scoresOf({ notices, points, alarms }: Collected): Readonly<Record<string, number>> {
  const fixed = [...alarms.values()].map((all) => nabScore(all, nabProfiles.standard, 1).score);
  return {
    nabStandard: nabScore(notices, nabProfiles.standard).score,
    nabLowFalsePositives: nabScore(notices, nabProfiles.lowFalsePositives).score,
    nabLowFalseNegatives: nabScore(notices, nabProfiles.lowFalseNegatives).score,
    nabStandardEveryPoint: nabScore(points, nabProfiles.standard).score,
    nabStandardFixedThreshold: Math.max(...fixed),
    nabCorpusThreshold: nabScore(notices, nabProfiles.standard).threshold,
  };
}
