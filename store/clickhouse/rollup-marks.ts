import type { SampleBatch } from '../../model/index.ts';
import type { Connection } from './connection.ts';
import { jsonBody } from './insert-body.ts';

/** Which hours have samples that no rollup has seen. */
export interface RollupMarks {
  /** Marks the hours of these samples, durably, before they are inserted; those marked lately are not marked again. */
  mark(batches: readonly SampleBatch[]): Promise<void>;
  /** From now on every hour is marked again when next written to. */
  forget(): void;
}

export const hourMs = 3_600_000;
/** What ClickHouse's DateTime holds: 1970 to 2106. What lies outside is a sender's nonsense, and is not rolled up. */
const lastHour = Math.floor(0xffff_ffff / 3600) - 1;

export function createRollupMarks(connection: Connection): RollupMarks {
  let marked = new Set<number>();

  async function mark(batches: readonly SampleBatch[]): Promise<void> {
    const fresh = [...hoursOf(batches)].filter((hour) => !marked.has(hour));
    if (fresh.length === 0) return;
    // The server gives the version, which must be new with each mark: a token would make it an old one.
    const body = jsonBody(fresh.map((hour) => ({ hour: hour * 3600, due: 1 })));
    await connection.insert('rollup_hours', body.format, body.bytes(0, body.rows));
    for (const hour of fresh) marked.add(hour);
  }

  function forget(): void {
    marked = new Set();
  }

  return { mark, forget };
}

function hoursOf(batches: readonly SampleBatch[]): ReadonlySet<number> {
  const hours = new Set<number>();
  let newest = Number.NaN;
  for (const { timesMs, count } of batches) {
    for (let row = 0; row < count; row++) {
      const hour = Math.floor(timesMs[row] / hourMs);
      if (hour === newest) continue;
      newest = hour;
      if (hour >= 0 && hour <= lastHour) hours.add(hour);
    }
  }
  return hours;
}
