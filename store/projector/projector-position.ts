import type { StateFiles } from '../../model/index.ts';

/**
 * The range of offsets [from, to) that is being inserted or was the last to be. Saved before the insert: after a crash
 * at whatever moment the very same range is sent again, under the same token, and the store drops what it has.
 */
export interface Range {
  readonly from: number;
  readonly to: number;
}

export async function loadRange(stateFiles: StateFiles, name: string): Promise<Range | undefined> {
  const bytes = await stateFiles.get(name);
  if (bytes === undefined) return undefined;
  const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
  const sound = Array.isArray(value) && value.length === 2 && value.every((part) => Number.isSafeInteger(part));
  // An unreadable place means beginning anew, which costs time and changes nothing.
  return sound ? { from: value[0] as number, to: value[1] as number } : undefined;
}

export async function saveRange(stateFiles: StateFiles, name: string, range: Range): Promise<void> {
  await stateFiles.put(name, new TextEncoder().encode(JSON.stringify([range.from, range.to])));
}
