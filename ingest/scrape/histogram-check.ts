import type { Suffix } from './open-metrics-types.ts';

/** Follows the samples of one histogram family, metric by metric, and tells where they contradict each other. */
export interface HistogramCheck {
  reset(): void;
  /** A sample in its place; `bound` is the number in `le`. False where it or what came before it cannot be. */
  take(group: number, time: number, suffix: Suffix, bound: number, value: number): boolean;
  /** Whether the last metric was complete. */
  end(): boolean;
}

/** The rules of "Histogram" and "GaugeHistogram" in OpenMetrics 1.0. Times without a value are NaN. */
export function createHistogramCheck(): HistogramCheck {
  let open = false;
  let group = -1;
  let time = Number.NaN;
  let bound = Number.NaN;
  let bucketValue = 0;
  let count = Number.NaN;
  let hasSum = false;
  let hasGaugeSum = false;
  let negativeBound = false;
  let negativeGaugeSum = false;

  function complete(): boolean {
    const counted = !Number.isNaN(count);
    if (bound !== Number.POSITIVE_INFINITY) return false;
    if (counted && count !== bucketValue) return false;
    if (counted !== (hasSum || hasGaugeSum)) return false;
    if (negativeBound && hasSum) return false;
    return negativeBound || !negativeGaugeSum;
  }

  function begin(): void {
    bound = Number.NaN;
    bucketValue = 0;
    count = Number.NaN;
    hasSum = false;
    hasGaugeSum = false;
    negativeBound = false;
    negativeGaugeSum = false;
  }

  return {
    reset() {
      open = false;
      begin();
    },
    take(nextGroup, nextTime, suffix, nextBound, value) {
      if (!open || nextGroup !== group || !Object.is(nextTime, time)) {
        if (open && !complete()) return false;
        begin();
      }
      open = true;
      group = nextGroup;
      time = nextTime;
      if (suffix === '_bucket') {
        if (nextBound <= bound || value < bucketValue) return false;
        negativeBound ||= nextBound < 0;
        bound = nextBound;
        bucketValue = value;
      } else if (suffix === '_count' || suffix === '_gcount') count = value;
      else if (suffix === '_sum') hasSum = true;
      else if (suffix === '_gsum') {
        hasGaugeSum = true;
        negativeGaugeSum ||= value < 0;
      }
      return true;
    },
    end: () => !open || complete(),
  };
}
