import { createRecurringBursts } from '../recurring/index.ts';
import type { EntityRecord } from './entity-record.ts';

/** What begins so shortly after a burst did belongs to it: a job is strange when it begins and when it ends. */
const belongsMs = 50 * 60_000;
/** An entity's bursts are all of one kind: metrics take turns in what they explain. */
const kind = 'joint';

/** Takes in that something began, explained by these series, the first above all, and says whether it is due by the clock. */
export function noteBurst(record: EntityRecord, onsetMs: number, score: number, by: readonly string[]): boolean {
  const { episode } = record;
  const before = episode.burst;
  const isOfThose = before?.by.includes(by[0]!) === true;
  const all = [...new Set([...(before?.by ?? []), ...by])];
  if (before !== undefined && onsetMs - before.onsetMs < belongsMs) {
    episode.burst = { ...before, by: all };
  } else {
    if (before !== undefined) {
      record.bursts ??= createRecurringBursts();
      record.bursts.note(kind, { onsetMs: before.onsetMs, size: before.size, lengthMs: before.lengthMs });
    }
    episode.burst = { onsetMs, size: score, lengthMs: 0, by: all };
  }
  noteScore(record, onsetMs, score);
  return isOfThose && isDue(record);
}

/** Takes in that it is still there. */
export function noteScore({ episode }: EntityRecord, timeMs: number, score: number): void {
  const before = episode.burst;
  if (before === undefined) return;
  const lengthMs = Math.max(before.lengthMs, timeMs - before.onsetMs);
  episode.burst = { ...before, size: Math.max(before.size, score), lengthMs };
}

/** Whether what there has been of the latest burst so far is due. */
export function isDue({ episode: { burst }, bursts }: EntityRecord): boolean {
  return burst !== undefined && bursts?.isDue(kind, burst) === true;
}
