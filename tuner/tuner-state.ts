import type { ClusterSnapshot, Incident, SloStatus } from '../model/index.ts';
import type { Observation } from './observation/observation.ts';
import type { PodTrack, WorkloadTrack } from './observation/workload-track.ts';
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

const version = 1;

interface Saved {
  readonly version: number;
  readonly lastMs: number;
  readonly snapshot: ClusterSnapshot | null;
  readonly pods: readonly [string, PodTrack][];
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

/** The whole state as bytes: JSON, since all of it is plain data. */
export function saveState({ observation, book, state }: TunerParts): Uint8Array {
  const saved: Saved = {
    version,
    lastMs: state.lastMs,
    snapshot: observation.snapshot ?? null,
    pods: [...observation.pods],
    workloads: [...observation.workloads],
    slos: [...observation.slos],
    workloadOfService: [...observation.workloadOfService],
    proposals: book.save(),
    incidents: [...state.incidents],
    answered: [...state.answered],
    learned: [...state.learned],
    quiet: [...state.quiet],
  };
  const text = JSON.stringify(saved, (_key, value) => (Number.isNaN(value) ? { [notANumber]: true } : value));
  return new TextEncoder().encode(text);
}

/** False, leaving everything as it was, where the bytes are of another version or damaged. */
export function loadState(bytes: Uint8Array, { observation, book, state }: TunerParts): boolean {
  let saved: Saved;
  try {
    saved = JSON.parse(new TextDecoder().decode(bytes), (_key, value) =>
      value !== null && typeof value === 'object' && value[notANumber] === true ? Number.NaN : value,
    );
  } catch {
    return false;
  }
  if (saved.version !== version) return false;
  observation.reset(saved.snapshot ?? undefined);
  fill(observation.pods, saved.pods);
  fill(observation.workloads, saved.workloads);
  fill(observation.slos, saved.slos);
  fill(observation.workloadOfService, saved.workloadOfService);
  fill(state.incidents, saved.incidents);
  fill(state.answered, saved.answered);
  fill(state.learned, saved.learned);
  fill(state.quiet, saved.quiet);
  book.load(saved.proposals);
  state.lastMs = saved.lastMs;
  return true;
}

function fill<T>(map: Map<string, T>, entries: readonly [string, T][]): void {
  map.clear();
  for (const [key, value] of entries) map.set(key, value);
}
