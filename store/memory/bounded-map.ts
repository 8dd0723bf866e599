/** A map that forgets what was put first once it holds more than `limit`. */
export function createBoundedMap<V>(limit: number): Pick<Map<string, V>, 'get' | 'set' | 'has' | 'values' | 'size'> {
  const map = new Map<string, V>();
  const set = map.set.bind(map);
  // One iterator for ever: a new one would walk over everything deleted since the map was last rehashed.
  const oldest = map.keys();
  map.set = (key, value) => {
    set(key, value);
    if (map.size > limit) map.delete(oldest.next().value as string);
    return map;
  };
  return map;
}
