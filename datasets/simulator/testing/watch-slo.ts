import type { TelemetryFrame } from '../../telemetry-frame.ts';
import { type ShopWorld, shopSlos } from '../index.ts';

/** How the frontend did in one window, as its spans tell. */
export interface SloWindow {
  /** Seconds since the world began, at the window's end. */
  readonly atSeconds: number;
  readonly latencyP95Ms: number;
  readonly errorRatio: number;
  readonly met: boolean;
}

const [slo] = shopSlos;

/**
 * Moves a world on in exports of 2 s and windows of 4 s, as an outsider sees it. `each` is called after every frame
 * and may write to the cluster.
 */
export async function watchSlo(
  world: ShopWorld,
  seconds: number,
  each: (frame: TelemetryFrame, atSeconds: number) => void | Promise<void> = () => {},
): Promise<SloWindow[]> {
  const windows: SloWindow[] = [];
  const endMs = world.nowMs + seconds * 1000;
  let durations: number[] = [];
  let failed = 0;
  let frames = 0;
  while (world.nowMs < endMs) {
    world.step(world.nowMs + 2000);
    const frame = world.frame();
    const atSeconds = (world.nowMs - world.startMs) / 1000;
    for (const span of frame.spans) {
      if (span.kind !== 2 || span.resource['service.name'] !== slo.service) continue;
      durations.push(span.durationMs);
      if (span.error) failed += 1;
    }
    await each(frame, atSeconds);
    if (++frames % 2 !== 0) continue;
    durations.sort((a, b) => a - b);
    const latencyP95Ms = durations[Math.floor(0.95 * durations.length)] ?? 0;
    const errorRatio = failed / Math.max(1, durations.length);
    const met = latencyP95Ms <= (slo.latencyP95Ms ?? 0) && errorRatio <= (slo.errorRatio ?? 0);
    windows.push({ atSeconds, latencyP95Ms, errorRatio, met });
    durations = [];
    failed = 0;
  }
  return windows;
}

export const broken = (windows: readonly SloWindow[]): readonly SloWindow[] => windows.filter(({ met }) => !met);
