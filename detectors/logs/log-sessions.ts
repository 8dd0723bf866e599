import { type CountVector, sortedVector } from './session-vectors.ts';

/** One session that is still written to: lines of one trace, request or job at one entity. */
export interface LogSession {
  readonly entity: number;
  readonly firstMs: number;
  lastMs: number;
  records: number;
  /** Lines by template id. */
  readonly counted: Map<number, number>;
}

export interface ClosedSession {
  readonly entity: number;
  readonly records: number;
  readonly firstMs: number;
  readonly vector: CountVector;
}

/** Sessions by key, bounded. */
export interface LogSessions {
  /** Counts a line of template `template` into the session `key` of `entity`. */
  add(key: number, entity: number, template: number, timeMs: number): void;
  /** Takes out those idle or too old at `nowMs`, and those that had to make room. */
  close(nowMs: number, idNow: (id: number) => number): readonly ClosedSession[];
  readonly size: number;
  save(): unknown;
  load(saved: unknown): void;
}

export interface LogSessionsOptions {
  readonly idleMs: number;
  readonly maxSessions: number;
}

/** Kinds of line counted in one session; further ones make no difference. */
const maxKinds = 64;
/** A session is judged after so many idle times even if it goes on. */
const longestIdles = 20;

export function createLogSessions({ idleMs, maxSessions }: LogSessionsOptions): LogSessions {
  let open = new Map<number, LogSession>();
  /** Over, and not taken out yet. */
  let done: LogSession[] = [];

  /** Lets the oldest tenth go: one by one, a map's first key is found slowly. */
  function makeRoom(nowMs: number): void {
    const enough = maxSessions * 0.9;
    for (const [key, session] of open) {
      open.delete(key);
      // Cut short for want of room, its counts would be judged wrongly.
      if (session.lastMs < nowMs - idleMs && done.length < maxSessions) done.push(session);
      if (open.size <= enough) return;
    }
  }

  return {
    get size() {
      return open.size;
    },
    add: (key, entity, template, timeMs) => {
      let session = open.get(key);
      if (session === undefined) {
        session = { entity, firstMs: timeMs, lastMs: timeMs, records: 0, counted: new Map() };
        if (open.size >= maxSessions) makeRoom(timeMs);
        open.set(key, session);
      }
      session.records += 1;
      if (timeMs > session.lastMs) session.lastMs = timeMs;
      const count = session.counted.get(template);
      if (count !== undefined || session.counted.size < maxKinds) session.counted.set(template, (count ?? 0) + 1);
    },
    close: (nowMs, idNow) => {
      const closed = done;
      done = [];
      for (const [key, session] of open) {
        if (nowMs - session.lastMs < idleMs && nowMs - session.firstMs < idleMs * longestIdles) continue;
        open.delete(key);
        closed.push(session);
      }
      return closed.map(({ entity, records, firstMs, counted }) => ({
        entity,
        records,
        firstMs,
        vector: sortedVector(counted, idNow),
      }));
    },
    save: () => [...open].map(([key, { counted, ...rest }]) => [key, { ...rest, counted: [...counted] }]),
    load: (saved) => {
      type SavedSession = Omit<LogSession, 'counted'> & { readonly counted: readonly [number, number][] };
      open = new Map(
        (saved as readonly (readonly [number, SavedSession])[]).map(([key, { counted, ...rest }]) => [
          key,
          { ...rest, counted: new Map(counted) },
        ]),
      );
      done = [];
    },
  };
}
