import type {
  Action,
  Change,
  ClusterSnapshot,
  GateResult,
  Mode,
  PodState,
  Proposal,
  WorkloadState,
} from '../../model/index.ts';
import type { Direction } from '../changes/change-direction.ts';
import type { ActuatorConfig } from '../config.ts';

/** One write that was begun: from the audit log, so that it is known after a restart too. */
export interface PastWrite {
  readonly atMs: number;
  readonly actionId: string;
  readonly target: string;
  readonly namespace: string;
  readonly direction: Direction;
}

/** All that a gate may look at: the action, the live objects, the past, the settings, the time. */
export interface GateInput {
  readonly action: Action;
  /** What is to be written: the action's changes, or their reverse. */
  readonly changes: readonly Change[];
  /** Undo of an action: paces and budgets don't hold it back. */
  readonly reverting: boolean;
  readonly proposal: Proposal | undefined;
  /** Undefined where there is no such object. */
  readonly workload: WorkloadState | undefined;
  readonly pods: readonly PodState[];
  /** The cluster as last listed; undefined while it could not be. */
  readonly cluster: ClusterSnapshot | undefined;
  readonly otherActions: readonly Action[];
  readonly writes: readonly PastWrite[];
  readonly mode: Mode;
  /** Why writing is stopped, or undefined while it isn't. */
  readonly stopped: string | undefined;
  /** False where another replica decides. */
  readonly leads: boolean;
  readonly auditIntact: boolean;
  readonly nowMs: number;
  readonly config: ActuatorConfig;
}

/** A pure judgement; the sentence says with which figures. */
export type Gate = (input: GateInput) => GateResult;

export const allow = (gate: string, detail: string): GateResult => ({ gate, allowed: true, detail });
export const deny = (gate: string, detail: string): GateResult => ({ gate, allowed: false, detail });
