import type { ChangeScore } from './change-score.ts';
import type { EvidenceSeries } from './evidence-store.ts';

/** What a component's request metrics say by name, to compare it with another that has the same metrics. */
export interface Levels {
  /** Largest move for the worse of a latency, error or readiness metric, in its unit. */
  readonly excess: Map<string, number>;
  /** Usual traffic: of the service as a whole where it is told, else summed over pods. */
  readonly traffic: Map<string, number>;
}

export const createLevels = (): Levels => ({ excess: new Map(), traffic: new Map() });

export function noteLevel(levels: Levels, series: EvidenceSeries, score: ChangeScore): void {
  const { name, signal } = series;
  if (signal === 'traffic') {
    const known = levels.traffic.get(name) ?? 0;
    const level = Math.abs(score.reference);
    levels.traffic.set(name, series.entity.startsWith('pod|') ? known + level : Math.max(known, level));
  } else if (signal === 'latency' || signal === 'errors' || signal === 'readiness') {
    const excess = Math.max(0, (score.peak - score.reference) * score.direction);
    levels.excess.set(name, Math.max(levels.excess.get(name) ?? 0, score.z > 0 ? excess : 0));
  }
}
