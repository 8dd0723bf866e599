/**
 * Area under the precision-recall curve without interpolation: the mean of the precisions at the thresholds that bring
 * more recall, weighted by how much (scikit-learn's `average_precision_score`; equal scores are one threshold). NaN
 * without a label.
 */
export function averagePrecision(scores: Float64Array, labels: Uint8Array): number {
  const all = scores.slice().sort();
  const positive = scores.filter((_, at) => labels[at] !== 0).sort();
  if (positive.length === 0) return Number.NaN;
  let area = 0;
  let below = all.length;
  for (let end = positive.length; end > 0; ) {
    const threshold = positive[end - 1]!;
    let first = end - 1;
    while (first > 0 && positive[first - 1] === threshold) first -= 1;
    while (below > 0 && all[below - 1]! >= threshold) below -= 1;
    area += ((end - first) / positive.length) * ((positive.length - first) / (all.length - below));
    end = first;
  }
  return area;
}
