import { type Action, type ClusterSnapshot, type GateResult, toTimestamp } from '../../model/index.ts';
import { describeChange } from '../changes/change-direction.ts';
import type { LiveTarget } from '../changes/change-position.ts';
import { askGates, denials, isForGood, waitsForApproval } from '../gates/ask-gates.ts';
import { changesToWrite, deniedNames, gateInput, type MachineContext, readLive, revise } from './machine-context.ts';
import { type Performance, perform, rehearse } from './perform.ts';

const conflictTries = 3;
const refusalTries = 5;
const refusalBackoffMs = 10_000;
const passingStatuses: ReadonlySet<number> = new Set([408, 409, 429, 500, 502, 503, 504]);

/**
 * Takes a waiting action as far as it goes now: fresh read, gates, the intent on disk, the calls, the outcome on disk. A
 * conflict means the object has moved on: everything is judged anew on a fresh read, a few times at most. True where
 * a write was begun.
 */
export async function attemptWrite(
  context: MachineContext,
  action: Action,
  listCluster: () => Promise<ClusterSnapshot | undefined>,
): Promise<boolean> {
  let current = action;
  for (let tries = 0; tries < conflictTries; tries++) {
    const live = await readLive(context, current);
    const results = askGates(await gateInput(context, current, live, await listCluster()));
    const denied = denials(results);
    if (live === undefined || denied.length > 0) {
      await hold(context, current, results);
      return tries > 0;
    }
    if (context.config.serverDryRun) {
      const rehearsal = await rehearse(context, current, live);
      if (rehearsal?.outcome === 'conflict') continue;
      if (rehearsal?.outcome === 'unknown') {
        await holdFor(context, current, results, `dry run: ${rehearsal.detail}`);
        return false;
      }
      if (rehearsal?.outcome === 'refused') {
        const detail = `dry run: ${rehearsal.status} ${rehearsal.reason}: ${rehearsal.detail}`;
        await refused(context, current, results, rehearsal.status, 0, detail);
        return false;
      }
    }
    const intended = await intend(context, current, live, results);
    const performance = await perform(context, intended, live);
    current = await conclude(context, intended, performance);
    if (performance.outcome !== 'conflict' || performance.written > 0) return true;
  }
  return true;
}

async function intend(context: MachineContext, action: Action, live: LiveTarget, gates: GateResult[]): Promise<Action> {
  const changes = changesToWrite(action);
  const before = {
    replicas: live.workload.replicas,
    readyReplicas: live.workload.readyReplicas,
    containers: live.workload.containers,
    slos: context.slos.marks(action.target),
  };
  const undo = action.reverting === true ? 'undo: ' : '';
  const intended = revise(context, action, {
    state: 'intended',
    approvedBy: action.approvedBy ?? 'auto',
    gates,
    detail: `${undo}${changes.map(describeChange).join('; ')}`,
    // An undo goes back to what was there before the action itself.
    before: action.reverting === true ? action.before : before,
  });
  await context.journal.commit({
    event: 'action-intended',
    actor: intended.approvedBy === 'auto' ? 'kybern' : (intended.approvedBy ?? 'kybern'),
    detail: intended.detail,
    action: intended,
    before,
    after: { changes, resourceVersion: live.workload.resourceVersion },
  });
  return intended;
}

async function conclude(context: MachineContext, action: Action, performance: Performance): Promise<Action> {
  switch (performance.outcome) {
    case 'applied':
      return await recordApplied(context, action, performance.detail);
    case 'unknown': {
      const next = revise(context, action, { state: 'unknown', detail: performance.detail });
      await context.journal.commit({ event: 'action-unknown', actor: 'kybern', detail: next.detail, action: next });
      return next;
    }
    case 'refused':
      return await refused(context, action, action.gates, performance.status, performance.written, performance.detail);
    default: {
      const made = performance.written === 0 ? 'nothing was written' : `${performance.written} calls were made before`;
      return await holdFor(context, action, action.gates, `${performance.outcome}, ${made}: ${performance.detail}`);
    }
  }
}

/** The write took effect: as the call said, or as it was read back. */
export async function recordApplied(context: MachineContext, action: Action, detail: string): Promise<Action> {
  const undone = action.reverting === true;
  const next = revise(context, action, {
    state: undone ? 'reverted' : 'applied',
    ...(undone ? {} : { appliedAt: toTimestamp(context.clock.now()) }),
    detail,
  });
  const event = undone ? 'action-reverted' : 'action-applied';
  await context.journal.commit({
    event,
    actor: 'kybern',
    detail,
    action: next,
    after: { changes: changesToWrite(next) },
  });
  await announce(context, next, undone ? 'KybernReverted' : 'KybernApplied');
  return next;
}

/** Tells people on the target; best effort. */
export async function announce(context: MachineContext, action: Action, reason: string): Promise<void> {
  try {
    await context.cluster.announce(action.target, reason, `${action.id}: ${action.reason}. ${action.detail}`);
  } catch {
    // The audit log is the record; an event that does not arrive changes nothing.
  }
}

async function refused(
  context: MachineContext,
  action: Action,
  gates: GateResult[],
  status: number,
  written: number,
  detail: string,
): Promise<Action> {
  const count = (context.refusals.get(action.id) ?? 0) + 1;
  context.refusals.set(action.id, count);
  if (written === 0 && passingStatuses.has(status) && count < refusalTries) {
    const held = await holdFor(context, action, gates, detail);
    context.nextLookMs.set(action.id, context.clock.now() + refusalBackoffMs * 2 ** (count - 1));
    return held;
  }
  const next = revise(context, action, { state: 'failed', gates, detail });
  await context.journal.commit({ event: 'action-failed', actor: 'kybern', detail, action: next });
  await announce(context, next, 'KybernFailed');
  return next;
}

/** Back to waiting, for a reason other than a gate. */
export async function holdFor(
  context: MachineContext,
  action: Action,
  gates: GateResult[],
  detail: string,
): Promise<Action> {
  if (action.state === 'gated' && action.detail === detail) return action;
  const next = revise(context, action, { state: 'gated', gates, detail });
  await context.journal.commit({ event: 'action-gated', actor: 'kybern', detail, action: next });
  return next;
}

// Recorded only where something new holds it back: a waiting action is asked every few seconds.
async function hold(context: MachineContext, action: Action, gates: GateResult[]): Promise<void> {
  const denied = denials(gates);
  const forGood = isForGood(denied);
  const state = forGood ? (action.reverting === true ? 'failed' : 'expired') : stateWhileHeld(action, denied);
  if (state === action.state && deniedNames(gates) === deniedNames(action.gates)) return;
  const detail = denied.map((result) => `${result.gate}: ${result.detail}`).join('; ');
  const next = revise(context, action, { state, gates, detail });
  const event = forGood ? `action-${state}` : state === 'proposed' ? 'action-proposed' : 'action-gated';
  await context.journal.commit({ event, actor: 'kybern', detail, action: next });
}

function stateWhileHeld(action: Action, denied: readonly GateResult[]): 'proposed' | 'gated' {
  return waitsForApproval(denied) && action.approvedBy === undefined ? 'proposed' : 'gated';
}
