import type { Evaluation } from './evaluate.ts';
import { type EventCounts, eventFigures } from './metrics/episodes.ts';

export interface Summary {
  /** The alarm rule of the event figures: of several the one with the best F1, to the baselines' favour. */
  readonly rule: string;
  readonly figures: Readonly<Record<string, number>>;
}

/** Macro means over series, and the events of all series together; figures that have nothing to stand on are left out. */
export function summarise(evaluations: readonly Evaluation[]): Summary {
  const rules = [...(evaluations[0]?.events.keys() ?? [])].map((rule) => ({
    rule,
    figures: summariseEvents(evaluations.map(({ events }) => events.get(rule)!)),
  }));
  const best = rules.reduce((left, right) => (right.figures.eventF1 > left.figures.eventF1 ? right : left));
  const figures = {
    vusPr: meanOf(evaluations.map((one) => one.vusPr)),
    aucPr: meanOf(evaluations.map((one) => one.aucPr)),
    ...best.figures,
    recallAtOneFalseEpisodePerDay: meanOf(evaluations.map((one) => one.recallAtOnePerDay)),
    recallAtOneFalseEpisodePerWeek: meanOf(evaluations.map((one) => one.recallAtOnePerWeek)),
    topThreeHitRate: meanOf(evaluations.map((one) => one.topHits ?? Number.NaN)),
  };
  return { rule: best.rule, figures: knownOf(figures) };
}

function summariseEvents(counts: readonly EventCounts[]) {
  const sum = (of: (events: EventCounts) => number): number => counts.reduce((total, one) => total + of(one), 0);
  const pooled = eventFigures({
    events: sum(({ events }) => events),
    found: sum(({ found }) => found),
    episodes: sum(({ episodes }) => episodes),
    falseEpisodes: sum(({ falseEpisodes }) => falseEpisodes),
    days: sum(({ days }) => days),
  });
  const each = counts.map(eventFigures);
  const perDay = each.map((one) => one.falseEpisodesPerDay);
  const delays = counts.flatMap(({ delaysMs }) => delaysMs);
  const healthy = counts.filter(({ events }) => events === 0).map((one) => eventFigures(one).falseEpisodesPerDay * 7);
  return {
    eventF1: pooled.f1,
    eventPrecision: pooled.precision,
    eventRecall: pooled.recall,
    meanSeriesEventF1: meanOf(each.map((one) => one.f1)),
    falseEpisodesPerDay: meanOf(perDay),
    medianFalseEpisodesPerDay: quantile(perDay, 0.5),
    falseEpisodesPerWeekWhereNothingIsLabelled: meanOf(healthy),
    delayP50Minutes: quantile(delays, 0.5) / 60_000,
    delayP95Minutes: quantile(delays, 0.95) / 60_000,
  };
}

/** Mean of the numbers among them; NaN without any. */
export function meanOf(values: readonly number[]): number {
  const known = values.filter((value) => !Number.isNaN(value));
  return known.reduce((sum, value) => sum + value, 0) / known.length;
}

/** The number below which this share of them lies; NaN without any. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.filter((value) => !Number.isNaN(value)).sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

export function knownOf(figures: Readonly<Record<string, number>>): Readonly<Record<string, number>> {
  return Object.fromEntries(Object.entries(figures).filter(([, value]) => !Number.isNaN(value)));
}
