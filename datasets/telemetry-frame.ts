/**
 * Telemetry of one moment as plain objects: what the simulator and the loaders of recorded data make, and what the OTLP
 * encoder turns into request bodies. Not used behind the receivers.
 */
export interface TelemetryFrame {
  readonly atMs: number;
  readonly metrics: readonly MetricPoint[];
  readonly logs: readonly LogLine[];
  readonly spans: readonly SpanPoint[];
}

export type Attributes = Readonly<Record<string, string>>;

export interface MetricPoint {
  readonly name: string;
  readonly unit: string;
  /** counter: cumulative and monotonic since `startMs`. */
  readonly kind: 'gauge' | 'counter';
  readonly timeMs: number;
  readonly startMs?: number;
  readonly value: number;
  /** Resource attributes, such as service.name and k8s.pod.name. */
  readonly resource: Attributes;
  readonly attributes: Attributes;
}

export interface LogLine {
  readonly timeMs: number;
  /** OpenTelemetry severity number. */
  readonly severity: number;
  readonly body: string;
  readonly resource: Attributes;
  readonly attributes: Attributes;
  /** Hex, 32 and 16 digits. */
  readonly traceId?: string;
  readonly spanId?: string;
}

export interface SpanPoint {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentId?: string;
  readonly name: string;
  /** OTLP span kind: 1 internal, 2 server, 3 client, 4 producer, 5 consumer. */
  readonly kind: 1 | 2 | 3 | 4 | 5;
  readonly startMs: number;
  readonly durationMs: number;
  readonly error: boolean;
  readonly resource: Attributes;
  readonly attributes: Attributes;
}

/** Recorded data to replay: frames in time order, and what is known to have happened. */
export interface Recording {
  readonly name: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly labels: readonly RecordedLabel[];
  /** Frames in time order; each call starts anew. */
  frames(): AsyncIterable<TelemetryFrame>;
}

/** What is known to have happened; shown beside what was found, never given to the engine. */
export interface RecordedLabel {
  readonly startMs: number;
  readonly endMs: number;
  /** The series concerned (anomaly data): a metric name. */
  readonly metric?: string;
  /** The service or entity at fault (root-cause data). */
  readonly service?: string;
  readonly cause?: string;
}
