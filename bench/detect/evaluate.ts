import { averagePrecision } from './metrics/average-precision.ts';
import { recallAtBudget } from './metrics/budget-recall.ts';
import { countEvents, type EventCounts, type ScoredPart } from './metrics/episodes.ts';
import { vusPr } from './metrics/vus-pr.ts';

/** How well one method did on the scored part of one series; NaN where the part has nothing to tell it by. */
export interface Evaluation {
  readonly vusPr: number;
  readonly aucPr: number;
  readonly recallAtOnePerDay: number;
  readonly recallAtOnePerWeek: number;
  /** Of machines: how many of the three metrics named first were named by people too. */
  readonly topHits?: number;
  /** By alarm rule. */
  readonly events: ReadonlyMap<string, EventCounts>;
}

export interface EvaluationInput {
  readonly timesMs: Float64Array;
  readonly labels: Uint8Array;
  readonly scores: Float64Array;
  /** By the name of the rule that made them. */
  readonly alarms: ReadonlyMap<string, Uint8Array>;
  /** The scored part begins here. */
  readonly from: number;
  /** Greatest buffer of VUS, points. */
  readonly buffer: number;
}

/** Holds scores and alarms from `from` on against the labels there. */
export function evaluate({ timesMs, labels, scores, alarms, from, buffer }: EvaluationInput): Evaluation {
  const part: ScoredPart = { timesMs: timesMs.subarray(from), labels: labels.subarray(from) };
  const scored = scores.slice(from).map((score) => (Number.isFinite(score) ? score : 0));
  return {
    vusPr: vusPr(scored, part.labels, buffer),
    aucPr: averagePrecision(scored, part.labels),
    recallAtOnePerDay: recallAtBudget(part, scored, 1),
    recallAtOnePerWeek: recallAtBudget(part, scored, 1 / 7),
    events: new Map([...alarms].map(([rule, flags]) => [rule, countEvents(part, flags.subarray(from))])),
  };
}
