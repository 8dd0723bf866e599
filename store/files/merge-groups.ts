import type { Layout } from './layout.ts';

/**
 * Merges sorted runs into one, key by key; of rows with the same key that of the last run stays. One group of each run
 * is in memory at a time.
 */
export async function* mergeGroups<G>(layout: Layout<G>, runs: readonly AsyncIterable<G>[]): AsyncGenerator<G> {
  const cursors = await Promise.all(runs.map((run) => openCursor(layout, run[Symbol.asyncIterator]())));
  const collector = layout.collector();
  let live = cursors.filter((cursor) => cursor.group !== undefined);
  while (live.length > 0) {
    let least = live[0];
    let hasTwin = false;
    for (let i = 1; i < live.length; i++) {
      const compared = order(layout, live[i], least);
      if (compared > 0) continue;
      hasTwin = compared === 0;
      least = live[i];
    }
    collector.add(least.group as G, least.row);
    if (collector.rows === layout.rowsPerGroup) yield collector.take();
    let ended = false;
    if (hasTwin) {
      for (const cursor of live) {
        if (cursor === least || order(layout, cursor, least) !== 0) continue;
        if (step(layout, cursor)) await refill(cursor);
        ended ||= cursor.group === undefined;
      }
    }
    if (step(layout, least)) await refill(least);
    ended ||= least.group === undefined;
    if (ended) live = live.filter((cursor) => cursor.group !== undefined);
  }
  if (collector.rows > 0) yield collector.take();
}

interface Cursor<G> {
  readonly groups: AsyncIterator<G>;
  group: G | undefined;
  row: number;
}

async function openCursor<G>(layout: Layout<G>, groups: AsyncIterator<G>): Promise<Cursor<G>> {
  const cursor: Cursor<G> = { groups, group: undefined, row: 0 };
  await refill(cursor);
  while (cursor.group !== undefined && layout.rows(cursor.group) === 0) await refill(cursor);
  return cursor;
}

function order<G>(layout: Layout<G>, a: Cursor<G>, b: Cursor<G>): number {
  return layout.compare(a.group as G, a.row, b.group as G, b.row);
}

/** True at the end of the group. */
function step<G>(layout: Layout<G>, cursor: Cursor<G>): boolean {
  cursor.row += 1;
  return cursor.row === layout.rows(cursor.group as G);
}

async function refill<G>(cursor: Cursor<G>): Promise<void> {
  const next = await cursor.groups.next();
  cursor.group = next.done === true ? undefined : next.value;
  cursor.row = 0;
}
