import type { LogLine } from '../telemetry-frame.ts';
import { groupByResource } from './group-by-resource.ts';
import type { ReverseWriter } from './reverse-writer.ts';
import { writeAttributes, writeResourceGroup, writeStringValue } from './write-attributes.ts';

// opentelemetry/proto/logs/v1/logs.proto
const scopeLogs = 2;
const record = { time: 1, severity: 2, severityText: 3, body: 5, attributes: 6, traceId: 9, spanId: 10, observed: 11 };

const severityNames = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'];

/** An ExportLogsServiceRequest. */
export function encodeLogs(writer: ReverseWriter, lines: readonly LogLine[]): Uint8Array {
  for (const ofResource of groupByResource(lines).reverse()) {
    writeResourceGroup(writer, ofResource[0].resource, () => {
      for (let index = ofResource.length - 1; index >= 0; index--) writeLine(writer, ofResource[index]);
    });
  }
  return writer.finish();
}

function writeLine(writer: ReverseWriter, line: LogLine): void {
  const mark = writer.mark();
  writer.nanoseconds(record.observed, line.timeMs);
  if (line.spanId !== undefined) writer.hex(record.spanId, line.spanId);
  if (line.traceId !== undefined) writer.hex(record.traceId, line.traceId);
  writeAttributes(writer, record.attributes, line.attributes);
  writeStringValue(writer, record.body, line.body);
  // Four severity numbers share a name: 9 to 12 are INFO.
  const name = severityNames[Math.floor((line.severity - 1) / 4)];
  if (name !== undefined) writer.string(record.severityText, name);
  if (line.severity > 0) writer.varint(record.severity, line.severity);
  writer.nanoseconds(record.time, line.timeMs);
  writer.message(scopeLogs, mark);
}
