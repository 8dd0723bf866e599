import type { SeriesKind } from '../../model/index.ts';

/** The kind of a Prometheus series by its name, where no metadata tells: counters end so by convention. */
export function prometheusKind(name: string): SeriesKind {
  return /_(total|count|sum|bucket)$/.test(name) ? 'counter' : 'gauge';
}
