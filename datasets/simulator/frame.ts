import type { TelemetryFrame } from '../telemetry-frame.ts';
import { sampleLogs } from './log-lines.ts';
import { clusterMetrics } from './metric-points.ts';
import { randomFrom } from './randomness.ts';
import { sampleTraces } from './sample-traces.ts';
import type { WorldState } from './world-state.ts';

/**
 * Everything the shop's exporters send for the time since `sinceMs`. Draws from a stream of its own that follows from
 * seed and time, so that whether anyone listens changes nothing in the world.
 */
export function takeFrame(state: WorldState, sinceMs: number, traceShare: number): TelemetryFrame {
  const random = randomFrom(state.seed, 'frame', state.nowMs);
  const metrics = clusterMetrics(state, random);
  const { spans, requests } = sampleTraces(state, sinceMs, traceShare, random);
  const logs = sampleLogs(state, requests, random);
  state.notes.length = 0;
  return { atMs: state.nowMs, metrics, logs, spans };
}
