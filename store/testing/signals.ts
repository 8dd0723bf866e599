import type {
  BandBatch,
  EntityRef,
  LogBatch,
  SampleBatch,
  SeriesDefinition,
  SeriesKind,
  SignalBlock,
  SpanBatch,
} from '../../model/index.ts';
import { canonicalLabels, contentHash } from '../../model/index.ts';

const cart: EntityRef = { kind: 'service', namespace: 'shop', name: 'cart' };

export function definition(
  id: number,
  name: string,
  options: {
    readonly labels?: Readonly<Record<string, string>>;
    readonly kind?: SeriesKind;
    readonly entity?: EntityRef;
  } = {},
): SeriesDefinition {
  const labels = canonicalLabels(Object.entries(options.labels ?? {}));
  const { kind = 'gauge', entity = cart } = options;
  const fingerprint = contentHash(name, kind, JSON.stringify(labels));
  return { id, name, labels, kind, unit: 'By', origin: 'received', fingerprint, entity };
}

export type SampleRow = readonly [series: number, timeMs: number, value: number];

export function sampleBatch(...rows: readonly SampleRow[]): SampleBatch {
  return {
    kind: 'samples',
    count: rows.length,
    series: Uint32Array.from(rows, (row) => row[0]),
    timesMs: Float64Array.from(rows, (row) => row[1]),
    values: Float64Array.from(rows, (row) => row[2]),
  };
}

export function bandBatch(...rows: readonly (readonly [number, number, number, number, number])[]): BandBatch {
  const column = (i: number) => Float64Array.from(rows, (row) => row[i]);
  return {
    count: rows.length,
    series: Uint32Array.from(rows, (row) => row[0]),
    timesMs: column(1),
    expected: column(2),
    lower: column(3),
    upper: column(4),
  };
}

export interface LogRow {
  readonly series: number;
  readonly timeMs: number;
  readonly body: string;
  readonly severity?: number;
  /** 32 hex digits. */
  readonly traceId?: string;
}

export function logBatch(...rows: readonly LogRow[]): LogBatch {
  const bodies = rows.map((row) => Buffer.from(row.body));
  const offsets = new Uint32Array(rows.length + 1);
  for (let i = 0; i < bodies.length; i++) offsets[i + 1] = offsets[i] + bodies[i].byteLength;
  return {
    kind: 'logs',
    count: rows.length,
    series: Uint32Array.from(rows, (row) => row.series),
    timesMs: Float64Array.from(rows, (row) => row.timeMs),
    severities: Uint8Array.from(rows, (row) => row.severity ?? 9),
    bodies: { offsets, bytes: Buffer.concat(bodies) },
    traceIds: ids(rows, (row) => row.traceId, 16),
    spanIds: new Uint8Array(rows.length * 8),
  };
}

export interface SpanRow {
  readonly series: number;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentId?: string;
  readonly startMs: number;
  readonly durationMs: number;
  readonly status?: number;
}

export function spanBatch(...rows: readonly SpanRow[]): SpanBatch {
  return {
    kind: 'spans',
    count: rows.length,
    series: Uint32Array.from(rows, (row) => row.series),
    startsMs: Float64Array.from(rows, (row) => row.startMs),
    durationsMs: Float64Array.from(rows, (row) => row.durationMs),
    traceIds: ids(rows, (row) => row.traceId, 16),
    spanIds: ids(rows, (row) => row.spanId, 8),
    parentIds: ids(rows, (row) => row.parentId, 8),
    statuses: Uint8Array.from(rows, (row) => row.status ?? 1),
    kinds: new Uint8Array(rows.length).fill(2),
  };
}

function ids<T>(rows: readonly T[], of: (row: T) => string | undefined, width: number): Uint8Array {
  return Buffer.concat(rows.map((row) => Buffer.from((of(row) ?? '').padStart(width * 2, '0'), 'hex')));
}

export function block(parts: Partial<SignalBlock>): SignalBlock {
  return { definitions: [], samples: [], bands: [], logs: [], spans: [], ...parts };
}
