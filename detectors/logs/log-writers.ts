import { type EntityRef, entityKey, entityOfLabels, type Labels } from '../../model/index.ts';
import { type GapState, newGapState } from './line-gaps.ts';
import type { LogEntity } from './log-entities.ts';
import { newWritingHours, type WritingHours } from './writing-hours.ts';

/** What writes lines and is there to stay: a service, workload or node. The lines of pods are their workload's. */
export interface LogWriter {
  readonly key: string;
  readonly ref: EntityRef;
  readonly labels: Labels;
  readonly hours: WritingHours;
  /** Windows without a line, between those with one, in hours in which lines are expected. */
  readonly gaps: GapState;
  /** Records of the window that is open, and as they were of late. */
  records: number;
  usual: number;
  /** Records a window, in hours in which lines are expected. */
  rate: number;
  /** When it was told that it is silent; 0 once it is heard. */
  toldMs: number;
  /** The cluster has shown it; and shows that it is not to run now. */
  isListed: boolean;
  isStopped: boolean;
}

/** Those that wrote lines within a week and a day. There is room for so many; who is heard first has it. */
export interface LogWriters {
  readonly all: ReadonlyMap<string, LogWriter>;
  /** Undefined for what comes and goes, and where there is no room. */
  of(entity: LogEntity, nowMs: number): LogWriter | undefined;
  /** Forgets who was silent for too long. */
  forget(nowMs: number): void;
  save(): unknown;
  load(saved: unknown): void;
}

const mostWriters = 2000;
const dayMs = 86_400_000;
/** Weekends are outlasted. Who is silent for a day makes room where there is none. */
const [keptMs, roomMs] = [8 * dayMs, dayMs];
/** Labels of a pod that do not tell its workload. */
const ofOnePod = new Set(['k8s.pod.name', 'pod', 'pod_name', 'k8s.node.name', 'node', 'host.name', 'instance']);

export interface LogWritersDeps {
  /** The lines of all pods of a workload are seen: else they say nothing of it. */
  readonly followsPods: boolean;
  readonly most?: number;
}

type Named = Pick<LogWriter, 'key' | 'ref' | 'labels'>;
type SavedHours = Omit<WritingHours, 'runs'> & { readonly runs: string };
type SavedWriter = Omit<LogWriter, 'hours'> & { readonly hours: SavedHours };

export function createLogWriters({ followsPods, most = mostWriters }: LogWritersDeps): LogWriters {
  let all = new Map<string, LogWriter>();
  let known = new WeakMap<LogEntity, { readonly named: Named | undefined; writer: LogWriter | undefined }>();
  /** Nobody makes room before: who is heard of is so ever later. Not saved, since it is found again. */
  let fullUntilMs = Number.NEGATIVE_INFINITY;

  function drop(key: string): void {
    all.delete(key);
    known = new WeakMap();
  }

  function hasRoom(nowMs: number): boolean {
    if (all.size < most) return true;
    if (nowMs <= fullUntilMs) return false;
    let quietest: LogWriter | undefined;
    for (const writer of all.values()) {
      if (quietest === undefined || writer.gaps.heardMs < quietest.gaps.heardMs) quietest = writer;
    }
    if (quietest === undefined) return false;
    fullUntilMs = quietest.gaps.heardMs + roomMs;
    if (nowMs <= fullUntilMs) return false;
    drop(quietest.key);
    return true;
  }

  function find(named: Named, nowMs: number): LogWriter | undefined {
    let writer = all.get(named.key);
    if (writer === undefined && hasRoom(nowMs)) {
      const gaps = { ...newGapState(), heardMs: nowMs };
      const none = { records: 0, usual: 0, rate: 0, toldMs: 0, isListed: false, isStopped: false };
      writer = { ...named, hours: newWritingHours(), gaps, ...none };
      all.set(named.key, writer);
    }
    return writer;
  }

  function nameOf(entity: LogEntity): Named | undefined {
    return entity.ref.kind === 'pod' && !followsPods ? undefined : writerOf(entity);
  }

  return {
    get all() {
      return all;
    },
    of: (entity, nowMs) => {
      const before = known.get(entity) ?? { named: nameOf(entity), writer: undefined };
      // Whoever had no room is looked up anew each time, or after a restart another would have it.
      if (before.writer === undefined && before.named !== undefined) before.writer = find(before.named, nowMs);
      known.set(entity, before);
      return before.writer;
    },
    forget: (nowMs) => {
      for (const writer of all.values()) if (nowMs - writer.gaps.heardMs > keptMs) drop(writer.key);
    },
    save: () =>
      Array.from(all.values(), ({ hours, ...rest }): SavedWriter => {
        return { ...rest, hours: { ...hours, runs: hours.runs.join('') } };
      }),
    load: (saved) => {
      known = new WeakMap();
      fullUntilMs = Number.NEGATIVE_INFINITY;
      all = new Map();
      for (const { hours, ...rest } of saved as readonly SavedWriter[]) {
        const runs = Uint8Array.from(hours.runs, Number);
        all.set(rest.key, { ...rest, gaps: { ...rest.gaps }, hours: { ...hours, runs } });
      }
    },
  };
}

function writerOf({ ref, labels }: LogEntity): Named | undefined {
  if (ref.kind === 'service' || ref.kind === 'workload' || ref.kind === 'node')
    return { key: entityKey(ref), ref, labels };
  if (ref.kind !== 'pod') return undefined;
  const shared = labels.filter(([name]) => !ofOnePod.has(name));
  const owner = entityOfLabels('', shared);
  if (owner.kind !== 'workload' && owner.kind !== 'service') return undefined;
  return { key: entityKey(owner), ref: owner, labels: shared };
}
