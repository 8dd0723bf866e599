import {
  type Action,
  type Clock,
  contentId,
  type Decision,
  KybernError,
  type RecordDecisions,
  toTimestamp,
  workloadKey,
} from '../../model/index.ts';
import { chainRecord } from '../audit/audit-chain.ts';
import type { Ledger } from './ledger.ts';

/** One line for the audit log, and the revision of the action that goes with it. */
export interface Entry {
  readonly event: string;
  readonly actor: string;
  readonly detail: string;
  readonly action?: Action;
  readonly before?: unknown;
  readonly after?: unknown;
}

export interface Journal {
  /**
   * Makes the entry durable and then true: the ledger changes once the record is on disk, never before. Rejects with
   * KYBERN_AUDIT where it could not be; the entry then stays first in line, so that the chain cannot fork on a record
   * that was on disk after all, and no other entry gets by.
   */
  commit(entry: Entry): Promise<void>;
  /** Tries again what could not be recorded. Rejects with KYBERN_AUDIT. */
  flush(): Promise<void>;
}

export function createJournal(deps: {
  readonly ledger: Ledger;
  readonly record: RecordDecisions;
  readonly clock: Clock;
}): Journal {
  const { ledger, record, clock } = deps;
  let pending: readonly Decision[] = [];

  async function flush(): Promise<void> {
    if (pending.length === 0) return;
    const decisions = pending;
    try {
      await record(decisions);
    } catch (error) {
      const detail = `the audit record could not be made durable: ${error instanceof Error ? error.message : error}`;
      throw new KybernError('KYBERN_AUDIT', detail, { cause: error });
    }
    pending = [];
    for (const decision of decisions) ledger.apply(decision);
  }

  return {
    flush,
    async commit(entry) {
      await flush();
      const { event, actor, detail, action, before, after } = entry;
      const value = chainRecord(ledger.head, {
        id: contentId('aud', ledger.head.sequence + 1, event, action?.id ?? '', action?.revision ?? 0),
        at: toTimestamp(clock.now()),
        actor,
        event,
        ...(action === undefined ? {} : { actionId: action.id, target: workloadKey(action.target) }),
        detail,
        ...(before === undefined ? {} : { before }),
        ...(after === undefined ? {} : { after }),
      });
      pending = [
        { type: 'audit', value },
        ...(action === undefined ? [] : [{ type: 'action', value: action } as const]),
      ];
      await flush();
    },
  };
}
