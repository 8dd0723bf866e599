const share = 0.1;

/**
 * Lets the entries longest in a map go once there are more than `most`, a tenth at a time: a map's first key is found
 * slowly where many before it were deleted.
 */
export function thinOut<Key>(map: Map<Key, unknown>, most: number): void {
  if (map.size <= most) return;
  let left = map.size - Math.floor(most * (1 - share));
  for (const key of map.keys()) {
    map.delete(key);
    left -= 1;
    if (left <= 0) return;
  }
}
