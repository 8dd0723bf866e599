import type { Clock, Metrics } from '../../model/index.ts';

export interface DecisionLatency {
  /** Verdicts on a log record are there: received and with a newest signal of then, epoch milliseconds. */
  decided(receivedMs: number, newestMs: number): void;
}

// Narrow around a twentieth of a second, which is what a sample may take.
const buckets = [
  0.005, 0.01, 0.015, 0.02, 0.025, 0.03, 0.035, 0.04, 0.045, 0.05, 0.06, 0.075, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 5, 10, 30,
  60,
];

/** How long signals wait for their verdict: from the door, and from their own time, which the sender's delay is part of. */
export function createDecisionLatency(metrics: Metrics, clock: Clock): DecisionLatency {
  const latency = metrics.histogram(
    'kybern_scoring_latency_seconds',
    'From when a request was decoded, by way of the synced log, until all in it is judged, by log record.',
    buckets,
  );
  const age = metrics.histogram(
    'kybern_decision_age_seconds',
    'From the time of the newest signal of a log record until all in it is judged.',
    buckets,
  );
  return {
    decided(receivedMs, newestMs) {
      const nowMs = clock.now();
      latency.observe(Math.max(0, nowMs - receivedMs) / 1000);
      age.observe(Math.max(0, nowMs - newestMs) / 1000);
    },
  };
}
