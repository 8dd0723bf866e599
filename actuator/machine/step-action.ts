import { type Action, type ClusterSnapshot, finalActionStates, toEpochMs } from '../../model/index.ts';
import { attemptWrite } from './attempt-write.ts';
import { type MachineContext, revise } from './machine-context.ts';
import { settle } from './settle.ts';
import { verify } from './verify.ts';

const undoPatienceMs = 600_000;

/** Moves one action on by what can be done now. True where a write was begun. */
export async function stepAction(
  context: MachineContext,
  action: Action,
  listCluster: () => Promise<ClusterSnapshot | undefined>,
): Promise<boolean> {
  if (finalActionStates.has(action.state)) return false;
  if (action.state === 'intended' || action.state === 'unknown') {
    await settle(context, action);
    return false;
  }
  if (action.state === 'applied') {
    await verify(context, action);
    return false;
  }
  const over = overReason(context, action);
  if (over !== undefined) {
    const state = action.reverting === true ? 'failed' : 'expired';
    const next = revise(context, action, { state, detail: over });
    await context.journal.commit({ event: `action-${state}`, actor: 'kybern', detail: over, action: next });
    return false;
  }
  return await attemptWrite(context, action, listCluster);
}

function overReason(context: MachineContext, action: Action): string | undefined {
  const nowMs = context.clock.now();
  if (action.reverting === true) {
    const waited = action.state === 'gated' ? nowMs - toEpochMs(action.updatedAt) : 0;
    return waited > undoPatienceMs ? `not undone in time: ${action.detail}` : undefined;
  }
  const proposal = context.ledger.proposals.get(action.proposalId);
  if (proposal === undefined) return undefined;
  if (proposal.state === 'superseded' || proposal.state === 'expired') return `its proposal is ${proposal.state}`;
  return toEpochMs(proposal.expiresAt) > nowMs ? undefined : `its proposal expired at ${proposal.expiresAt}`;
}
