import { type Action, toEpochMs, type WorkloadState } from '../../model/index.ts';
import { directionOf, reversed } from '../changes/change-direction.ts';
import { announce } from './attempt-write.ts';
import { judge, type Trial } from './judge.ts';
import { type MachineContext, readLive, revise } from './machine-context.ts';
import type { SloMark } from './slo-watch.ts';

interface Before {
  readonly readyReplicas?: number;
  readonly slos?: readonly SloMark[];
}

/** Watches an applied action; ends it as verified or failed, or sends it back as an undo. */
export async function verify(context: MachineContext, action: Action): Promise<void> {
  const live = await readLive(context, action);
  const verdict = judge(trialOf(context, action, live?.workload));
  if (verdict.verdict === 'wait') return;
  const { outcome } = verdict;
  const undo = verdict.verdict === 'worse' && context.config.revertOnWorse && reversed(action.changes).length > 0;
  if (undo) {
    const next = revise(context, action, {
      state: 'approved',
      reverting: true,
      outcome,
      detail: `${outcome.text} It is being undone.`,
    });
    await context.journal.commit({ event: 'action-undo', actor: 'kybern', detail: next.detail, action: next });
    return;
  }
  const state = verdict.verdict === 'verified' ? 'verified' : 'failed';
  const next = revise(context, action, { state, outcome, detail: outcome.text });
  await context.journal.commit({ event: `action-${state}`, actor: 'kybern', detail: outcome.text, action: next });
  await announce(context, next, state === 'verified' ? 'KybernVerified' : 'KybernFailed');
}

function trialOf(context: MachineContext, action: Action, workload: WorkloadState | undefined): Trial {
  const before = (action.before ?? {}) as Before;
  const cost = context.ledger.proposals.get(action.proposalId)?.cost;
  return {
    appliedAtMs: toEpochMs(action.appliedAt ?? action.updatedAt),
    nowMs: context.clock.now(),
    services: (before.slos ?? []).map((mark) => ({ before: mark, now: context.slos.track(mark) })),
    rollout: rolloutOf(workload),
    gained: (workload?.readyReplicas ?? 0) > (before.readyReplicas ?? 0),
    direction: directionOf(action.changes),
    rollsPods: action.changes.some(
      (change) => change.type === 'restart' || (change.type === 'resources' && change.method === 'template'),
    ),
    costChange: cost === undefined ? 0 : cost.after - cost.before,
    verifySeconds: context.config.verifySeconds,
    holdSeconds: context.config.verifyHoldSeconds,
  };
}

function rolloutOf(workload: WorkloadState | undefined): Trial['rollout'] {
  if (workload === undefined) return { complete: false, detail: 'the object is gone' };
  const { generation, observedGeneration, updatedReplicas, readyReplicas, replicas } = workload;
  if (observedGeneration < generation) return { complete: false, detail: 'the controller has not seen it yet' };
  const complete = updatedReplicas >= replicas && readyReplicas >= replicas;
  return { complete, detail: `${updatedReplicas} updated and ${readyReplicas} ready of ${replicas}` };
}
