import { type Action, contentId, optInLabel, type Proposal, toEpochMs, toTimestamp } from '../../model/index.ts';
import { effectiveMode } from '../gates/permission-gates.ts';
import type { MachineContext } from './machine-context.ts';

/**
 * Makes actions of open proposals, where the mode (of the installation and of the target) allows acting at all and the
 * owner opted in. Elsewhere the proposal stands for itself. The id follows from the proposal, so that the same one a
 * second time is the same action.
 */
export async function takeUp(context: MachineContext): Promise<void> {
  const mode = context.mode();
  if (mode === 'observe' || mode === 'recommend') return;
  const nowMs = context.clock.now();
  for (const proposal of context.ledger.proposals.values()) {
    const id = contentId('act', proposal.id);
    if (proposal.state !== 'open' || context.ledger.actions.has(id) || !isDue(context, id, nowMs)) continue;
    if (!(toEpochMs(proposal.expiresAt) > nowMs)) continue;
    const workload = await context.cluster.workload(proposal.target).catch(() => undefined);
    context.nextLookMs.set(id, nowMs + context.config.recheckSeconds * 1000);
    if (workload === undefined) continue;
    if (context.config.requireOptIn && workload.labels[optInLabel] !== 'true') continue;
    const own = effectiveMode(mode, workload);
    if (own === 'observe' || own === 'recommend') continue;
    context.nextLookMs.delete(id);
    const action = actionOf(id, proposal, toTimestamp(nowMs));
    await context.journal.commit({ event: 'action-proposed', actor: 'kybern', detail: action.reason, action });
  }
}

function isDue(context: MachineContext, id: string, nowMs: number): boolean {
  return (context.nextLookMs.get(id) ?? 0) <= nowMs;
}

function actionOf(id: string, proposal: Proposal, at: string): Action {
  return {
    id,
    revision: 1,
    proposalId: proposal.id,
    ...(proposal.incidentId === undefined ? {} : { incidentId: proposal.incidentId }),
    state: 'proposed',
    target: proposal.target,
    changes: proposal.changes,
    createdAt: at,
    updatedAt: at,
    gates: [],
    reason: proposal.reasons[0] ?? '',
    detail: 'proposed',
  };
}
