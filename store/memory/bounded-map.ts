/** A map that forgets what was put first once it holds more than `limit`. */
export function createBoundedMap<V>(limit: number): Pick<Map<string, V>, 'get' | 'set' | 'has' | 'values' | 'size'> {
  const map = new Map<string, V>();
  const set = map.set.bind(map);
  map.set = (key, value) => {
    set(key, value);
    if (map.size > limit) map.delete(map.keys().next().value as string);
    return map;
  };
  return map;
}
