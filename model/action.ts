import { type Static, Type } from 'typebox';
import { WorkloadRef } from './entity.ts';
import { oneOf } from './one-of.ts';
import { Change } from './proposal.ts';
import { Timestamp } from './timestamp.ts';

/** observe: say nothing of actions; recommend: propose; approve: act when a person says so; auto: act. */
export const modes = ['observe', 'recommend', 'approve', 'auto'] as const;
export type Mode = (typeof modes)[number];

/**
 * The life of an action. `gated`: a gate holds it back (for good or for now); `approved`: by a person or by auto mode;
 * `intended`: the audit record is durable, the call may be under way; `unknown`: it is not known whether the call took
 * effect, to be read back; `verified`: the SLO holds after it.
 */
export const actionStates = [
  'proposed',
  'gated',
  'approved',
  'intended',
  'applied',
  'verified',
  'reverted',
  'failed',
  'unknown',
  'rejected',
  'expired',
] as const;
export type ActionState = (typeof actionStates)[number];

/** States from which nothing further follows by itself. */
export const finalActionStates: ReadonlySet<ActionState> = new Set([
  'verified',
  'reverted',
  'failed',
  'rejected',
  'expired',
]);

export const GateResult = Type.Object(
  {
    gate: Type.String({
      description: 'opt-in, mode, kill-switch, fresh, rollout, other-owner, bounds, budget, cooldown, …',
    }),
    allowed: Type.Boolean({ description: 'Whether it lets the action pass.' }),
    detail: Type.String({ description: 'With which figures.' }),
  },
  { description: 'What one safety gate said.' },
);
export type GateResult = Static<typeof GateResult>;

export const ActionOutcome = Type.Object(
  {
    sloBefore: Type.Boolean({ description: 'Whether the SLO held before.' }),
    sloAfter: Type.Boolean({ description: 'Whether it holds after.' }),
    recoverySeconds: Type.Optional(Type.Number({ description: 'From the write to the SLO holding again.' })),
    costChange: Type.Number({ description: 'Cost per hour, after less before.' }),
    text: Type.String({ description: 'In one sentence.' }),
  },
  { description: 'What came of it: the reward.' },
);
export type ActionOutcome = Static<typeof ActionOutcome>;

export const Action = Type.Object(
  {
    id: Type.String({ description: 'Follows from its proposal.' }),
    revision: Type.Integer({ minimum: 1, description: 'Grows with each change of this action.' }),
    proposalId: Type.String({ description: 'The proposal it carries out.' }),
    incidentId: Type.Optional(Type.String({ description: 'The incident it answers.' })),
    state: oneOf(actionStates, 'Where it is in its life.'),
    target: WorkloadRef,
    changes: Type.Array(Change, { description: 'What it changes, in order.' }),
    createdAt: Timestamp('When it was proposed.'),
    updatedAt: Timestamp('When this revision was made.'),
    appliedAt: Type.Optional(Timestamp('When the write was acknowledged.')),
    approvedBy: Type.Optional(Type.String({ description: "'auto', or who approved it." })),
    gates: Type.Array(GateResult, { description: 'Every gate asked, in order, the last time it was asked.' }),
    reason: Type.String({ description: 'Headline of the proposal.' }),
    detail: Type.String({ description: 'What was last done or what holds it back.' }),
    reverting: Type.Optional(
      Type.Boolean({ description: 'Set once the action is being undone: its changes are then written in reverse.' }),
    ),
    before: Type.Optional(Type.Unknown({ description: 'The live fields before the write: what a revert puts back.' })),
    outcome: Type.Optional(ActionOutcome),
  },
  { description: 'A change on its way to the cluster, each step in the audit log.' },
);
export type Action = Static<typeof Action>;
