const shortestText = 64;

/**
 * A document whose JSON is at most `mostBytes` long: as it is if it can be, else with long texts and lists cut, shorter
 * and shorter until it fits. What is short stays: ids, states and times always do.
 */
export function trimDocument<T>(value: T, mostBytes: number): T {
  let trimmed = value;
  for (let length = 4096; Buffer.byteLength(JSON.stringify(trimmed)) > mostBytes && length >= 8; length >>= 1)
    trimmed = shorten(value, Math.max(shortestText, length), Math.max(8, length >> 2)) as T;
  return trimmed;
}

function shorten(value: unknown, mostCharacters: number, mostItems: number): unknown {
  if (typeof value === 'string')
    return value.length <= mostCharacters ? value : `${value.slice(0, mostCharacters).toWellFormed()}…`;
  if (Array.isArray(value))
    return value.slice(0, mostItems).map((item: unknown) => shorten(item, mostCharacters, mostItems));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, part]) => [name, shorten(part, mostCharacters, mostItems)]),
  );
}
