import type { Labels } from '../../model/index.ts';
import { type LabelLimits, limitedLabels } from '../intake/label-set.ts';

/** How the labels of a target and those of its series meet. */
export interface TargetLabels {
  readonly own: Labels;
  /** Where both have a label: the series keeps its own; otherwise that becomes `exported_<name>`, as in Prometheus. */
  readonly honor: boolean;
}

/** The labels of a series of this target, sorted, empty ones left out. Throws KYBERN_LABELS_LIMIT. */
export function joinLabels(
  labels: Iterable<readonly [string, string]>,
  target: TargetLabels,
  limits: LabelLimits,
): Labels {
  const joined = new Map(target.own);
  for (const [label, value] of labels) {
    if (value === '' && !target.honor) continue;
    let name = label;
    if (!target.honor) while (joined.has(name)) name = `exported_${name}`;
    if (value === '') joined.delete(name);
    else joined.set(name, value);
  }
  return limitedLabels(joined, limits);
}
