import {
  type Action,
  type AuditRecord,
  type Change,
  type Decision,
  finalActionStates,
  type Mode,
  modes,
  type Proposal,
  toEpochMs,
} from '../../model/index.ts';
import { type AuditHead, auditHash, genesis } from '../audit/audit-chain.ts';
import { directionOf } from '../changes/change-direction.ts';
import type { PastWrite } from '../gates/gate.ts';

/** All that the actuator knows: a fold over the decisions topic, the same after a restart as before it. */
export interface Ledger {
  readonly actions: ReadonlyMap<string, Action>;
  readonly proposals: ReadonlyMap<string, Proposal>;
  /** Oldest first. */
  readonly writes: readonly PastWrite[];
  readonly head: AuditHead;
  /** False once a record did not fit the chain: then nothing is written to the cluster any more. */
  readonly intact: boolean;
  /** The latest change of mode by a person, and the configured mode it was made against. */
  readonly modeChange: { readonly mode: Mode; readonly configured: Mode } | undefined;
  apply(decision: Decision): void;
  /** Forgets what no gate asks about any more. */
  prune(nowMs: number): void;
}

const keepMs = 24 * 3_600_000;

export function createLedger(): Ledger {
  const actions = new Map<string, Action>();
  const proposals = new Map<string, Proposal>();
  let writes: PastWrite[] = [];
  let head: AuditHead | undefined;
  let intact = true;
  let modeChange: Ledger['modeChange'];

  function applyAudit(record: AuditRecord): void {
    if (head !== undefined && record.sequence <= head.sequence) {
      // The same record seen again, from a log that is delivered at least once.
      if (record.sequence === head.sequence && record.hash !== head.hash) intact = false;
      return;
    }
    const linked = head === undefined || (record.sequence === head.sequence + 1 && record.previousHash === head.hash);
    if (!linked || auditHash(record) !== record.hash) intact = false;
    head = { sequence: record.sequence, hash: record.hash };
    const write = pastWriteOf(record);
    if (write !== undefined) writes.push(write);
    if (record.event === 'mode-changed') modeChange = modeChangeOf(record) ?? modeChange;
  }

  return {
    actions,
    proposals,
    get writes() {
      return writes;
    },
    get head() {
      return head ?? genesis;
    },
    get intact() {
      return intact;
    },
    get modeChange() {
      return modeChange;
    },
    apply(decision) {
      if (decision.type === 'audit') applyAudit(decision.value);
      if (decision.type === 'action') keepLatest(actions, decision.value);
      if (decision.type === 'proposal') keepLatest(proposals, decision.value);
    },
    prune(nowMs) {
      const isOld = (timestamp: string) => nowMs - toEpochMs(timestamp) > keepMs;
      for (const [id, action] of actions) {
        if (finalActionStates.has(action.state) && isOld(action.updatedAt)) actions.delete(id);
      }
      for (const [id, proposal] of proposals) if (isOld(proposal.expiresAt)) proposals.delete(id);
      if (writes.length > 0 && nowMs - writes[0].atMs > keepMs) {
        writes = writes.filter((write) => nowMs - write.atMs <= keepMs);
      }
    },
  };
}

// Strictly later only: the tuner counts its own revisions, the recorder may have renumbered them.
function keepLatest<T extends { readonly id: string; readonly revision: number }>(all: Map<string, T>, value: T): void {
  const known = all.get(value.id);
  if (known === undefined || value.revision >= known.revision) all.set(value.id, value);
}

function pastWriteOf(record: AuditRecord): PastWrite | undefined {
  if (record.event !== 'action-intended' || record.actionId === undefined || record.target === undefined) {
    return undefined;
  }
  const changes = (record.after as { readonly changes?: readonly Change[] } | undefined)?.changes ?? [];
  return {
    atMs: toEpochMs(record.at),
    actionId: record.actionId,
    target: record.target,
    namespace: record.target.split('/')[1] ?? '',
    direction: directionOf(changes),
  };
}

function modeChangeOf(record: AuditRecord): Ledger['modeChange'] {
  const after = record.after as { readonly mode?: string; readonly configured?: string } | undefined;
  const mode = modes.find((name) => name === after?.mode);
  const configured = modes.find((name) => name === after?.configured);
  return mode === undefined || configured === undefined ? undefined : { mode, configured };
}
