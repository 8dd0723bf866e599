import type { Change, Proposal, WorkloadRef } from '../../model/index.ts';

/** A proposal before it has an id, a time and a state. */
export interface Draft {
  readonly target: WorkloadRef;
  readonly changes: readonly Change[];
  readonly source: Proposal['source'];
  readonly incidentId?: string;
  readonly reasons: readonly string[];
  readonly forecast?: Proposal['forecast'];
  readonly cost: Proposal['cost'];
  readonly baselines: Proposal['baselines'];
  readonly risk: Proposal['risk'];
}
