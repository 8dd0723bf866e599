import type { TelemetryFrame } from '../../datasets/index.ts';
import { encodeFrame } from '../../datasets/otlp/index.ts';
import { createShopWorld, type ShopScenario, type ShopWorld, shopSlos } from '../../datasets/simulator/index.ts';
import { createSimulatedClock, type Engine, KybernConfig, withDefaults } from '../../engine/index.ts';
import type { Mode } from '../../model/index.ts';
import { openEngine } from './engine-in-process.ts';
import { temporaryDirectory } from './kybern-process.ts';

/** As the demo has it. */
const demoHistorySeconds = 20 * 60;
const stepMs = 2000;
/** The history is taken through the stages every so many exports. */
const settleEvery = 15;

export interface SimulatedDemo {
  readonly engine: Engine;
  readonly world: ShopWorld;
  readonly liveMs: number;
  readonly config: KybernConfig;
  /** Lets the shop live on by so many seconds. */
  live(seconds: number): Promise<void>;
  close(): Promise<void>;
}

/**
 * The demo without wall time: the real engine (receivers, log, stages, actuator) and the shop on one simulated clock. Its
 * history is already sent when this resolves.
 */
export async function startSimulatedDemo(options: {
  readonly seed: number;
  readonly mode?: Mode;
  readonly scenario?: ShopScenario;
  readonly historySeconds?: number;
}): Promise<SimulatedDemo> {
  const historyMs = (options.historySeconds ?? demoHistorySeconds) * 1000;
  const liveMs = Date.UTC(2026, 0, 5, 12, 0, 0);
  const clock = createSimulatedClock(liveMs);
  const world = createShopWorld({
    seed: options.seed,
    startMs: liveMs - historyMs,
    ...(options.scenario === undefined ? {} : { scenario: options.scenario }),
  });
  const config = withDefaults(KybernConfig, {
    mode: options.mode ?? 'auto',
    dataDir: temporaryDirectory('kybern-story-'),
    store: { kind: 'memory' },
    analysis: { latenessSeconds: 2 },
    // As in the demo.
    detectors: { thread: 'none' },
  }) as KybernConfig;
  const engine = await openEngine(config, { clock, cluster: world.cluster, slos: shopSlos });

  async function send(frame: TelemetryFrame): Promise<void> {
    const bodies = encodeFrame(frame);
    for (const [signal, body] of Object.entries(bodies) as ['metrics' | 'logs' | 'traces', Uint8Array | undefined][]) {
      if (body === undefined) continue;
      const answer = await engine.receivers.inject({
        method: 'POST',
        url: `/v1/${signal}`,
        headers: { 'content-type': 'application/x-protobuf' },
        payload: Buffer.from(body),
      });
      if (answer.statusCode !== 200) throw new Error(`/v1/${signal}: ${answer.statusCode} ${answer.body}`);
    }
  }

  let exports = 0;
  while (world.nowMs + stepMs <= liveMs) {
    world.step(world.nowMs + stepMs);
    await send(world.frame());
    exports += 1;
    if (exports % settleEvery === 0) await engine.settle();
  }
  world.goLive();

  return {
    engine,
    world,
    liveMs,
    config,
    async live(seconds) {
      const untilMs = clock.now() + seconds * 1000;
      while (clock.now() < untilMs) {
        clock.advanceTo(clock.now() + stepMs);
        world.step(clock.now());
        await send(world.frame());
        await engine.poll();
        await engine.settle();
      }
    },
    close: () => engine.close(),
  };
}
