import type { TelemetryFrame } from '../telemetry-frame.ts';

/** Several frames as one, in time order: a larger body. */
export function mergeFrames(frames: readonly TelemetryFrame[]): TelemetryFrame {
  return {
    atMs: frames.length === 0 ? 0 : frames[frames.length - 1].atMs,
    metrics: frames.flatMap((frame) => frame.metrics),
    logs: frames.flatMap((frame) => frame.logs),
    spans: frames.flatMap((frame) => frame.spans),
  };
}
