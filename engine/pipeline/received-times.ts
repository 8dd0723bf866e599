import type { Metrics, ReceivedAt, SignalBatch, TelemetryKind } from '../../model/index.ts';

/** When signals that have been analysed were last received, by kind: what shows that a kind has stopped to come. */
export interface ReceivedTimes {
  note(batch: SignalBatch['kind'], receivedMs: number): void;
  /** What another part, or this one before a restart, had noted. */
  join(times: ReceivedAt): void;
  read(): ReceivedAt;
}

const kindOf: Readonly<Record<SignalBatch['kind'], TelemetryKind>> = {
  samples: 'metrics',
  ends: 'metrics',
  logs: 'logs',
  spans: 'traces',
  cluster: 'cluster',
};

export function createReceivedTimes(metrics: Metrics): ReceivedTimes {
  const last: Partial<Record<TelemetryKind, number>> = {};
  const gauge = metrics.gauge(
    'kybern_signals_last_received_timestamp_seconds',
    'When signals that have been analysed were last received: alert on one that is minutes ago, for nothing else tells that all of a kind have stopped.',
    ['signal'],
  );

  function reached(kind: TelemetryKind, receivedMs: number): void {
    if (receivedMs <= (last[kind] ?? 0)) return;
    last[kind] = receivedMs;
    gauge.set(receivedMs / 1000, { signal: kind });
  }

  return {
    note: (batch, receivedMs) => reached(kindOf[batch], receivedMs),
    join(times) {
      for (const [kind, receivedMs] of Object.entries(times)) reached(kind as TelemetryKind, receivedMs);
    },
    read: () => ({ ...last }),
  };
}
