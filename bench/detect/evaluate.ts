import type { SeriesScores } from './methods/method.ts';
import { averagePrecision } from './metrics/average-precision.ts';
import { recallAtBudget } from './metrics/budget-recall.ts';
import { countEvents, type EventCounts, eventFigures, type ScoredPart } from './metrics/episodes.ts';
import { vusPr } from './metrics/vus-pr.ts';

/** How well one method did on one series' scored part; NaN where the part has nothing to tell it by. */
export interface Evaluation {
  readonly vusPr: number;
  readonly aucPr: number;
  readonly recallAtOnePerDay: number;
  readonly recallAtOnePerWeek: number;
  readonly events: EventCounts;
}

/** Holds scores and alarms from `from` on against the labels there. `buffer` is the greatest of VUS. */
export function evaluate(part: ScoredPart, said: SeriesScores, from: number, buffer: number): Evaluation {
  const scored: ScoredPart = { timesMs: part.timesMs.subarray(from), labels: part.labels.subarray(from) };
  const scores = said.scores.slice(from);
  for (let at = 0; at < scores.length; at += 1) if (!Number.isFinite(scores[at]!)) scores[at] = 0;
  return {
    vusPr: vusPr(scores, scored.labels, buffer),
    aucPr: averagePrecision(scores, scored.labels),
    recallAtOnePerDay: recallAtBudget(scored, scores, 1),
    recallAtOnePerWeek: recallAtBudget(scored, scores, 1 / 7),
    events: countEvents(scored, (said.alarms ?? new Uint8Array(said.scores.length)).subarray(from)),
  };
}

export type Summary = Readonly<Record<string, number>>;

/** Macro means over series, and the events of all series together. */
export function summarise(evaluations: readonly Evaluation[]): Summary {
  const each = evaluations.map(({ events }) => eventFigures(events));
  const sum = (of: (events: EventCounts) => number): number =>
    evaluations.reduce((total, { events }) => total + of(events), 0);
  const pooled = eventFigures({
    events: sum(({ events }) => events),
    found: sum(({ found }) => found),
    episodes: sum(({ episodes }) => episodes),
    falseEpisodes: sum(({ falseEpisodes }) => falseEpisodes),
    days: sum(({ days }) => days),
  });
  const delays = evaluations.flatMap(({ events }) => events.delaysMs).sort((a, b) => a - b);
  return {
    vusPr: meanOf(evaluations.map((one) => one.vusPr)),
    aucPr: meanOf(evaluations.map((one) => one.aucPr)),
    eventF1: pooled.f1,
    eventPrecision: pooled.precision,
    eventRecall: pooled.recall,
    macroEventF1: meanOf(each.map((one) => one.f1)),
    falseEpisodesPerDay: meanOf(each.map((one) => one.falseEpisodesPerDay)),
    medianFalseEpisodesPerDay: quantile(
      each.map((one) => one.falseEpisodesPerDay).sort((a, b) => a - b),
      0.5,
    ),
    recallAtOnePerDay: meanOf(evaluations.map((one) => one.recallAtOnePerDay)),
    recallAtOnePerWeek: meanOf(evaluations.map((one) => one.recallAtOnePerWeek)),
    delayP50Minutes: quantile(delays, 0.5) / 60_000,
    delayP95Minutes: quantile(delays, 0.95) / 60_000,
  };
}

/** Mean of the numbers among them. */
export function meanOf(values: readonly number[]): number {
  const known = values.filter((value) => !Number.isNaN(value));
  return known.reduce((sum, value) => sum + value, 0) / known.length;
}

function quantile(sorted: readonly number[], share: number): number {
  return sorted.length === 0 ? Number.NaN : sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!;
}
