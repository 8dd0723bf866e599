import { Value } from 'typebox/value';
import {
  type Action,
  type Actuator,
  type AuditRecord,
  type Change,
  type Clock,
  type Decision,
  decisionKey,
  KybernError,
  type Mode,
  noMetrics,
  type Proposal,
  type SloStatus,
  type StateFiles,
  toTimestamp,
} from '../../model/index.ts';
import { ActuatorConfig } from '../config.ts';
import { createActuator } from '../create-actuator.ts';
import { cart, createFakeCluster, type FakeCluster } from './fake-cluster.ts';

export interface TestClock extends Clock {
  ms: number;
}

export const startMs = Date.UTC(2026, 0, 5, 12);

/** An actuator on a fake cluster, its decisions in a list, its clock in the test's hand. */
export interface Stage {
  readonly cluster: FakeCluster;
  readonly clock: TestClock;
  readonly decisions: Decision[];
  readonly files: Map<string, Uint8Array>;
  readonly config: ActuatorConfig;
  actuator: Actuator;
  /** Nothing can be recorded while this is set. */
  diskFull: boolean;
  /** Kills the process: a new actuator from what was recorded. */
  restart(mode?: Mode): void;
  /** Lets time pass, a tick a second, with the SLO as given. */
  pass(seconds: number, slo?: Partial<SloStatus>): Promise<void>;
  audit(): AuditRecord[];
  events(): string[];
  latest(): Action[];
}

export function settings(changes: Partial<ActuatorConfig> = {}): ActuatorConfig {
  return { ...(Value.Default(ActuatorConfig, {}) as ActuatorConfig), ...changes };
}

export function createStage(
  options: {
    readonly mode?: Mode;
    readonly config?: Partial<ActuatorConfig>;
    readonly cluster?: FakeCluster;
    readonly leads?: () => boolean;
  } = {},
): Stage {
  const cluster = options.cluster ?? createFakeCluster();
  const clock: TestClock = { ms: startMs, now: () => clock.ms, sleep: () => Promise.resolve(true) };
  const decisions: Decision[] = [];
  const files = new Map<string, Uint8Array>();
  const stateFiles: StateFiles = {
    get: (name) => Promise.resolve(files.get(name)),
    async put(name, value) {
      if (stage.diskFull) throw new KybernError('KYBERN_LOG_UNAVAILABLE', 'no space left on device');
      files.set(name, value instanceof Uint8Array ? value : Buffer.concat(value));
    },
  };
  const config = settings(options.config);
  const keys = new Set<string>();

  function create(mode: Mode): Actuator {
    return createActuator({
      cluster,
      clock,
      config,
      mode,
      stateFiles,
      metrics: noMetrics,
      ...(options.leads === undefined ? {} : { leads: options.leads }),
      record(fresh) {
        if (stage.diskFull) return Promise.reject(new Error('no space left on device'));
        for (const decision of fresh) {
          const key = decisionKey(decision);
          if (keys.has(key)) continue;
          keys.add(key);
          decisions.push(structuredClone(decision));
        }
        return Promise.resolve();
      },
    });
  }

  const stage: Stage = {
    cluster,
    clock,
    decisions,
    files,
    config,
    diskFull: false,
    actuator: undefined as unknown as Actuator,
    restart(mode = options.mode ?? 'auto') {
      stage.actuator = create(mode);
      stage.actuator.restore(decisions);
    },
    async pass(seconds, slo) {
      for (let second = 0; second < seconds; second++) {
        clock.ms += 1000;
        if (slo !== undefined) stage.actuator.observe([sloStatus(clock.ms, slo)]);
        await stage.actuator.tick();
      }
    },
    audit: () => decisions.flatMap(({ type, value }) => (type === 'audit' ? [value] : [])),
    events: () => stage.audit().map(({ event }) => event),
    latest() {
      const byId = new Map<string, Action>();
      for (const { type, value } of decisions) if (type === 'action') byId.set(value.id, value);
      return [...byId.values()];
    },
  };
  stage.restart();
  return stage;
}

export function sloStatus(atMs: number, changes: Partial<SloStatus> = {}): SloStatus {
  return {
    namespace: 'shop',
    service: 'cart',
    atMs,
    latencyP95Ms: 100,
    errorRatio: 0,
    requestRate: 50,
    met: true,
    ...changes,
  };
}

export const scaleOut: Change = { type: 'scale', from: 2, to: 4 };

export function proposal(atMs: number, changes: Partial<Proposal> = {}): Proposal {
  return {
    id: `prp-${atMs}`,
    revision: 1,
    state: 'open',
    createdAt: toTimestamp(atMs),
    updatedAt: toTimestamp(atMs),
    expiresAt: toTimestamp(atMs + 300_000),
    target: cart,
    changes: [scaleOut],
    source: 'forecast',
    reasons: ['cart would be 110 % used in 75 s'],
    cost: { before: 1, after: 2 },
    baselines: [],
    risk: 'low',
    ...changes,
  };
}

/** As the engine does: durable first, then told. */
export async function propose(stage: Stage, changes: Partial<Proposal> = {}): Promise<Proposal> {
  const value = proposal(stage.clock.ms, changes);
  stage.decisions.push({ type: 'proposal', value });
  await stage.actuator.consider([value]);
  return value;
}
