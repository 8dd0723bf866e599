import { canonicalLabels, KybernError, type Labels } from '../../model/index.ts';

/** The limits a label set is held to: a part of the section `ingest.limits`. */
export interface LabelLimits {
  readonly labels: number;
  readonly labelNameBytes: number;
  readonly labelValueBytes: number;
}

/** Sorted labels within the limits. Throws KYBERN_LABELS_LIMIT. */
export function limitedLabels(pairs: Iterable<readonly [string, string]>, limits: LabelLimits): Labels {
  const labels = canonicalLabels(pairs);
  if (labels.length > limits.labels) {
    throw new KybernError('KYBERN_LABELS_LIMIT', `${labels.length} labels, at most ${limits.labels} are taken`);
  }
  for (const [name, value] of labels) {
    checkName(name, limits);
    if (Buffer.byteLength(value) > limits.labelValueBytes) {
      throw new KybernError(
        'KYBERN_LABELS_LIMIT',
        `the value of ${name} is longer than ${limits.labelValueBytes} bytes`,
      );
    }
  }
  return labels;
}

/** A metric's or label's name within the limits. Throws KYBERN_LABELS_LIMIT. */
export function checkName(name: string, limits: LabelLimits): void {
  if (name === '') throw new KybernError('KYBERN_LABELS_LIMIT', 'a name is empty');
  if (Buffer.byteLength(name) > limits.labelNameBytes) {
    throw new KybernError('KYBERN_LABELS_LIMIT', `a name is longer than ${limits.labelNameBytes} bytes`);
  }
}
