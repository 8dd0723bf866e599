import type { EndBatch, LogBatch, SampleBatch, SignalBatch, SpanBatch, TextColumn } from '../../model/index.ts';

export interface Share {
  readonly partition: number;
  readonly batches: readonly SignalBatch[];
}

type RowBatch = SampleBatch | EndBatch | LogBatch | SpanBatch;

/** Beside its texts a row has at most this many bytes. */
const rowBytes = 64;

/**
 * Splits batches by the partition of each row's series. Rows of a series keep their order; a share holds about
 * `shareBytes` at most, where one partition has more it gets several, in order. What the cluster said goes to partition 0.
 * Columns are made per share, nothing per row.
 */
export function splitBatches(
  batches: readonly SignalBatch[],
  options: { readonly partitionOf: (series: number) => number; readonly shareBytes: number },
): Share[] {
  const shares: Share[] = [];
  for (const batch of batches) {
    if (batch.kind === 'cluster') shares.push({ partition: 0, batches: [batch] });
    else splitRows(batch, options, shares);
  }
  return shares;
}

function splitRows(
  batch: RowBatch,
  { partitionOf, shareBytes }: { partitionOf: (series: number) => number; shareBytes: number },
  out: Share[],
): void {
  const rowsOf = new Map<number, { rows: Uint32Array; count: number; bytes: number }>();
  for (let row = 0; row < batch.count; row++) {
    const partition = partitionOf(batch.series[row]);
    const bytes = bytesOf(batch, row);
    let open = rowsOf.get(partition);
    if (open !== undefined && open.bytes + bytes > shareBytes) {
      out.push({ partition, batches: [pick(batch, open.rows.subarray(0, open.count))] });
      open = undefined;
    }
    if (open === undefined) {
      open = { rows: new Uint32Array(64), count: 0, bytes: 0 };
      rowsOf.set(partition, open);
    }
    if (open.count === open.rows.length) {
      const larger = new Uint32Array(open.count * 2);
      larger.set(open.rows);
      open.rows = larger;
    }
    open.rows[open.count++] = row;
    open.bytes += bytes;
  }
  for (const [partition, { rows, count }] of rowsOf) {
    const whole = count === batch.count;
    out.push({ partition, batches: [whole ? batch : pick(batch, rows.subarray(0, count))] });
  }
}

function bytesOf(batch: RowBatch, row: number): number {
  return batch.kind === 'logs' ? rowBytes + batch.bodies.offsets[row + 1] - batch.bodies.offsets[row] : rowBytes;
}

function pick(batch: RowBatch, rows: Uint32Array): RowBatch {
  const count = rows.length;
  const series = rows.map((row) => batch.series[row]);
  if (batch.kind === 'samples')
    return { kind: 'samples', count, series, timesMs: floats(batch.timesMs, rows), values: floats(batch.values, rows) };
  if (batch.kind === 'ends') return { kind: 'ends', count, series, timesMs: floats(batch.timesMs, rows) };
  if (batch.kind === 'logs')
    return {
      kind: 'logs',
      count,
      series,
      timesMs: floats(batch.timesMs, rows),
      severities: bytes(batch.severities, rows, 1),
      bodies: texts(batch.bodies, rows),
      traceIds: bytes(batch.traceIds, rows, 16),
      spanIds: bytes(batch.spanIds, rows, 8),
    };
  return {
    kind: 'spans',
    count,
    series,
    startsMs: floats(batch.startsMs, rows),
    durationsMs: floats(batch.durationsMs, rows),
    traceIds: bytes(batch.traceIds, rows, 16),
    spanIds: bytes(batch.spanIds, rows, 8),
    parentIds: bytes(batch.parentIds, rows, 8),
    statuses: bytes(batch.statuses, rows, 1),
    kinds: bytes(batch.kinds, rows, 1),
  };
}

function floats(column: Float64Array, rows: Uint32Array): Float64Array {
  const picked = new Float64Array(rows.length);
  for (let i = 0; i < rows.length; i++) picked[i] = column[rows[i]];
  return picked;
}

function bytes(column: Uint8Array, rows: Uint32Array, width: number): Uint8Array {
  const picked = new Uint8Array(rows.length * width);
  for (let i = 0; i < rows.length; i++) {
    const from = rows[i] * width;
    for (let at = 0; at < width; at++) picked[i * width + at] = column[from + at];
  }
  return picked;
}

function texts(column: TextColumn, rows: Uint32Array): TextColumn {
  const offsets = new Uint32Array(rows.length + 1);
  for (let i = 0; i < rows.length; i++)
    offsets[i + 1] = offsets[i] + column.offsets[rows[i] + 1] - column.offsets[rows[i]];
  const picked = new Uint8Array(offsets[rows.length]);
  for (let i = 0; i < rows.length; i++)
    picked.set(column.bytes.subarray(column.offsets[rows[i]], column.offsets[rows[i] + 1]), offsets[i]);
  return { offsets, bytes: picked };
}
