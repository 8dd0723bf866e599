export type {
  Attributes,
  LogLine,
  MetricPoint,
  RecordedLabel,
  Recording,
  SpanPoint,
  TelemetryFrame,
} from './telemetry-frame.ts';
