import { type Segment, segmentsOf } from '../segments.ts';

const thresholds = 100;

/** VUS-PR as it is defined: every buffer and threshold looked at by itself, over all points. Slow, to hold the fast against. */
export function volumeByDefinition(scores: Float64Array, labels: Uint8Array, maxBuffer: number): number {
  const falling = scores.slice().sort().reverse();
  const anomalies = segmentsOf(labels);
  let volume = 0;
  for (let buffer = 0; buffer <= maxBuffer; buffer += 1) {
    const weights = extend(labels, anomalies, buffer);
    const ranges = merge(anomalies, buffer >> 1, labels.length);
    let recallBefore = 0;
    for (let k = 0; k < thresholds; k += 1) {
      const threshold = falling[Math.floor((k * (falling.length - 1)) / (thresholds - 1))]!;
      const above = Array.from(scores, (score) => score >= threshold);
      const met = ranges.filter(([first, last]) => above.slice(first, last + 1).includes(true)).length;
      let truePositive = 0;
      let labelled = 0;
      for (let at = 0; at < labels.length; at += 1) {
        // Labels of the buffer count where they are predicted, those of the anomaly always.
        const label = labels[at] === 1 ? 1 : above[at] ? weights[at]! : 0;
        labelled += label;
        truePositive += above[at] ? label : 0;
      }
      const original = labels.reduce((sum, label) => sum + label, 0);
      const recall = Math.min(truePositive / ((original + labelled) / 2), 1) * (met / ranges.length);
      volume += (truePositive / above.filter(Boolean).length) * (recall - recallBefore);
      recallBefore = recall;
    }
  }
  return volume / (maxBuffer + 1);
}

function extend(labels: Uint8Array, anomalies: readonly Segment[], buffer: number): readonly number[] {
  return Array.from(labels, (label, at) => {
    let weight: number = label;
    for (const [first, last] of anomalies) {
      const distance = at > last ? at - last : first - at;
      if (distance >= 1 && distance <= buffer >> 1) weight += Math.sqrt(1 - distance / buffer);
    }
    return Math.min(1, weight);
  });
}

function merge(anomalies: readonly Segment[], half: number, length: number): readonly Segment[] {
  const ranges: [number, number][] = [];
  for (const [first, last] of anomalies) {
    const open = ranges.at(-1);
    const to = Math.min(length - 1, last + half);
    if (open !== undefined && open[1] >= first - half) open[1] = to;
    else ranges.push([Math.max(0, first - half), to]);
  }
  return ranges;
}
