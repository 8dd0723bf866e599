import type { Clock } from '../../model/index.ts';
import type { ShopWorld } from '../simulator/index.ts';
import type { TelemetryFrame } from '../telemetry-frame.ts';
import { mergeFrames } from './merge-frames.ts';

/** How far the feed is. `history`: catching up with the clock; `live`: in step with it. */
export interface DemoProgress {
  readonly phase: 'history' | 'live';
  /** The world's moment that was sent and acknowledged. */
  readonly sentToMs: number;
  /** Share of the history that is done, 1 when live. */
  readonly done: number;
  readonly frames: number;
}

export interface DemoFeedOptions {
  /** Stands at the beginning of what is to be sent: a world that began in the past has a history. */
  readonly world: ShopWorld;
  /** Resolves when the frame is acknowledged. A rejection ends the feed. */
  readonly send: (frame: TelemetryFrame) => Promise<unknown>;
  readonly clock: Clock;
  /** From export to export; 2 s by default, at least the world's tick of a second. */
  readonly stepMs?: number;
  /** Frames in one body while catching up; 15 by default: half a minute of the shop in one request. */
  readonly historyFrames?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: DemoProgress) => void;
}

/**
 * Drives the shop and sends what its exporters say: first the history, stamped in the past, as fast as it is
 * acknowledged; then, from the moment it has caught up, a frame each step of the clock. When it has caught up the world
 * goes live: faults are planned from then on. Falling behind (a slow receiver) it sends what is due in larger bodies;
 * it never skips time. Resolves when the signal aborts.
 */
export async function runDemoFeed(options: DemoFeedOptions): Promise<void> {
  const { world, send, clock, historyFrames = 15, signal, onProgress } = options;
  const stepMs = Math.max(1000, options.stepMs ?? 2000);
  const beganMs = world.nowMs;
  let frames = 0;

  /** The frames that are due by this moment, at most so many. */
  function dueFrames(untilMs: number, most: number): TelemetryFrame[] {
    const due: TelemetryFrame[] = [];
    while (due.length < most && world.nowMs + stepMs <= untilMs) {
      world.step(world.nowMs + stepMs);
      due.push(world.frame());
    }
    return due;
  }

  function tell(phase: DemoProgress['phase']): void {
    const done = phase === 'live' ? 1 : (world.nowMs - beganMs) / Math.max(1, clock.now() - beganMs);
    onProgress?.({ phase, sentToMs: world.nowMs, done, frames });
  }

  while (signal?.aborted !== true) {
    const due = dueFrames(clock.now(), historyFrames);
    if (due.length > 0) {
      await send(mergeFrames(due));
      frames += due.length;
    }
    const behindMs = clock.now() - world.nowMs;
    if (world.liveSinceMs === undefined && behindMs < stepMs) world.goLive();
    tell(world.liveSinceMs === undefined ? 'history' : 'live');
    if (behindMs < stepMs) await clock.sleep(stepMs - behindMs, signal);
  }
}
