import type { SpillFiles, SpillIndex } from '../spill/index.ts';

/** So many records at once. */
const mostRecords = 500;

/**
 * Moves some records of a segment of which little is in use behind those of the newest; nothing where there is none. What
 * is left of the segment goes once no saved state refers to it. Rejects with KYBERN_DATA_DIR.
 */
export async function compactOne(index: SpillIndex, files: SpillFiles): Promise<void> {
  const sparse = [...index.bytesOf].filter(([segment, bytes]) => segment !== files.newest && bytes < files.sparseBelow);
  // One whose records cannot be read keeps no other one waiting.
  for (const [segment] of sparse) if (await moveSome(segment, index, files)) return;
}

async function moveSome(segment: number, index: SpillIndex, files: SpillFiles): Promise<boolean> {
  const rows: number[] = [];
  index.forEachRow((row) => {
    if (rows.length < mostRecords && index.segmentOf(row) === segment) rows.push(row);
  });
  const records = await files.read(rows.map(index.at));
  // What is damaged stays where it is until its series comes: it is told of then.
  const sound = rows.filter((_, at) => records[at] !== undefined);
  if (sound.length === 0) return false;
  const places = await files.append(records.filter((record) => record !== undefined));
  for (const [at, row] of sound.entries()) index.move(row, places[at]!);
  return true;
}
