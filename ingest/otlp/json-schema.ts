/** How a JSON field is written in protobuf. Enums are `int`; ids are `hex`, unlike in proto3 JSON. */
export type ScalarType =
  | 'text'
  | 'hex'
  | 'base64'
  | 'bool'
  | 'int'
  | 'uint'
  | 'uint64'
  | 'sint'
  | 'fixed64'
  | 'sfixed64'
  | 'double';

export interface JsonField {
  readonly number: number;
  readonly type: ScalarType | (() => JsonMessage);
  readonly repeated?: boolean;
}

export type JsonMessage = ReadonlyMap<string, JsonField>;

const one = (number: number, type: JsonField['type']): JsonField => ({ number, type });
const many = (number: number, type: JsonField['type']): JsonField => ({ number, type, repeated: true });
const message = (fields: Readonly<Record<string, JsonField>>): JsonMessage => new Map(Object.entries(fields));

// opentelemetry-proto 1.x, by lowerCamelCase names; fields that no decoder reads are left out, as unknown ones are.
const anyValue: JsonMessage = message({
  stringValue: one(1, 'text'),
  boolValue: one(2, 'bool'),
  intValue: one(3, 'int'),
  doubleValue: one(4, 'double'),
  arrayValue: one(5, () => arrayValue),
  kvlistValue: one(6, () => kvlistValue),
  bytesValue: one(7, 'base64'),
});
const arrayValue = message({ values: many(1, () => anyValue) });
const keyValue = message({ key: one(1, 'text'), value: one(2, () => anyValue) });
const kvlistValue = message({ values: many(1, () => keyValue) });
const resource = message({ attributes: many(1, () => keyValue) });

// Exemplars are counted, not read.
const exemplar = message({});
const numberDataPoint = message({
  exemplars: many(5, () => exemplar),
  attributes: many(7, () => keyValue),
  timeUnixNano: one(3, 'fixed64'),
  asDouble: one(4, 'double'),
  asInt: one(6, 'sfixed64'),
  flags: one(8, 'uint'),
});
const histogramDataPoint = message({
  exemplars: many(8, () => exemplar),
  attributes: many(9, () => keyValue),
  timeUnixNano: one(3, 'fixed64'),
  count: one(4, 'fixed64'),
  sum: one(5, 'double'),
  bucketCounts: many(6, 'fixed64'),
  explicitBounds: many(7, 'double'),
  flags: one(10, 'uint'),
});
const buckets = message({ offset: one(1, 'sint'), bucketCounts: many(2, 'uint64') });
const exponentialHistogramDataPoint = message({
  scale: one(6, 'sint'),
  zeroCount: one(7, 'fixed64'),
  positive: one(8, () => buckets),
  negative: one(9, () => buckets),
  exemplars: many(11, () => exemplar),
  attributes: many(1, () => keyValue),
  timeUnixNano: one(3, 'fixed64'),
  count: one(4, 'fixed64'),
  sum: one(5, 'double'),
  flags: one(10, 'uint'),
});
const quantile = message({ quantile: one(1, 'double'), value: one(2, 'double') });
const summaryDataPoint = message({
  attributes: many(7, () => keyValue),
  timeUnixNano: one(3, 'fixed64'),
  count: one(4, 'fixed64'),
  sum: one(5, 'double'),
  quantileValues: many(6, () => quantile),
  flags: one(8, 'uint'),
});
const gauge = message({ dataPoints: many(1, () => numberDataPoint) });
const sum = message({
  dataPoints: many(1, () => numberDataPoint),
  aggregationTemporality: one(2, 'int'),
  isMonotonic: one(3, 'bool'),
});
const histogram = message({
  dataPoints: many(1, () => histogramDataPoint),
  aggregationTemporality: one(2, 'int'),
});
const exponentialHistogram = message({
  dataPoints: many(1, () => exponentialHistogramDataPoint),
  aggregationTemporality: one(2, 'int'),
});
const summary = message({ dataPoints: many(1, () => summaryDataPoint) });
const metric = message({
  name: one(1, 'text'),
  unit: one(3, 'text'),
  gauge: one(5, () => gauge),
  sum: one(7, () => sum),
  histogram: one(9, () => histogram),
  exponentialHistogram: one(10, () => exponentialHistogram),
  summary: one(11, () => summary),
});
const logRecord = message({
  timeUnixNano: one(1, 'fixed64'),
  observedTimeUnixNano: one(11, 'fixed64'),
  severityNumber: one(2, 'int'),
  severityText: one(3, 'text'),
  body: one(5, () => anyValue),
  traceId: one(9, 'hex'),
  spanId: one(10, 'hex'),
});
const status = message({ code: one(3, 'int') });
const span = message({
  traceId: one(1, 'hex'),
  spanId: one(2, 'hex'),
  parentSpanId: one(4, 'hex'),
  name: one(5, 'text'),
  kind: one(6, 'int'),
  startTimeUnixNano: one(7, 'fixed64'),
  endTimeUnixNano: one(8, 'fixed64'),
  attributes: many(9, () => keyValue),
  status: one(15, () => status),
});

/** A request: resources, in them scopes, in them items. */
function request(resources: string, scopes: string, items: string, item: JsonMessage): JsonMessage {
  const scopeItems = message({ [items]: many(2, () => item) });
  const resourceItems = message({ resource: one(1, () => resource), [scopes]: many(2, () => scopeItems) });
  return message({ [resources]: many(1, () => resourceItems) });
}

export const metricsRequest = request('resourceMetrics', 'scopeMetrics', 'metrics', metric);
export const logsRequest = request('resourceLogs', 'scopeLogs', 'logRecords', logRecord);
export const tracesRequest = request('resourceSpans', 'scopeSpans', 'spans', span);
