import type { Attributes } from '../telemetry-frame.ts';

const keys = new WeakMap<Attributes, string>();

/** A text that is the same for equal attributes in any order. Remembered per object: they are not to change. */
export function attributesKey(attributes: Attributes): string {
  let key = keys.get(attributes);
  if (key === undefined) {
    key = JSON.stringify(Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1)));
    keys.set(attributes, key);
  }
  return key;
}

/** Items by equal resources, in order of first appearance. */
export function groupByResource<T extends { readonly resource: Attributes }>(items: readonly T[]): T[][] {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = attributesKey(item.resource);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return [...groups.values()];
}
