import {
  type Anomaly,
  contentId,
  type Direction,
  type Feedback,
  type MissedReport,
  type SeriesPoints,
  toTimestamp,
} from '../../model/index.ts';
import type { FeedbackConfig } from './config.ts';
import { directionOf, viewFamilyOf } from './kind-of-deviation.ts';
import { largestDeviation, type PersistenceRule } from './largest-deviation.ts';

interface Said {
  readonly who: string;
  readonly atMs: number;
  readonly note?: string;
}

/** Feedback on an anomaly, with the limit that follows from it. */
export function feedbackOn(
  anomaly: Anomaly,
  verdict: 'not_an_anomaly' | 'confirmed',
  { who, atMs, note }: Said,
  { repeatFactor }: FeedbackConfig,
): Feedback {
  const at = toTimestamp(atMs);
  const direction = directionOf(anomaly);
  const isDenied = verdict === 'not_an_anomaly';
  const limit = isDenied ? anomaly.score * repeatFactor : anomaly.score / repeatFactor;
  const side = direction === 'up' ? 'above' : 'below';
  const like = `of ${anomaly.metric} of ${anomaly.entity.name}, ${side} what is expected`;
  const score = limit.toPrecision(3);
  return {
    id: contentId('fbk', anomaly.id, verdict, at, who),
    revision: 1,
    state: 'active',
    verdict,
    anomaly: anomaly.id,
    series: anomaly.series,
    metric: anomaly.metric,
    entity: anomaly.entity,
    direction,
    view: viewFamilyOf(anomaly.detector),
    score: anomaly.score,
    limit,
    ...(note === undefined ? {} : { note }),
    by: who,
    at,
    updatedAt: at,
    effect: isDenied
      ? `Deviations ${like}, are not told up to a score of ${score}.`
      : `Deviations ${like}, are told from a score of ${score} on, whatever the alert budget.`,
  };
}

export interface MissedContext {
  /** The series that match, over the time that was reported, with their bands; at least one. */
  readonly series: readonly SeriesPoints[];
  /** Sides that count as bad for a metric; none where it is not scored. */
  readonly sidesOf: (metric: string) => readonly Direction[];
  readonly threshold: number;
  readonly persistence: PersistenceRule;
}

/**
 * Feedback on what was not found: the threshold of the series is lowered to a little below what the report shows, and to no
 * less than the bound. Where even that would not find it nothing is lowered, since it would only let noise through.
 */
export function missedFeedback(
  report: MissedReport,
  { series, sidesOf, threshold, persistence }: MissedContext,
  { who, atMs, note }: Said,
  { lowestShare }: FeedbackConfig,
): Feedback {
  const at = toTimestamp(atMs);
  const [{ points, share, direction }] = series
    .map((one) => ({ points: one, ...largestDeviation(one, sidesOf(one.metric), persistence) }))
    .sort((a, b) => b.share - a.share) as [{ points: SeriesPoints; share: number; direction: Direction }];
  const found = share >= lowestShare;
  const lowered = found ? Math.min(1, Math.max(lowestShare, share * margin)) : 1;
  const limit = lowered * threshold;
  const most = `The largest persistent deviation is ${percent(share)} of what counts`;
  const lowest = `the threshold may be lowered to ${percent(lowestShare)}`;
  return {
    id: contentId('fbk', points.fingerprint, 'missed', at, who),
    revision: 1,
    state: 'active',
    verdict: 'missed',
    series: points.fingerprint,
    metric: points.metric,
    entity: points.entity,
    direction,
    view: 'deviation',
    score: share * threshold,
    limit,
    from: toTimestamp(report.fromMs),
    to: toTimestamp(report.toMs),
    found,
    ...(note === undefined ? {} : { note }),
    by: who,
    at,
    updatedAt: at,
    effect: found
      ? `${most}; the threshold of this series is ${percent(lowered)} from now on, and the like is found.`
      : `${most}, and ${lowest}: it would not be found, so nothing is changed.`,
  };
}

/** How far below the deviation that was reported the threshold goes. */
const margin = 0.95;

/** The revision that undoes it. */
export function undone(feedback: Feedback, who: string, atMs: number): Feedback {
  return { ...feedback, revision: feedback.revision + 1, state: 'undone', undoneBy: who, updatedAt: toTimestamp(atMs) };
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
