import type { Anomaly, Feedback } from '../../model/index.ts';
import { likenessOf, likenessOfAnomaly } from './kind-of-deviation.ts';

/** What operators said, by what it is about. What is undone is gone: limits follow from what is active, and from nothing else. */
export interface FeedbackLimits {
  /** Takes a revision in; says which likeness it is about. */
  put(feedback: Feedback): string;
  /** What the latest feedback that speaks of an anomaly of this likeness and score says of it. */
  of(anomaly: Anomaly): Feedback | undefined;
  save(): readonly Feedback[];
  load(active: readonly Feedback[]): void;
}

export function createFeedbackLimits(): FeedbackLimits {
  let byLikeness = new Map<string, Feedback[]>();

  function put(feedback: Feedback): string {
    const likeness = likenessOf(feedback.series, feedback.direction, feedback.view);
    const others = (byLikeness.get(likeness) ?? []).filter(({ id }) => id !== feedback.id);
    if (feedback.state === 'active') others.push(feedback);
    // In the order given, however they come: what was said later counts.
    others.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : a.id < b.id ? -1 : 1));
    if (others.length === 0) byLikeness.delete(likeness);
    else byLikeness.set(likeness, others);
    return likeness;
  }

  return {
    put,
    of: (anomaly) => byLikeness.get(likenessOfAnomaly(anomaly))?.findLast((one) => speaksOf(one, anomaly.score)),
    save: () => [...byLikeness.values()].flat(),
    load(active) {
      byLikeness = new Map();
      for (const feedback of active) put(feedback);
    },
  };
}

function speaksOf({ verdict, limit }: Feedback, score: number): boolean {
  return verdict === 'not_an_anomaly' ? score <= limit : score >= limit;
}
