import type { ClusterEvent, ClusterSnapshot } from './cluster.ts';

/**
 * Telemetry as columns. Row i of every column is one item; `count` rows are valid, columns may be longer.
 * Times are epoch milliseconds (float64 holds them exactly; spans keep a fraction).
 */
export interface SampleBatch {
  readonly kind: 'samples';
  readonly count: number;
  readonly series: Uint32Array;
  readonly timesMs: Float64Array;
  /** Always finite: stale markers, NaN and infinities are counted and dropped by the decoder. */
  readonly values: Float64Array;
  /** Which series ended by what the decoder dropped: goes to the log behind this batch, as one of its own. */
  readonly ended?: EndBatch;
}

/** Series whose sender said that they have ended, and when: by Prometheus' stale marker, or OTLP's flag for no recorded value. */
export interface EndBatch {
  readonly kind: 'ends';
  readonly count: number;
  readonly series: Uint32Array;
  readonly timesMs: Float64Array;
}

export interface LogBatch {
  readonly kind: 'logs';
  readonly count: number;
  /** Stream (resource) of each record: a catalogue id of kind `logs`. */
  readonly series: Uint32Array;
  readonly timesMs: Float64Array;
  /** OpenTelemetry severity number: 0 unset, 1-4 TRACE … 17-20 ERROR, 21-24 FATAL. */
  readonly severities: Uint8Array;
  readonly bodies: TextColumn;
  /** 16 bytes a row, zeros where there is none. */
  readonly traceIds: Uint8Array;
  /** 8 bytes a row, zeros where there is none. */
  readonly spanIds: Uint8Array;
}

export interface SpanBatch {
  readonly kind: 'spans';
  readonly count: number;
  /** Stream (resource + span name) of each span: a catalogue id of kind `spans`. */
  readonly series: Uint32Array;
  readonly startsMs: Float64Array;
  readonly durationsMs: Float64Array;
  readonly traceIds: Uint8Array;
  readonly spanIds: Uint8Array;
  /** Zeros for a root span. */
  readonly parentIds: Uint8Array;
  /** OTLP status code: 0 unset, 1 ok, 2 error. */
  readonly statuses: Uint8Array;
  /** OTLP span kind: 0 unspecified, 1 internal, 2 server, 3 client, 4 producer, 5 consumer. */
  readonly kinds: Uint8Array;
}

/** What the cluster said; rare, so objects. It goes through the log like everything else. */
export interface ClusterBatch {
  readonly kind: 'cluster';
  readonly timeMs: number;
  /** The cluster as listed, when it was. */
  readonly snapshot?: ClusterSnapshot;
  readonly events: readonly ClusterEvent[];
}

export type SignalBatch = SampleBatch | EndBatch | LogBatch | SpanBatch | ClusterBatch;

/** UTF-8 texts end to end: text i is `bytes[offsets[i] .. offsets[i + 1])`. */
export interface TextColumn {
  readonly offsets: Uint32Array;
  readonly bytes: Uint8Array;
}

const decoder = new TextDecoder();

export function textAt(column: TextColumn, row: number): string {
  return decoder.decode(column.bytes.subarray(column.offsets[row], column.offsets[row + 1]));
}
