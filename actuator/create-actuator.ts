import {
  type Action,
  type Actuator,
  type Clock,
  type ClusterPort,
  type ClusterSnapshot,
  finalActionStates,
  KybernError,
  type Metrics,
  type Mode,
  type RecordDecisions,
  type StateFiles,
} from '../model/index.ts';
import { createActuatorMetrics } from './actuator-metrics.ts';
import { reversed } from './changes/change-direction.ts';
import type { ActuatorConfig } from './config.ts';
import { createKillSwitch } from './kill-switch.ts';
import { createKillSwitchOrders } from './kill-switch-orders.ts';
import { createJournal } from './machine/journal.ts';
import { createLedger } from './machine/ledger.ts';
import { type ActionUpdate, type MachineContext, revise } from './machine/machine-context.ts';
import { createSloWatch } from './machine/slo-watch.ts';
import { stepAction } from './machine/step-action.ts';
import { takeUp } from './machine/take-up.ts';

export interface ActuatorDeps {
  readonly cluster: ClusterPort;
  readonly record: RecordDecisions;
  /** Keeps the kill switch. */
  readonly stateFiles: StateFiles;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly config: ActuatorConfig;
  /** As configured; a mode set through the API since the configuration last changed goes before it. */
  readonly mode: Mode;
  /** Whether this replica holds the lease: asked immediately before each write. Default: it does. */
  readonly leads?: () => boolean;
}

const waitingStates: ReadonlySet<string> = new Set(['proposed', 'gated', 'approved']);
const undoableStates: ReadonlySet<string> = new Set(['applied', 'verified', 'failed']);

/**
 * The hands: proposals become actions, actions pass the gates, are written down, done, read back and verified. It does
 * nothing by itself: the engine calls `tick` every second or so. Calls are served one after another.
 */
export function createActuator(deps: ActuatorDeps): Actuator {
  const { clock, config, cluster } = deps;
  const ledger = createLedger();
  const journal = createJournal({ ledger, record: deps.record, clock });
  const killSwitch = createKillSwitch(deps.stateFiles, config.killSwitchFile);
  const own = createActuatorMetrics(deps.metrics);
  let mode = deps.mode;
  let started = false;
  /** Actions as they were before a person's decision that could not be recorded. */
  const unconfirmed: Action[] = [];
  let queue: Promise<unknown> = Promise.resolve();

  const context: MachineContext = {
    cluster,
    clock,
    config,
    ledger,
    journal,
    killSwitch,
    slos: createSloWatch(),
    leads: deps.leads ?? (() => true),
    mode: () => mode,
    nextLookMs: new Map(),
    refusals: new Map(),
    writeCalls: own.writeCalls,
  };

  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = queue.then(work);
    queue = result.catch(() => {});
    return result;
  }

  const orders = createKillSwitchOrders({ killSwitch, journal, inTurn });

  async function start(): Promise<void> {
    if (started) return;
    await journal.commit({ event: 'started', actor: 'kybern', detail: `mode ${mode}, cluster ${cluster.name}` });
    started = true;
  }

  // Whose word could not be made durable was told so. The record may have reached the disk all the same (it has by now):
  // then a second one takes it back.
  async function takeBackUnconfirmed(): Promise<void> {
    const recorded = ledger.modeChange;
    if (recorded !== undefined && recorded.configured === deps.mode && recorded.mode !== mode) {
      const after = { mode, configured: deps.mode };
      await journal.commit({ event: 'mode-changed', actor: 'kybern', detail: `back to ${mode}: not confirmed`, after });
    }
    for (let previous = unconfirmed.pop(); previous !== undefined; previous = unconfirmed.pop()) {
      const current = ledger.actions.get(previous.id);
      if (current === undefined || current.revision === previous.revision) continue;
      const detail = 'a decision on it could not be recorded in time and does not count';
      const { revision, updatedAt } = revise(context, current, {});
      const action = { ...previous, revision, updatedAt, detail };
      await journal.commit({ event: 'action-gated', actor: 'kybern', detail, action });
    }
  }

  async function tick(): Promise<void> {
    try {
      await journal.flush();
      await orders.settle();
      await takeBackUnconfirmed();
      await start();
      await takeUp(context);
    } catch {
      // Without an audit log nothing moves; the journal tries again at the next tick.
      own.failures.add(1, { step: 'audit' });
      return;
    }
    let begun = 0;
    const listCluster = listedOnce(cluster);
    for (const action of dueActions()) {
      context.nextLookMs.delete(action.id);
      try {
        if (await stepAction(context, action, listCluster)) begun++;
      } catch (error) {
        own.failures.add(1, { step: error instanceof KybernError ? error.code : 'action' });
      }
      lookAgainLater(action.id);
      if (begun >= config.writesPerTick) break;
    }
    ledger.prune(clock.now());
    await killSwitch.ask();
    own.show(ledger.actions.values(), killSwitch.on);
  }

  // What waits is asked about every few seconds only; everything under way at every tick.
  function lookAgainLater(id: string): void {
    const state = ledger.actions.get(id)?.state;
    if ((state !== 'proposed' && state !== 'gated') || context.nextLookMs.has(id)) return;
    context.nextLookMs.set(id, clock.now() + config.recheckSeconds * 1000);
  }

  function dueActions(): Action[] {
    const nowMs = clock.now();
    return [...ledger.actions.values()].filter(
      ({ id, state }) => !finalActionStates.has(state) && (context.nextLookMs.get(id) ?? 0) <= nowMs,
    );
  }

  /** A person's word on an action: the checks, the next revision, the audit record. */
  async function decide(
    actionId: string,
    who: string,
    event: string,
    detail: string,
    update: (action: Action) => ActionUpdate,
  ): Promise<Action> {
    const action = ledger.actions.get(actionId);
    if (action === undefined) throw new KybernError('KYBERN_NOT_FOUND', `no action ${actionId}`);
    const next = revise(context, action, { ...update(action), detail });
    try {
      await journal.commit({ event, actor: who, detail, action: next });
    } catch (error) {
      unconfirmed.push(action);
      throw error;
    }
    context.nextLookMs.delete(actionId);
    return next;
  }

  return {
    restore(decisions) {
      for (const decision of decisions) ledger.apply(decision);
      if (ledger.modeChange?.configured === deps.mode) mode = ledger.modeChange.mode;
    },
    consider: (proposals) =>
      inTurn(async () => {
        for (const value of proposals) ledger.apply({ type: 'proposal', value });
      }),
    observe: (slos) => context.slos.observe(slos),
    tick: () => inTurn(tick),
    settle: () => inTurn(orders.settle),
    approve: (actionId, who) =>
      inTurn(() =>
        decide(actionId, who, 'action-approved', `approved by ${who}`, (action) => {
          requireState(action, waitingStates.has(action.state) && action.reverting !== true, 'approved');
          return { state: 'approved', approvedBy: who };
        }),
      ),
    reject: (actionId, who) =>
      inTurn(() =>
        decide(actionId, who, 'action-rejected', `rejected by ${who}`, (action) => {
          requireState(action, waitingStates.has(action.state) && action.reverting !== true, 'rejected');
          return { state: 'rejected' };
        }),
      ),
    revert: (actionId, who) =>
      inTurn(() =>
        decide(actionId, who, 'action-undo', `to be undone, asked by ${who}`, (action) => {
          const possible = undoableStates.has(action.state) && action.appliedAt !== undefined;
          requireState(action, possible, 'reverted');
          requireState(action, reversed(action.changes).length > 0, 'reverted: a restart cannot be undone');
          return { state: 'approved', reverting: true, approvedBy: who };
        }),
      ),
    get mode() {
      return mode;
    },
    setMode: (next, who) =>
      inTurn(async () => {
        const after = { mode: next, configured: deps.mode };
        const detail = `mode ${mode} to ${next}`;
        await journal.commit({ event: 'mode-changed', actor: who, detail, before: { mode }, after });
        mode = next;
        context.nextLookMs.clear();
      }),
    get killSwitch() {
      return killSwitch.on;
    },
    async setKillSwitch(on, who) {
      await orders.give(on, who);
      context.nextLookMs.clear();
    },
  };
}

function requireState(action: Action, allowed: boolean, what: string): void {
  if (!allowed)
    throw new KybernError('KYBERN_CONFLICT', `action ${action.id} is ${action.state} and cannot be ${what}`);
}

/** The whole cluster, listed at most once, and only if somebody asks. */
function listedOnce(cluster: ClusterPort): () => Promise<ClusterSnapshot | undefined> {
  let listed: Promise<ClusterSnapshot | undefined> | undefined;
  return () => {
    listed ??= cluster.snapshot().catch(() => undefined);
    return listed;
  };
}
