import fc from 'fast-check';
import { nowMs } from './door.ts';
import type { GivenSeries } from './write-protos.ts';

const labels = fc
  .record({
    name: fc.constantFrom('up', 'http_requests_total', 'request_seconds_bucket', 'größe'),
    more: fc.uniqueArray(
      fc.tuple(
        fc.constantFrom('job', 'instance', 'pod', 'zone', '__proto__'),
        fc.string({ unit: 'grapheme', minLength: 1, maxLength: 10 }),
      ),
      { selector: ([name]) => name },
    ),
  })
  .map(({ name, more }): [string, string][] => [['__name__', name], ...more]);

const timestamp = fc.integer({ min: -1e6, max: 500_000 }).map((offset) => nowMs + offset);
const value = fc.double({ noNaN: true, noDefaultInfinity: true });
const samples = fc.array(fc.record({ value, timestamp }), { maxLength: 3 });

interface Side {
  readonly spans: { offset: number; length: number }[];
  readonly counts: number[];
}

const side: fc.Arbitrary<Side> = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 5 }), fc.array(fc.nat(1000), { maxLength: 4 })), { maxLength: 3 })
  .map((parts) => ({
    spans: parts.map(([offset, counts]) => ({ offset, length: counts.length })),
    counts: parts.flatMap(([, counts]) => counts),
  }));

const total = (counts: readonly number[]) => counts.reduce((sum, count) => sum + count, 0);
const deltas = (counts: readonly number[]) => counts.map((count, at) => count - (counts[at - 1] ?? 0));

const exponential = fc
  .record({ positive: side, negative: side, zero: fc.nat(1000), schema: fc.integer({ min: -4, max: 8 }), value })
  .chain(({ positive, negative, zero, schema, value: sum }) => {
    const spans = { positiveSpans: positive.spans, negativeSpans: negative.spans, schema, sum };
    const count = total(positive.counts) + total(negative.counts) + zero;
    return fc.constantFrom(
      {
        ...spans,
        countInt: count,
        zeroCountInt: zero,
        positiveDeltas: deltas(positive.counts),
        negativeDeltas: deltas(negative.counts),
      },
      {
        ...spans,
        countFloat: count,
        zeroCountFloat: zero,
        positiveCounts: positive.counts,
        negativeCounts: negative.counts,
      },
    );
  });

/** Custom buckets over whole bounds 1..n; every bucket has its span. */
const custom = fc
  .record({ counts: fc.array(fc.nat(1000), { minLength: 1, maxLength: 6 }), sum: value })
  .map(({ counts, sum }) => ({
    schema: -53,
    sum,
    countInt: total(counts),
    customValues: counts.slice(1).map((_, at) => at + 1),
    positiveSpans: [{ offset: 0, length: counts.length }],
    positiveDeltas: deltas(counts),
  }));

const histograms = fc.array(
  fc.tuple(fc.oneof(exponential, custom), timestamp).map(([given, at]) => ({ ...given, timestamp: at })),
  { minLength: 1, maxLength: 2 },
);
const exemplars = fc.array(
  fc.record({
    labels: fc.constantFrom<Record<string, string>>({}, { trace_id: 'abc' }, { trace_id: 'abc', span_id: 'd' }),
    value,
    timestamp,
  }),
  { maxLength: 2 },
);
const metadata = fc.option(fc.record({ type: fc.nat(8), help: fc.string(), unit: fc.constantFrom('', 'seconds') }), {
  nil: undefined,
});

/** Series as a well-behaved sender has them: samples or histograms, exemplars, metadata. */
export const givenSeries: fc.Arbitrary<GivenSeries[]> = fc.array(
  fc.oneof(fc.record({ labels, samples, exemplars, metadata }), fc.record({ labels, histograms, exemplars, metadata })),
  { maxLength: 6 },
);
