import type { Recording } from '../../datasets/index.ts';
import { createOtlpSender } from '../../datasets/otlp/index.ts';
import type { Anomaly, Incident } from '../../model/index.ts';
import type { SimulatedClock } from '../clock/simulated-clock.ts';
import type { Engine } from '../compose/create-engine.ts';
import { matchLabels, type ReplaySummary } from './match-labels.ts';

export interface ReplayOptions {
  readonly recording: Recording;
  readonly engine: Engine;
  readonly clock: SimulatedClock;
  readonly otlpUrl: string;
  /** Times faster than recorded; 0: as fast as everything is acknowledged and analysed. */
  readonly speed: number;
  /** Recorded time to stop at, epoch milliseconds. */
  readonly untilMs: number;
  readonly wait: (milliseconds: number) => Promise<void>;
  readonly elapsedMs: () => number;
  readonly onProgress: (done: number, atMs: number) => void;
}

export interface ReplayResult extends ReplaySummary {
  readonly frames: number;
  readonly items: number;
  /** Bodies that a receiver refused, with why. */
  readonly refused: readonly string[];
}

const settleEveryFrames = 20;
/** Quiet time at the end, so that what is over can clear. */
const tailMs = 120_000;

/**
 * Plays a recording through the receivers on a clock that stands at the recorded time: everything, the limits for clocks
 * ahead included, works as it would have worked then.
 */
export async function runReplay(options: ReplayOptions): Promise<ReplayResult> {
  const { recording, engine, clock, speed, untilMs } = options;
  const send = createOtlpSender({ url: options.otlpUrl, clock, attempts: 1 });
  const anomalies = new Map<string, Anomaly>();
  const incidents: Incident[] = [];
  const unsubscribe = engine.recorder.subscribe((decision) => {
    if (decision.type === 'anomaly') anomalies.set(decision.value.id, decision.value);
    if (decision.type === 'incident') incidents.push(decision.value);
  });
  const refused: string[] = [];
  let frames = 0;
  let items = 0;
  const endMs = Math.min(recording.endMs, untilMs);

  for await (const frame of recording.frames()) {
    if (frame.atMs > endMs) break;
    if (speed > 0) {
      const dueMs = (frame.atMs - recording.startMs) / speed;
      const aheadMs = dueMs - options.elapsedMs();
      if (aheadMs > 1) await options.wait(aheadMs);
    }
    clock.advanceTo(frame.atMs);
    for (const delivery of await send(frame)) {
      if (delivery.outcome === 'dropped' && refused.length < 20) refused.push(`${delivery.signal}: ${delivery.reason}`);
    }
    frames += 1;
    items += frame.metrics.length + frame.logs.length + frame.spans.length;
    if (frames % settleEveryFrames === 0) await engine.settle();
    options.onProgress((frame.atMs - recording.startMs) / Math.max(1, endMs - recording.startMs), frame.atMs);
  }
  clock.advanceTo(endMs + tailMs);
  await engine.settle();
  unsubscribe();
  return {
    frames,
    items,
    refused,
    ...matchLabels(
      recording.labels.filter((label) => label.startMs <= endMs),
      [...anomalies.values()],
      incidents,
    ),
  };
}
