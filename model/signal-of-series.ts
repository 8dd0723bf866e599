import { labelValue } from './labels.ts';
import type { SeriesIdentity } from './series.ts';
import { type SignalKind, signalKindOf } from './signal-kind.ts';

/** What a series says about its entity: its name tells, or its labels where one name stands for good and bad. */
export function signalOfSeries({ name, kind, labels }: Pick<SeriesIdentity, 'name' | 'kind' | 'labels'>): SignalKind {
  const named = signalKindOf(name);
  return named === 'other' && kind === 'gauge' && isGoodState(labels) ? 'readiness' : named;
}

/** Of kube-state-metrics' series, one for each answer, the one that is 1 while all is well. */
function isGoodState(labels: SeriesIdentity['labels']): boolean {
  if (labelValue(labels, 'phase') === 'Running') return true;
  return /^(Ready|Available)$/.test(labelValue(labels, 'condition') ?? '') && labelValue(labels, 'status') === 'true';
}
