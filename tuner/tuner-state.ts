import type { ClusterSnapshot, Incident, SloStatus } from '../model/index.ts';
import type { Observation } from './observation/observation.ts';
import type { SavedPod, WorkloadTrack } from './observation/workload-track.ts';
import type { ProposalBook, SavedBook } from './proposals/proposal-book.ts';

/** What is remembered between evaluations beside observations and proposals. */
export interface TunerState {
  /** Open incidents by id. */
  readonly incidents: Map<string, Incident>;
  /** The proposal that answers an incident, by incident id. */
  readonly answered: Map<string, string>;
  /** Latest state learnt of each action. */
  readonly learned: Map<string, string>;
  /** Until when nothing is forecast for a workload, after a person said no. */
  readonly quiet: Map<string, number>;
  lastMs: number;
}

export interface TunerParts {
  readonly observation: Observation;
  readonly book: ProposalBook;
  readonly state: TunerState;
}

const version = 2;

/** Pods that make one piece. */
const podsPerPiece = 500;

interface Saved {
  readonly version: number;
  readonly lastMs: number;
  readonly snapshot: ClusterSnapshot | null;
  readonly workloads: readonly [string, WorkloadTrack][];
  readonly slos: readonly [string, SloStatus][];
  readonly workloadOfService: readonly [string, string][];
  readonly proposals: SavedBook;
  readonly incidents: readonly [string, Incident][];
  readonly answered: readonly [string, string][];
  readonly learned: readonly [string, string][];
  readonly quiet: readonly [string, number][];
}

// JSON has no NaN, and histories begin with it.
const notANumber = 'NaN';

/**
 * The state in pieces of JSON, since all of it is plain data, each behind its length (u32): all but the pods first, of
 * which there may be tens of thousands.
 */
export function* saveState({ observation, book, state }: TunerParts): Iterable<Uint8Array> {
  const saved: Saved = {
    version,
    lastMs: state.lastMs,
    snapshot: observation.snapshot ?? null,
    workloads: [...observation.workloads],
    slos: [...observation.slos],
    workloadOfService: [...observation.workloadOfService],
    proposals: book.save(),
    incidents: [...state.incidents],
    answered: [...state.answered],
    learned: [...state.learned],
    quiet: [...state.quiet],
  };
  yield framed(saved);
  let pods: (readonly [string, SavedPod])[] = [];
  for (const pod of observation.savedPods()) {
    if (pods.push(pod) < podsPerPiece) continue;
    yield framed(pods);
    pods = [];
  }
  if (pods.length > 0) yield framed(pods);
}

function framed(value: unknown): Uint8Array {
  const text = JSON.stringify(value, (_key, one) => (Number.isNaN(one) ? { [notANumber]: true } : one));
  const bytes = Buffer.from(`    ${text}`);
  bytes.writeUInt32LE(bytes.length - 4, 0);
  return bytes;
}

/** False, leaving everything as it was, where the bytes are of another version; where they are damaged, empty. */
export function loadState(bytes: Uint8Array, { observation, book, state }: TunerParts): boolean {
  const pieces = unframed(bytes);
  try {
    const saved = pieces.next().value as Saved | undefined;
    if (saved?.version !== version) return false;
    observation.reset(saved.snapshot ?? undefined);
    fill(observation.workloads, saved.workloads);
    fill(observation.slos, saved.slos);
    fill(observation.workloadOfService, saved.workloadOfService);
    fill(state.incidents, saved.incidents);
    fill(state.answered, saved.answered);
    fill(state.learned, saved.learned);
    fill(state.quiet, saved.quiet);
    book.load(saved.proposals);
    state.lastMs = saved.lastMs;
    for (const pods of pieces) for (const [key, pod] of pods as [string, SavedPod][]) observation.putPod(key, pod);
    return true;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof RangeError) return false;
    throw error;
  }
}

function* unframed(bytes: Uint8Array): Iterator<unknown> & Iterable<unknown> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = 0; at < buffer.length; ) {
    const end = at + 4 + buffer.readUInt32LE(at);
    yield JSON.parse(buffer.toString('utf8', at + 4, end), (_key, value) =>
      value !== null && typeof value === 'object' && value[notANumber] === true ? Number.NaN : value,
    );
    at = end;
  }
}

function fill<T>(map: Map<string, T>, entries: readonly [string, T][]): void {
  map.clear();
  for (const [key, value] of entries) map.set(key, value);
}
