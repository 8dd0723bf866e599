import type { Anomaly, Direction } from '../../model/index.ts';

// These see the same deviation from different sides, and now one, now the other sees more of it.
const fromExpected = new Set(['lstm', 'seasonal']);

/** The kind of deviation that feedback speaks of: the views that hold a value against an expected one are one kind. */
export function viewFamilyOf(detector: string): string {
  return fromExpected.has(detector) ? 'deviation' : detector;
}

export function directionOf({ observed, expected }: Pick<Anomaly, 'observed' | 'expected'>): Direction {
  return observed < expected ? 'down' : 'up';
}

/** Series, side and kind: what two anomalies share that are alike. */
export function likenessOf(series: string, direction: Direction, view: string): string {
  return `${series}|${direction}|${view}`;
}

export function likenessOfAnomaly(anomaly: Anomaly): string {
  return likenessOf(anomaly.series, directionOf(anomaly), viewFamilyOf(anomaly.detector));
}
