import {
  type Action,
  type Change,
  type Clock,
  type ClusterPort,
  type ClusterSnapshot,
  type CounterMetric,
  type GateResult,
  type Mode,
  toTimestamp,
} from '../../model/index.ts';
import { reversed } from '../changes/change-direction.ts';
import type { LiveTarget } from '../changes/change-position.ts';
import type { ActuatorConfig } from '../config.ts';
import type { GateInput } from '../gates/gate.ts';
import type { KillSwitch } from '../kill-switch.ts';
import type { Journal } from './journal.ts';
import type { Ledger } from './ledger.ts';
import type { SloWatch } from './slo-watch.ts';

/** What every step of the machine works with. */
export interface MachineContext {
  readonly cluster: ClusterPort;
  readonly clock: Clock;
  readonly config: ActuatorConfig;
  readonly ledger: Ledger;
  readonly journal: Journal;
  readonly killSwitch: KillSwitch;
  readonly slos: SloWatch;
  readonly leads: () => boolean;
  readonly mode: () => Mode;
  /** When a waiting action is looked at again, epoch milliseconds by action id. */
  readonly nextLookMs: Map<string, number>;
  /** How often a call was refused for now, by action id. */
  readonly refusals: Map<string, number>;
  readonly writeCalls: CounterMetric;
}

/** What the action writes now: its changes, or their reverse while it is being undone. */
export function changesToWrite(action: Action): readonly Change[] {
  return action.reverting === true ? reversed(action.changes) : action.changes;
}

export type ActionUpdate = Partial<
  Pick<Action, 'state' | 'appliedAt' | 'approvedBy' | 'gates' | 'detail' | 'before' | 'outcome' | 'reverting'>
>;

/** The next revision of an action. */
export function revise(context: Pick<MachineContext, 'clock'>, action: Action, update: ActionUpdate): Action {
  return { ...action, ...update, revision: action.revision + 1, updatedAt: toTimestamp(context.clock.now()) };
}

/** Reads the live objects, freshly. Undefined where the workload does not exist. Rejects with KYBERN_CLUSTER. */
export async function readLive(context: MachineContext, action: Action): Promise<LiveTarget | undefined> {
  const workload = await context.cluster.workload(action.target);
  if (workload === undefined) return undefined;
  return { workload, pods: await context.cluster.pods(action.target) };
}

export async function gateInput(
  context: MachineContext,
  action: Action,
  live: LiveTarget | undefined,
  cluster: ClusterSnapshot | undefined,
): Promise<GateInput> {
  const { ledger, config } = context;
  return {
    action,
    changes: changesToWrite(action),
    reverting: action.reverting === true,
    proposal: ledger.proposals.get(action.proposalId),
    workload: live?.workload,
    pods: live?.pods ?? [],
    cluster,
    otherActions: [...ledger.actions.values()].filter(
      ({ id, target }) => id !== action.id && sameTarget(target, action.target),
    ),
    writes: ledger.writes,
    mode: context.mode(),
    stopped: await context.killSwitch.ask(),
    leads: context.leads(),
    auditIntact: ledger.intact,
    nowMs: context.clock.now(),
    config,
  };
}

export function deniedNames(results: readonly GateResult[]): string {
  return results
    .filter((result) => !result.allowed)
    .map((result) => result.gate)
    .join();
}

function sameTarget(a: Action['target'], b: Action['target']): boolean {
  return a.kind === b.kind && a.namespace === b.namespace && a.name === b.name;
}
