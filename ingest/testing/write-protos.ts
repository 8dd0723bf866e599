import protobuf from 'protobufjs';

// prometheus/prompb: types.proto, remote.proto and io/prometheus/write/v2/types.proto, as text for the oracle.
const histogram = `
message BucketSpan { sint32 offset = 1; uint32 length = 2; }
message Histogram {
  oneof count { uint64 count_int = 1; double count_float = 2; }
  double sum = 3; sint32 schema = 4; double zero_threshold = 5;
  oneof zero_count { uint64 zero_count_int = 6; double zero_count_float = 7; }
  repeated BucketSpan negative_spans = 8; repeated sint64 negative_deltas = 9; repeated double negative_counts = 10;
  repeated BucketSpan positive_spans = 11; repeated sint64 positive_deltas = 12; repeated double positive_counts = 13;
  int32 reset_hint = 14; int64 timestamp = 15; repeated double custom_values = 16; int64 start_timestamp = 17; }
`;
const texts = {
  1: `syntax = "proto3"; ${histogram}
message Request { repeated TimeSeries timeseries = 1; repeated Metadata metadata = 3; }
message TimeSeries { repeated Label labels = 1; repeated Sample samples = 2; repeated Exemplar exemplars = 3;
  repeated Histogram histograms = 4; }
message Label { string name = 1; string value = 2; }
message Sample { double value = 1; int64 timestamp = 2; }
message Exemplar { repeated Label labels = 1; double value = 2; int64 timestamp = 3; }
message Metadata { int32 type = 1; string metric_family_name = 2; string help = 4; string unit = 5; }
`,
  2: `syntax = "proto3"; ${histogram}
message Request { repeated string symbols = 4; repeated TimeSeries timeseries = 5; }
message TimeSeries { repeated uint32 labels_refs = 1; repeated Sample samples = 2; repeated Histogram histograms = 3;
  repeated Exemplar exemplars = 4; Metadata metadata = 5; int64 created_timestamp = 6; }
message Sample { double value = 1; int64 timestamp = 2; int64 start_timestamp = 3; }
message Exemplar { repeated uint32 labels_refs = 1; double value = 2; int64 timestamp = 3; }
message Metadata { int32 type = 1; uint32 help_ref = 3; uint32 unit_ref = 4; }
`,
} as const;
const roots = {
  1: protobuf.parse(texts[1], { keepCase: false }).root,
  2: protobuf.parse(texts[2], { keepCase: false }).root,
};

/** A body of remote-write of this version, before compression, by the oracle (keys in camelCase). */
export function encodeWrite(version: 1 | 2, request: object): Buffer {
  const type = roots[version].lookupType('Request');
  return Buffer.from(type.encode(type.fromObject(request)).finish());
}

/** The reverse, with 64-bit integers as numbers. Throws anything where the bytes are no such message. */
export function decodeWrite(version: 1 | 2, bytes: Uint8Array): Record<string, unknown> {
  const type = roots[version].lookupType('Request');
  return type.toObject(type.decode(bytes), { longs: Number, defaults: true, arrays: true });
}

/** A series of a 2.0 request as a test gives it: labels in words, the rest as the message has it. */
export interface GivenSeries {
  readonly labels: Readonly<Record<string, string>> | readonly (readonly [string, string])[];
  readonly samples?: readonly object[];
  readonly histograms?: readonly object[];
  readonly exemplars?: readonly { labels?: Readonly<Record<string, string>>; value?: number; timestamp?: number }[];
  readonly metadata?: { readonly type?: number; readonly help?: string; readonly unit?: string } | undefined;
}

/** A 2.0 request with its symbols gathered as senders do: '' first, each once. */
export function request2(series: readonly GivenSeries[]): object {
  const symbols = [''];
  const ref = (text: string) => {
    const known = symbols.indexOf(text);
    return known >= 0 ? known : symbols.push(text) - 1;
  };
  const refs = (labels: GivenSeries['labels']) =>
    (Array.isArray(labels) ? labels : Object.entries(labels)).flatMap(([name, value]) => [ref(name), ref(value)]);
  const timeseries = series.map(({ labels, samples = [], histograms = [], exemplars = [], metadata }) => ({
    labelsRefs: refs(labels),
    samples,
    histograms,
    exemplars: exemplars.map(({ labels: own = {}, ...rest }) => ({ labelsRefs: refs(own), ...rest })),
    ...(metadata && {
      metadata: { type: metadata.type ?? 0, helpRef: ref(metadata.help ?? ''), unitRef: ref(metadata.unit ?? '') },
    }),
  }));
  return { symbols, timeseries };
}
