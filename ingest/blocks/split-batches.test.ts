import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type LogBatch, type SampleBatch, type SpanBatch, textAt } from '../../model/index.ts';
import { splitBatches } from './split-batches.ts';

const partitionOf = (series: number) => series % 5;

/** Row i of each kind of batch can be told from every other row by each of its columns. */
function samples(series: readonly number[]): SampleBatch {
  return {
    kind: 'samples',
    count: series.length,
    series: Uint32Array.from(series),
    timesMs: Float64Array.from(series, (_, i) => i),
    values: Float64Array.from(series, (_, i) => i * 2),
  };
}

function logs(series: readonly number[]): LogBatch {
  const bodies = series.map((_, i) => Buffer.from(`body ${'é'.repeat(i % 7)} ${i}`));
  const offsets = new Uint32Array(series.length + 1);
  bodies.forEach((body, i) => {
    offsets[i + 1] = offsets[i] + body.length;
  });
  return {
    kind: 'logs',
    count: series.length,
    series: Uint32Array.from(series),
    timesMs: Float64Array.from(series, (_, i) => i),
    severities: Uint8Array.from(series, (_, i) => i % 24),
    bodies: { offsets, bytes: new Uint8Array(Buffer.concat(bodies)) },
    traceIds: Uint8Array.from({ length: series.length * 16 }, (_, at) => at >> 4),
    spanIds: Uint8Array.from({ length: series.length * 8 }, (_, at) => at >> 3),
  };
}

function spans(series: readonly number[]): SpanBatch {
  const ids = (width: number) => Uint8Array.from({ length: series.length * width }, (_, at) => at / width);
  return {
    kind: 'spans',
    count: series.length,
    series: Uint32Array.from(series),
    startsMs: Float64Array.from(series, (_, i) => i),
    durationsMs: Float64Array.from(series, (_, i) => i / 2),
    traceIds: ids(16),
    spanIds: ids(8),
    parentIds: ids(8),
    statuses: Uint8Array.from(series, (_, i) => i % 3),
    kinds: Uint8Array.from(series, (_, i) => i % 6),
  };
}

type Rows = SampleBatch | LogBatch | SpanBatch;

function rowsOf(batch: Rows): string[] {
  return Array.from({ length: batch.count }, (_, row) => {
    const of = (column: Uint8Array, width: number) => [...column.subarray(row * width, (row + 1) * width)];
    if (batch.kind === 'samples') return JSON.stringify([batch.series[row], batch.timesMs[row], batch.values[row]]);
    const ids = [of(batch.traceIds, 16), of(batch.spanIds, 8)];
    if (batch.kind === 'logs') {
      const own = [batch.series[row], batch.timesMs[row], batch.severities[row], textAt(batch.bodies, row)];
      return JSON.stringify([...own, ...ids]);
    }
    const own = [batch.series[row], batch.startsMs[row], batch.durationsMs[row], of(batch.parentIds, 8)];
    return JSON.stringify([...own, ...ids, batch.statuses[row], batch.kinds[row]]);
  });
}

describe('batches split by partition', () => {
  test.each([
    ['samples', samples],
    ['logs', logs],
    ['spans', spans],
  ])(
    '%s: no row is lost, doubled or changed, each is where its series belongs, in the order it came',
    (_kind, make) => {
      fc.assert(
        fc.property(
          fc.array(fc.nat(30), { maxLength: 120 }),
          fc.integer({ min: 64, max: 4000 }),
          (series, shareBytes) => {
            const batch = make(series);
            const shares = splitBatches([batch], { partitionOf, shareBytes });
            const found = new Map<number, string[]>();
            for (const { partition, batches } of shares) {
              for (const own of batches as Rows[]) {
                for (const id of own.series.subarray(0, own.count)) expect(partitionOf(id)).toBe(partition);
                if (own.kind === 'samples') expect(own.count).toBeLessThanOrEqual(Math.max(1, shareBytes / 64));
                found.set(partition, [...(found.get(partition) ?? []), ...rowsOf(own)]);
              }
            }
            const wanted = Map.groupBy(rowsOf(batch), (row) => partitionOf(JSON.parse(row)[0] as number));
            expect(found).toEqual(wanted);
          },
        ),
      );
    },
  );

  test('what the cluster said goes to partition 0; a batch of one partition is not copied', () => {
    const batch = samples([5, 10, 5]);
    const said = { kind: 'cluster', timeMs: 1, events: [] } as const;
    const shares = splitBatches([said, batch], { partitionOf, shareBytes: 1000 });
    expect(shares.map(({ partition }) => partition)).toEqual([0, 0]);
    expect(shares[0].batches[0]).toBe(said);
    expect(shares[1].batches[0]).toBe(batch);
  });
});
