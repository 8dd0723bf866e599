import type { SpanPoint } from '../telemetry-frame.ts';
import { groupByResource } from './group-by-resource.ts';
import type { ReverseWriter } from './reverse-writer.ts';
import { writeAttributes, writeResourceGroup } from './write-attributes.ts';

// opentelemetry/proto/trace/v1/trace.proto
const scopeSpans = 2;
const fields = { traceId: 1, spanId: 2, parentId: 4, name: 5, kind: 6, start: 7, end: 8, attributes: 9, status: 15 };
const statusCode = 3;
const statusError = 2;

/** An ExportTraceServiceRequest. */
export function encodeTraces(writer: ReverseWriter, spans: readonly SpanPoint[]): Uint8Array {
  for (const ofResource of groupByResource(spans).reverse()) {
    writeResourceGroup(writer, ofResource[0].resource, () => {
      for (let index = ofResource.length - 1; index >= 0; index--) writeSpan(writer, ofResource[index]);
    });
  }
  return writer.finish();
}

function writeSpan(writer: ReverseWriter, span: SpanPoint): void {
  const mark = writer.mark();
  if (span.error) {
    const status = writer.mark();
    writer.varint(statusCode, statusError);
    writer.message(fields.status, status);
  }
  writeAttributes(writer, fields.attributes, span.attributes);
  writer.nanoseconds(fields.end, span.startMs + span.durationMs);
  writer.nanoseconds(fields.start, span.startMs);
  writer.varint(fields.kind, span.kind);
  writer.string(fields.name, span.name);
  if (span.parentId !== undefined) writer.hex(fields.parentId, span.parentId);
  writer.hex(fields.spanId, span.spanId);
  writer.hex(fields.traceId, span.traceId);
  writer.message(scopeSpans, mark);
}
