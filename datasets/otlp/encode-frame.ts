import type { TelemetryFrame } from '../telemetry-frame.ts';
import { encodeLogs } from './encode-logs.ts';
import { encodeMetrics } from './encode-metrics.ts';
import { encodeTraces } from './encode-traces.ts';
import { createReverseWriter } from './reverse-writer.ts';

/** Bodies of OTLP/HTTP requests in protobuf; absent where the frame has nothing of that signal. */
export interface EncodedFrame {
  readonly metrics?: Uint8Array;
  readonly logs?: Uint8Array;
  readonly traces?: Uint8Array;
}

const writer = createReverseWriter();

/** A frame as Export{Metrics,Logs,Trace}ServiceRequest, grouped by resource. Attribute objects must not change later. */
export function encodeFrame(frame: TelemetryFrame): EncodedFrame {
  return {
    ...(frame.metrics.length === 0 ? {} : { metrics: encodeMetrics(writer, frame.metrics) }),
    ...(frame.logs.length === 0 ? {} : { logs: encodeLogs(writer, frame.logs) }),
    ...(frame.spans.length === 0 ? {} : { traces: encodeTraces(writer, frame.spans) }),
  };
}
