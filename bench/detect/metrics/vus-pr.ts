import { type Segment, segmentsOf } from './segments.ts';

const thresholdCount = 100;

/**
 * Volume under the surface of range-based precision and recall (Paparrizos et al., VLDB 2022; the corrected form of
 * TheDatumOrg/TSB-AD, `RangeAUC_volume_opt`): the mean over buffers of 0 to `maxBuffer` points of the area under a
 * precision-recall curve, in which labels fade out over half a buffer on each side by √(1 - d / buffer) and recall is
 * weighed by the share of anomalies that were met at all. Thresholds are the scores at 100 evenly spaced ranks. NaN
 * without a label.
 *
 * A point is above the k-th threshold from one rank on, so every sum over the points above a threshold is a prefix sum
 * over ranks; and from buffer to buffer only the points around the anomalies change. That makes it
 * O(n log n + anomalies · maxBuffer²) in place of O(n · thresholds · buffers).
 */
export function vusPr(scores: Float64Array, labels: Uint8Array, maxBuffer: number): number {
  const anomalies = segmentsOf(labels);
  if (anomalies.length === 0) return Number.NaN;
  const thresholds = thresholdsOf(scores);
  const above = countsAbove(scores, thresholds);
  // From which threshold on a point is above it, for the points that some buffer reaches.
  const ranks = new Uint8Array(scores.length);
  for (const [first, last] of anomalies) {
    const end = Math.min(scores.length - 1, last + (maxBuffer >> 1));
    for (let at = Math.max(0, first - (maxBuffer >> 1)); at <= end; at += 1)
      ranks[at] = rankOf(scores[at]!, thresholds);
  }
  let labelled = 0;
  const hits = new Float64Array(thresholdCount);
  for (const [first, last] of anomalies) {
    labelled += last - first + 1;
    for (let at = first; at <= last; at += 1) if (ranks[at]! < thresholdCount) hits[ranks[at]!]! += 1;
  }
  const faded = new Float64Array(scores.length);
  let volume = 0;
  for (let buffer = 0; buffer <= maxBuffer; buffer += 1) {
    const bufferHits = fade(anomalies, labels, buffer, faded, ranks);
    const met = firstMet(anomalies, buffer, ranks, scores.length);
    volume += areaOf({ hits, bufferHits, met, above, labelled });
  }
  return volume / (maxBuffer + 1);
}

/** The scores at evenly spaced ranks, highest first. */
function thresholdsOf(scores: Float64Array): Float64Array {
  const sorted = scores.slice().sort();
  const last = sorted.length - 1;
  return Float64Array.from({ length: thresholdCount }, (_, k) => {
    return sorted[last - Math.floor((k * last) / (thresholdCount - 1))]!;
  });
}

/** How many scores are at or above each threshold. */
function countsAbove(scores: Float64Array, thresholds: Float64Array): Float64Array {
  const counts = new Float64Array(thresholdCount);
  for (const score of scores) counts[rankOf(score, thresholds)]! += 1;
  for (let k = 1; k < thresholdCount; k += 1) counts[k]! += counts[k - 1]!;
  return counts;
}

/** The first threshold that the score reaches; thresholds fall. */
function rankOf(score: number, thresholds: Float64Array): number {
  let low = 0;
  let high = thresholdCount;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (score >= thresholds[middle]!) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Weights of the buffers' points by the rank from which they are above; overlapping buffers add up to one at most. */
function fade(
  anomalies: readonly Segment[],
  labels: Uint8Array,
  buffer: number,
  faded: Float64Array,
  ranks: Uint8Array,
): Float64Array {
  const half = buffer >> 1;
  const weights = new Float64Array(thresholdCount);
  const around = (visit: (at: number, distance: number) => void): void => {
    for (const [first, last] of anomalies) {
      for (let distance = 1; distance <= half; distance += 1) {
        if (last + distance < labels.length && labels[last + distance] === 0) visit(last + distance, distance);
        if (first - distance >= 0 && labels[first - distance] === 0) visit(first - distance, distance);
      }
    }
  };
  around((at, distance) => {
    faded[at] = faded[at]! + Math.sqrt(1 - distance / buffer);
  });
  around((at) => {
    weights[ranks[at]!]! += Math.min(1, faded[at]!);
    faded[at] = 0;
  });
  return weights;
}

/** By rank, how many buffered anomalies are first met there; anomalies whose buffers touch are one. */
function firstMet(anomalies: readonly Segment[], buffer: number, ranks: Uint8Array, length: number): Float64Array {
  const half = buffer >> 1;
  const met = new Float64Array(thresholdCount + 1);
  let best = thresholdCount;
  for (const [index, [first, last]] of anomalies.entries()) {
    const from = Math.max(0, first - half);
    const to = Math.min(length - 1, last + half);
    for (let at = from; at <= to; at += 1) if (ranks[at]! < best) best = ranks[at]!;
    const next = anomalies[index + 1];
    if (next !== undefined && last + half >= next[0] - half) continue;
    met[best]! += 1;
    met[thresholdCount]! += 1;
    best = thresholdCount;
  }
  return met;
}

interface Curve {
  readonly hits: Float64Array;
  readonly bufferHits: Float64Array;
  /** Anomalies first met at each threshold, then how many there are. */
  readonly met: Float64Array;
  readonly above: Float64Array;
  readonly labelled: number;
}

/** Area under one buffer's curve: precision times the step of recall, from threshold to threshold. */
function areaOf({ hits, bufferHits, met, above, labelled }: Curve): number {
  let area = 0;
  let hit = 0;
  let bufferHit = 0;
  let existing = 0;
  let recallBefore = 0;
  for (let k = 0; k < thresholdCount; k += 1) {
    hit += hits[k]!;
    bufferHit += bufferHits[k]!;
    existing += met[k]!;
    const wanted = labelled + bufferHit / 2;
    const recall = Math.min((hit + bufferHit) / wanted, 1) * (existing / met[thresholdCount]!);
    area += ((hit + bufferHit) / above[k]!) * (recall - recallBefore);
    recallBefore = recall;
  }
  return area;
}
