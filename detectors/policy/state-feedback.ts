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

/** What a second look at a series showed. */
export interface MissedSeen {
  readonly points: Pick<SeriesPoints, 'fingerprint' | 'metric' | 'entity'>;
  /** The largest persistent deviation, as a share of what counts. */
  readonly deviation: number;
  readonly direction: Direction;
  /** Share of the threshold from which it is found; undefined where none that is allowed does. */
  readonly share: number | undefined;
}

/**
 * Feedback on what was not found: the threshold of the series is lowered to where it is found, within bounds. Where even the
 * bound would not find it nothing is lowered, since that would only let noise through.
 */
export function missedFeedback(
  report: Pick<MissedReport, 'fromMs' | 'toMs'>,
  { points, deviation, direction, share }: MissedSeen,
  { who, atMs, note }: Said,
  { config, threshold }: { readonly config: FeedbackConfig; readonly threshold: number },
): Feedback {
  const at = toTimestamp(atMs);
  const found = share !== undefined;
  const most = `The largest persistent deviation is ${percent(deviation)} of what counts`;
  const lowest = `the threshold may be lowered to ${percent(config.lowestShare)}`;
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
    score: deviation * threshold,
    limit: (share ?? 1) * threshold,
    from: toTimestamp(report.fromMs),
    to: toTimestamp(report.toMs),
    found,
    ...(note === undefined ? {} : { note }),
    by: who,
    at,
    updatedAt: at,
    effect: found
      ? `${most}; the threshold of this series is ${percent(share)} from now on, and the like is found.`
      : `${most}, and ${lowest}: it would not be found, so nothing is changed.`,
  };
}

/** The revision that undoes it; its effect says what no longer holds. */
export function undone(feedback: Feedback, who: string, atMs: number): Feedback {
  const { revision, found } = feedback;
  const effect = found === false ? 'Undone; it had changed nothing.' : `Undone, no longer so: ${feedback.effect}`;
  return { ...feedback, revision: revision + 1, state: 'undone', undoneBy: who, updatedAt: toTimestamp(atMs), effect };
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
