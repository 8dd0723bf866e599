import { contentHash, type StateFiles } from '../../model/index.ts';
import type { PullQuery } from './ask-query-api.ts';
import type { QuerySource } from './query-config.ts';

/** How far each query of a source has been taken, remembered across restarts. */
export interface PullPositions {
  /** Up to where this query's samples are in the log; undefined where none was taken yet. */
  get(query: PullQuery): number | undefined;
  /** Durable once resolved. Rejects with KYBERN_LOG_UNAVAILABLE. */
  put(reached: ReadonlyMap<PullQuery, number>): Promise<void>;
}

const version = 1;

/**
 * Positions follow from what is asked, so that a changed expression begins anew and an unchanged one goes on. A position
 * is written after its samples are durable: a crash between the two reads them again, and the store and the detectors
 * know them by series and time.
 */
export async function openPullPositions(stateFiles: StateFiles, source: QuerySource): Promise<PullPositions> {
  const name = `queries-${source.name}`;
  const positions = new Map(parse(await stateFiles.get(name)));
  const keyOf = (query: PullQuery) =>
    contentHash(query.kind, query.expr, query.as, query.kind === 'range' ? String(source.stepSeconds) : '');
  const keys = new Set<string>();

  return {
    get(query) {
      keys.add(keyOf(query));
      return positions.get(keyOf(query));
    },
    async put(reached) {
      for (const [query, timeMs] of reached) positions.set(keyOf(query), timeMs);
      // What is asked no longer is forgotten.
      const kept = [...positions].filter(([key]) => keys.has(key));
      await stateFiles.put(name, Buffer.from(JSON.stringify({ version, positions: kept })));
    },
  };
}

function parse(bytes: Uint8Array | undefined): [string, number][] {
  if (bytes === undefined) return [];
  const saved = JSON.parse(Buffer.from(bytes).toString('utf8')) as { version: number; positions: [string, number][] };
  return saved.version === version ? saved.positions : [];
}
