import { type Change, contentId, type Proposal, toEpochMs, toTimestamp, workloadKey } from '../../model/index.ts';
import type { Draft } from './draft.ts';

export interface BookSettings {
  readonly proposalMs: number;
  readonly renewMs: number;
}

export interface SavedBook {
  readonly open: readonly Proposal[];
  readonly revised: readonly Proposal[];
}

/** Open proposals, one a target and source, and the revisions that came of the latest changes. */
export interface ProposalBook {
  openFor(target: Draft['target'], source: Draft['source']): Proposal | undefined;
  /** Opens it; renews the same one if it is open; supersedes another one on the same target and source. */
  propose(draft: Draft, atMs: number): Proposal;
  /** It does not hold any more. */
  withdraw(proposal: Proposal, atMs: number): void;
  /** An action carried it out, or somebody did. */
  take(proposalId: string, atMs: number): Proposal | undefined;
  /** Ends what was not renewed in time. */
  expire(atMs: number): void;
  /** Revisions since the last call. */
  drain(): Proposal[];
  all(): readonly Proposal[];
  /** Open proposals, and revisions not drained yet: for a checkpoint. */
  save(): SavedBook;
  load(saved: SavedBook): void;
}

export function createProposalBook({ proposalMs, renewMs }: BookSettings): ProposalBook {
  const open = new Map<string, Proposal>();
  let revised: Proposal[] = [];
  const keyOf = (target: Draft['target'], source: Draft['source']) => `${workloadKey(target)}|${source}`;

  function revise(proposal: Proposal, update: Partial<Proposal>, atMs: number): Proposal {
    const next = { ...proposal, ...update, revision: proposal.revision + 1, updatedAt: toTimestamp(atMs) };
    revised.push(next);
    return next;
  }

  function end(proposal: Proposal, state: Proposal['state'], atMs: number): Proposal {
    open.delete(keyOf(proposal.target, proposal.source));
    return revise(proposal, { state }, atMs);
  }

  return {
    openFor: (target, source) => open.get(keyOf(target, source)),
    propose(draft, atMs) {
      const key = keyOf(draft.target, draft.source);
      const known = open.get(key);
      const expiresAt = toTimestamp(atMs + proposalMs);
      if (known !== undefined && known.incidentId === draft.incidentId && sameChanges(known.changes, draft.changes)) {
        if (atMs - toEpochMs(known.updatedAt ?? known.createdAt) < renewMs) return known;
        const renewed = revise(known, { expiresAt }, atMs);
        open.set(key, renewed);
        return renewed;
      }
      if (known !== undefined) end(known, 'superseded', atMs);
      const { target, changes, incidentId } = draft;
      const led = incidentId ?? String(atMs);
      const proposal: Proposal = {
        id: contentId('prp', workloadKey(target), JSON.stringify(changes), draft.source, led),
        revision: 1,
        state: 'open',
        createdAt: toTimestamp(atMs),
        updatedAt: toTimestamp(atMs),
        expiresAt,
        target,
        changes: [...changes],
        source: draft.source,
        ...(incidentId === undefined ? {} : { incidentId }),
        reasons: [...draft.reasons],
        ...(draft.forecast === undefined ? {} : { forecast: draft.forecast }),
        cost: draft.cost,
        baselines: draft.baselines,
        risk: draft.risk,
      };
      open.set(key, proposal);
      revised.push(proposal);
      return proposal;
    },
    withdraw(proposal, atMs) {
      end(proposal, 'expired', atMs);
    },
    take(proposalId, atMs) {
      const proposal = [...open.values()].find(({ id }) => id === proposalId);
      return proposal === undefined ? undefined : end(proposal, 'taken', atMs);
    },
    expire(atMs) {
      for (const proposal of [...open.values()]) {
        if (toEpochMs(proposal.expiresAt) <= atMs) end(proposal, 'expired', atMs);
      }
    },
    drain() {
      const revisions = revised;
      revised = [];
      return revisions;
    },
    all: () => [...open.values()],
    save: () => ({ open: [...open.values()], revised }),
    load(saved) {
      open.clear();
      revised = [...saved.revised];
      for (const proposal of saved.open) open.set(keyOf(proposal.target, proposal.source), proposal);
    },
  };
}

export function sameChanges(a: readonly Change[], b: readonly Change[]): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
