import { type Action, toEpochMs } from '../../model/index.ts';
import { positionOfAll } from '../changes/change-position.ts';
import { announce, holdFor, recordApplied } from './attempt-write.ts';
import { changesToWrite, type MachineContext, readLive, revise } from './machine-context.ts';

/**
 * An action whose call may or may not have taken effect: a broken connection, or a process that was killed between the
 * intent and the outcome. The live object tells. It is never repeated blindly: what is not there after the settling time
 * goes back through every gate, and a straggling first call then meets a newer resourceVersion.
 */
export async function settle(context: MachineContext, action: Action): Promise<void> {
  const live = await readLive(context, action);
  const settled = context.clock.now() - toEpochMs(action.updatedAt) >= context.config.unknownSettleSeconds * 1000;
  if (live === undefined) {
    if (settled) await fail(context, action, 'read back: the object is gone');
    return;
  }
  const position = positionOfAll(changesToWrite(action), live, action.id);
  if (position === 'to') {
    await recordApplied(context, action, 'read back: it took effect');
  } else if (settled && position === 'from') {
    await holdFor(context, action, action.gates, 'read back: it did not take effect');
  } else if (settled) {
    await fail(context, action, 'read back: the object is neither as before nor as wanted');
  }
}

async function fail(context: MachineContext, action: Action, detail: string): Promise<void> {
  const next = revise(context, action, { state: 'failed', detail });
  await context.journal.commit({ event: 'action-failed', actor: 'kybern', detail, action: next });
  await announce(context, next, 'KybernFailed');
}
