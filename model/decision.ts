import type { Action } from './action.ts';
import type { Anomaly } from './anomaly.ts';
import type { AuditRecord } from './audit-record.ts';
import type { Feedback } from './feedback.ts';
import type { Incident } from './incident.ts';
import type { MaintenanceWindow } from './maintenance.ts';
import type { Proposal } from './proposal.ts';

/**
 * What the log's `decisions` topic holds: each a whole document, the highest revision of an id counts. Written there
 * before anyone acts on it; the store's tables are a projection of it.
 */
export type Decision =
  | { readonly type: 'anomaly'; readonly value: Anomaly }
  | { readonly type: 'incident'; readonly value: Incident }
  | { readonly type: 'proposal'; readonly value: Proposal }
  | { readonly type: 'action'; readonly value: Action }
  | { readonly type: 'audit'; readonly value: AuditRecord }
  | { readonly type: 'feedback'; readonly value: Feedback }
  | { readonly type: 'maintenance'; readonly value: MaintenanceWindow };

export type DecisionType = Decision['type'];

/** Identity of one revision: a replay that makes it again is recognised by this. */
export function decisionKey(decision: Decision): string {
  const revision = decision.type === 'audit' ? decision.value.sequence : decision.value.revision;
  return `${decision.type}/${decision.value.id}/${revision}`;
}
