import {
  type Action,
  type ActionState,
  type Decision,
  type EngineView,
  KybernError,
  type Mode,
  type ReceivedAt,
  type SloStatus,
  type Topology,
  toTimestamp,
} from '../../model/index.ts';

import type { DemoDecisions } from './demo-decisions.ts';
import { createFakeDesk } from './fake-desk.ts';
import { createFakeModels } from './fake-models.ts';

export interface FakeEngineOptions {
  readonly topology: Topology;
  /** Changed in place by what is asked for, as the decisions of a real engine change the store. */
  readonly decisions: Pick<DemoDecisions, 'actions' | 'anomalies' | 'feedback' | 'maintenance'>;
  readonly nowMs: () => number;
  readonly startedAtMs: number;
  readonly mode: Mode;
  readonly series: number;
  readonly demo?: { readonly seed: number };
  readonly slos?: readonly SloStatus[];
  readonly received?: ReceivedAt;
  readonly unready?: string;
  readonly spared?: boolean;
}

export interface FakeEngine extends EngineView {
  /** Tells the subscribers, as the engine does once a decision is durable. */
  emit(decision: Decision): void;
  readonly said: readonly string[];
}

/** An engine that remembers what was asked of it, and moves actions one step. */
export function createFakeEngine(options: FakeEngineOptions): FakeEngine {
  const listeners = new Set<(decision: Decision) => void>();
  const said: string[] = [];
  let mode = options.mode;
  let killSwitch = false;
  const { actions } = options.decisions;
  const emit = (decision: Decision) => {
    for (const listener of listeners) listener(decision);
  };
  const move = async (id: string, from: readonly ActionState[], state: ActionState, who: string): Promise<Action> => {
    const index = actions.findIndex((action) => action.id === id);
    const action = actions[index];
    if (action === undefined) throw new KybernError('KYBERN_NOT_FOUND', `There is no action ${id}.`);
    if (!from.includes(action.state)) throw new KybernError('KYBERN_CONFLICT', `The action is ${action.state}.`);
    const moved: Action = {
      ...action,
      revision: action.revision + 1,
      state,
      updatedAt: toTimestamp(options.nowMs()),
      detail: `${state} by ${who}`,
      ...(state === 'approved' ? { approvedBy: who } : {}),
    };
    actions[index] = moved;
    said.push(`${state} ${id} by ${who}`);
    emit({ type: 'action', value: moved });
    return moved;
  };
  return {
    emit,
    said,
    topology: () => options.topology,
    actuator: {
      approve: (id, who) => move(id, ['proposed', 'gated'], 'approved', who),
      reject: (id, who) => move(id, ['proposed', 'gated'], 'rejected', who),
      revert: (id, who) => move(id, ['applied', 'verified'], 'reverted', who),
      get mode() {
        return mode;
      },
      setMode: async (wanted, who) => {
        mode = wanted;
        said.push(`mode ${wanted} by ${who}`);
      },
      get killSwitch() {
        return killSwitch;
      },
      setKillSwitch: async (on, who) => {
        killSwitch = on;
        said.push(`kill switch ${on} by ${who}`);
      },
    },
    operators: createFakeDesk({ ...options.decisions, nowMs: options.nowMs, emit }),
    models: createFakeModels(options.nowMs),
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    readiness: () => [
      { part: 'log', ready: true, detail: 'offset 41' },
      options.unready === undefined
        ? { part: 'store', ready: true, detail: 'answers' }
        : { part: 'store', ready: false, detail: options.unready, spared: options.spared === true },
    ],
    metricsText: async () => '# TYPE kybern_up gauge\nkybern_up 1\n',
    info: {
      version: '0.1.0',
      mode: () => mode,
      startedAtMs: options.startedAtMs,
      ...(options.demo === undefined ? {} : { demo: options.demo }),
    },
    sloStatuses: () => options.slos ?? [],
    cardinality: (most) => ({
      activeSeries: 12,
      metrics: [
        { metric: 'http.server.request.duration', activeSeries: 9 },
        { metric: 'up', activeSeries: 3 },
      ].slice(0, most),
    }),
    seriesState: async (fingerprint) =>
      fingerprint.endsWith('1') ? { state: 'learning', samples: 12, needed: 21 } : undefined,
    lastReceived: () => options.received ?? {},
    detectorStatus: () => ({ series: options.series, learning: Math.min(12, options.series) }),
  };
}
