import type { ClusterPort } from '../../model/index.ts';
import type { TelemetryFrame } from '../telemetry-frame.ts';
import { applyWrite, type WorldWrite } from './cluster-writes.ts';
import { createEventFeed } from './event-feed.ts';
import { createFaultEffects } from './faults/apply-faults.ts';
import { type FaultPlan, type GroundTruth, groundTruthOf } from './faults/fault.ts';
import { createFaultSchedule, type FaultSchedule } from './faults/fault-schedule.ts';
import { takeFrame } from './frame.ts';
import { advancePod, stopLoad } from './kubelet.ts';
import { settleOperations } from './latency.ts';
import { shareNodes, spreadLoad } from './load.ts';
import { advanceMemory } from './memory.ts';
import { populate } from './populate.ts';
import { gaussian, randomFrom } from './randomness.ts';
import { reconcile } from './rollout.ts';
import { operations } from './shop-routes.ts';
import { createSimulatedCluster } from './simulated-cluster.ts';
import { advanceTraffic, createTraffic } from './traffic.ts';
import { createNodes, createWorkloads, isLeaving, tickMs, type WorldState } from './world-state.ts';

export interface ShopScenario {
  /** `story` (the default): a leak and a surge from the seed, again and again. Or faults of one's own; `[]` for none. */
  readonly faults?: 'story' | readonly FaultPlan[];
  /** Requests per second at the door in the mean; 300 by default. */
  readonly requestRate?: number;
  /** Length of the day; 20 minutes by default, so that a short history shows it. */
  readonly dayMinutes?: number;
  /** Share of requests whose trace is kept (head sampling); 0.1 by default. */
  readonly traceShare?: number;
}

export interface ShopWorldOptions {
  readonly seed: number;
  /** First moment of the world. */
  readonly startMs: number;
  readonly scenario?: ShopScenario;
  /** Told of every write before it takes effect. If it throws, the write does not happen. */
  readonly onWrite?: (entry: WorldJournalEntry) => void;
}

/** A write with the world's moment at which it took effect. */
export interface WorldJournalEntry {
  readonly atMs: number;
  readonly write: WorldWrite;
}

/** The seeded shop: a cluster, its users and its faults. Time moves only through `step`. */
export interface ShopWorld {
  readonly seed: number;
  readonly startMs: number;
  readonly nowMs: number;
  readonly cluster: ClusterPort;
  /** Since when the world is live; undefined before. */
  readonly liveSinceMs: number | undefined;
  /** The present becomes the moment from which faults are planned. A second call changes nothing. */
  goLive(): void;
  /** Moves on to this moment, in ticks of a second. Never back. */
  step(toMs: number): void;
  /** Telemetry since the last call; gauges as they are now. */
  frame(): TelemetryFrame;
  /** What is true about the faults planned so far: for tests and figures, never for the engine. */
  readonly groundTruth: readonly GroundTruth[];
}

export function createShopWorld(options: ShopWorldOptions): ShopWorld {
  return buildWorld(options).world;
}

export interface RestoreOptions extends ShopWorldOptions {
  /** What `onWrite` was told, in order. */
  readonly writes: readonly WorldJournalEntry[];
  /** The moment to restore, normally the last one the world was known to live. */
  readonly toMs: number;
}

/**
 * The same world again, as it was at `toMs`: seed, start and writes say everything. Its next frame begins there. Writes
 * made again are not told to `onWrite`.
 */
export function restoreShopWorld(options: RestoreOptions): ShopWorld {
  const { world, perform, beginFrame } = buildWorld(options);
  for (const { atMs, write } of options.writes) {
    world.step(atMs);
    perform(write);
  }
  world.step(options.toMs);
  beginFrame();
  return world;
}

interface BuiltWorld {
  readonly world: ShopWorld;
  perform(write: WorldWrite): void;
  beginFrame(): void;
}

function buildWorld(options: ShopWorldOptions): BuiltWorld {
  const { seed, startMs, scenario = {}, onWrite } = options;
  const feed = createEventFeed();
  const workloads = createWorkloads(seed);
  const state: WorldState = {
    seed,
    nodes: createNodes(),
    workloads,
    byService: new Map(workloads.map((workload) => [workload.spec.name, workload])),
    traffic: createTraffic(scenario.requestRate ?? 300, (scenario.dayMinutes ?? 20) * 60_000),
    nowMs: startMs,
    resourceVersion: 1000,
    queueDepth: 4,
    cacheHitRatio: 0.9,
    operationRates: new Float64Array(operations.length),
    operationMeanMs: new Float64Array(operations.length),
    operationFailed: new Float64Array(operations.length),
    report: (event) => feed.add(event, state.nowMs),
    notes: [],
  };
  const effects = createFaultEffects(state);
  let schedule: FaultSchedule | undefined;
  let liveSinceMs: number | undefined;
  let framedMs = startMs;
  populate(state);

  function perform(write: WorldWrite): number {
    if (write.type !== 'go-live') return applyWrite(state, write);
    liveSinceMs = state.nowMs;
    schedule = createFaultSchedule(seed, liveSinceMs, scenario.faults ?? 'story');
    return state.resourceVersion;
  }

  function commit(write: WorldWrite): number {
    onWrite?.({ atMs: state.nowMs, write });
    return perform(write);
  }

  function tick(): void {
    state.nowMs += tickMs;
    const random = randomFrom(seed, 'tick', (state.nowMs - startMs) / tickMs);
    effects.advance(schedule?.until(state.nowMs) ?? []);
    advanceTraffic(state.traffic, state.nowMs, effects.boosts(), random);
    state.cacheHitRatio = 0.9 + 0.8 * (state.cacheHitRatio - 0.9) + 0.004 * gaussian(random);
    for (const workload of workloads) {
      reconcile(workload, state);
      for (const pod of workload.pods) advancePod(pod, state);
    }
    spreadLoad(state, effects.disturbanceOf, random);
    settleOperations(state);
    for (const workload of workloads) {
      const leak = effects.leakBytesPerRequest(workload.spec.name);
      for (const pod of workload.pods) {
        if (isLeaving(pod)) stopLoad(pod);
        else advanceMemory(pod, leak, state, random);
      }
    }
    shareNodes(state);
  }

  const world: ShopWorld = {
    seed,
    startMs,
    get nowMs() {
      return state.nowMs;
    },
    get liveSinceMs() {
      return liveSinceMs;
    },
    cluster: createSimulatedCluster(state, feed, commit),
    goLive() {
      if (liveSinceMs === undefined) commit({ type: 'go-live' });
    },
    step(toMs) {
      while (state.nowMs + tickMs <= toMs) tick();
    },
    frame() {
      const frame = takeFrame(state, framedMs, scenario.traceShare ?? 0.1);
      framedMs = state.nowMs;
      return frame;
    },
    get groundTruth() {
      return (schedule?.until(state.nowMs) ?? []).map(groundTruthOf);
    },
  };
  const beginFrame = () => {
    framedMs = state.nowMs;
    state.notes.length = 0;
  };
  return { world, perform, beginFrame };
}
