import type { MetricPoint } from '../telemetry-frame.ts';
import { groupByResource } from './group-by-resource.ts';
import type { ReverseWriter } from './reverse-writer.ts';
import { writeAttributes, writeResourceGroup } from './write-attributes.ts';

// opentelemetry/proto/metrics/v1/metrics.proto
const scopeMetrics = 2;
const metric = { name: 1, unit: 3, gauge: 5, sum: 7 };
const dataPoints = 1;
const sum = { temporality: 2, monotonic: 3 };
const cumulative = 2;
const point = { startTime: 2, time: 3, asDouble: 4, attributes: 7 };

/** An ExportMetricsServiceRequest: counters as cumulative monotonic sums, values as doubles. */
export function encodeMetrics(writer: ReverseWriter, points: readonly MetricPoint[]): Uint8Array {
  for (const ofResource of groupByResource(points).reverse()) {
    writeResourceGroup(writer, ofResource[0].resource, () => {
      for (const ofMetric of groupByMetric(ofResource).reverse()) writeMetric(writer, ofMetric);
    });
  }
  return writer.finish();
}

function groupByMetric(points: readonly MetricPoint[]): MetricPoint[][] {
  const groups = new Map<string, MetricPoint[]>();
  for (const item of points) {
    const key = `${item.name}\n${item.kind}\n${item.unit}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return [...groups.values()];
}

function writeMetric(writer: ReverseWriter, points: readonly MetricPoint[]): void {
  const { name, unit, kind } = points[0];
  const whole = writer.mark();
  const data = writer.mark();
  if (kind === 'counter') {
    writer.varint(sum.monotonic, 1);
    writer.varint(sum.temporality, cumulative);
  }
  for (let index = points.length - 1; index >= 0; index--) writePoint(writer, points[index]);
  writer.message(kind === 'counter' ? metric.sum : metric.gauge, data);
  if (unit !== '') writer.string(metric.unit, unit);
  writer.string(metric.name, name);
  writer.message(scopeMetrics, whole);
}

function writePoint(writer: ReverseWriter, { attributes, value, timeMs, startMs }: MetricPoint): void {
  const mark = writer.mark();
  writeAttributes(writer, point.attributes, attributes);
  writer.double(point.asDouble, value);
  writer.nanoseconds(point.time, timeMs);
  if (startMs !== undefined) writer.nanoseconds(point.startTime, startMs);
  writer.message(dataPoints, mark);
}
