import type { BandBatch, DetectionResult, Detectors, ReceivedAt, SampleBatch, SignalBatch } from '../../model/index.ts';
import type { FindingsSink } from './deciding.ts';
import type { DecisionLatency } from './decision-latency.ts';
import type { ReceivedTimes } from './received-times.ts';
import type { SignalRecord } from './signal-record.ts';

export interface ScoringDeps {
  readonly detectors: Detectors;
  readonly sink: FindingsSink;
  readonly latenessMs: number;
  /** What the detectors made of the signals, on its way to the store. */
  readonly keep: (derived: readonly SampleBatch[], bands: readonly BandBatch[]) => void;
  readonly latency?: DecisionLatency;
  readonly received: ReceivedTimes;
}

export interface ScoringHead {
  /** Event time of the newest signal, epoch milliseconds. */
  readonly newestMs: number;
  /** Event time that the detectors have been told, epoch milliseconds. */
  readonly advancedToMs: number;
  readonly received?: ReceivedAt;
}

export interface Scoring {
  /** Takes the signals of one log record through the detectors, and event time with them. */
  take(record: SignalRecord): Promise<void>;
  readonly head: ScoringHead;
}

/** The scoring half of the analysis: signals through the detectors, in log order and event time. */
export function createScoring(
  { detectors, sink, latenessMs, keep, latency, received }: ScoringDeps,
  from?: ScoringHead,
): Scoring {
  let newestMs = from?.newestMs ?? 0;
  let advancedToMs = from?.advancedToMs ?? 0;
  received.join(from?.received ?? {});

  async function tell(result: DetectionResult, batch?: SignalBatch): Promise<void> {
    keep(result.derived, result.bands);
    const samples = batch?.kind === 'samples' ? [batch] : [];
    const cluster = batch?.kind === 'cluster' ? [batch] : [];
    await sink.observe({ samples, cluster, result });
  }

  return {
    async take({ receivedMs, batches }) {
      sink.begin(receivedMs);
      let newestOfRecordMs = 0;
      for (const batch of batches) {
        received.note(batch.kind, receivedMs);
        newestOfRecordMs = Math.max(newestOfRecordMs, newestTimeOf(batch));
        newestMs = Math.max(newestMs, Math.min(receivedMs, newestOfRecordMs));
        await tell(await detectors.observe(batch), batch);
      }
      latency?.decided(receivedMs, newestOfRecordMs);
      const watermarkMs = Math.floor((newestMs - latenessMs) / 1000) * 1000;
      if (watermarkMs <= advancedToMs) return;
      advancedToMs = watermarkMs;
      await tell(await detectors.advance(watermarkMs));
      await sink.advance(watermarkMs);
    },
    get head() {
      return { newestMs, advancedToMs, received: received.read() };
    },
  };
}

function newestTimeOf(batch: SignalBatch): number {
  if (batch.kind === 'cluster') return batch.timeMs;
  const times = batch.kind === 'spans' ? batch.startsMs : batch.timesMs;
  let newest = 0;
  for (let row = 0; row < batch.count; row++) newest = Math.max(newest, times[row]);
  return newest;
}
