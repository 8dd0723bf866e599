import { type Action, type Change, finalActionStates, toEpochMs, workloadKey } from '../model/index.ts';
import type { TunerParts } from './tuner-state.ts';

const quietAfterNoMs = 1_800_000;
const quietAfterFailureMs = 600_000;
const noLoweringMs = 3_600_000;
const mostCaution = 3;
const rememberedActions = 2000;

/**
 * The reward. An action on its way takes its proposal; its outcome makes the next decisions on that workload bolder or
 * more careful, and a lowering that went wrong stops lowerings for an hour. A person's no is kept to for half an hour, what
 * could not be done is left for ten minutes.
 * Each state of an action is learnt once, however often it is told.
 */
export function learnFrom(action: Action, { observation, book, state }: TunerParts): void {
  if (state.learned.get(action.id) === action.state) return;
  state.learned.delete(action.id);
  state.learned.set(action.id, action.state);
  if (state.learned.size > rememberedActions) state.learned.delete(state.learned.keys().next().value ?? '');
  const atMs = toEpochMs(action.updatedAt);
  const key = workloadKey(action.target);
  const track = observation.workloads.get(key);
  const proposal = book.all().find(({ id }) => id === action.proposalId);
  if (action.state === 'rejected') state.quiet.set(key, atMs + quietAfterNoMs);
  const undone = action.state === 'failed' && action.appliedAt === undefined;
  if (undone) state.quiet.set(key, Math.max(state.quiet.get(key) ?? 0, atMs + quietAfterFailureMs));
  if (proposal !== undefined && (undone || action.state === 'rejected' || action.state === 'expired')) {
    book.withdraw(proposal, atMs);
  }
  if (action.appliedAt === undefined && action.state !== 'intended' && action.state !== 'unknown') return;
  book.take(action.proposalId, atMs);
  if (track === undefined) return;
  track.actedMs = Math.max(track.actedMs, toEpochMs(action.appliedAt ?? action.updatedAt));
  if (!finalActionStates.has(action.state)) return;
  const good = action.state === 'verified' && action.outcome?.sloAfter !== false;
  track.caution = Math.min(mostCaution, Math.max(0, track.caution + (good ? -0.5 : 1)));
  if (!good && lowers(action.changes)) track.noLoweringUntilMs = Math.max(track.noLoweringUntilMs, atMs + noLoweringMs);
}

function lowers(changes: readonly Change[]): boolean {
  return changes.some((change) => {
    if (change.type === 'restart') return false;
    if (change.type === 'scale') return change.to < change.from;
    return (['requests', 'limits'] as const).some(
      (part) =>
        (change.to[part].cpuCores ?? 0) < (change.from[part].cpuCores ?? 0) ||
        (change.to[part].memoryBytes ?? 0) < (change.from[part].memoryBytes ?? 0),
    );
  });
}
