/**
 * A quantile with linear interpolation between order statistics, by quickselect (Hoare): linear time, where a sort of
 * every series' reference would make most of a diagnosis. Reorders `values` in place.
 */
export function quantileOf(values: Float64Array, share: number): number {
  const at = share * (values.length - 1);
  const low = Math.floor(at);
  select(values, low);
  if (at === low) return values[low];
  let next = values[low + 1];
  for (let i = low + 2; i < values.length; i += 1) if (values[i] < next) next = values[i];
  return values[low] + (next - values[low]) * (at - low);
}

/** Afterwards the value of rank k is at k, none before it is larger, none after it smaller. */
function select(values: Float64Array, k: number): void {
  let left = 0;
  let right = values.length - 1;
  while (left < right) {
    const pivot = values[(left + right) >> 1];
    let i = left;
    let j = right;
    while (i <= j) {
      while (values[i] < pivot) i += 1;
      while (values[j] > pivot) j -= 1;
      if (i > j) break;
      const held = values[i];
      values[i] = values[j];
      values[j] = held;
      i += 1;
      j -= 1;
    }
    if (k <= j) right = j;
    else if (k >= i) left = i;
    else return;
  }
}
