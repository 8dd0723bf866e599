import type { SeriesKind } from '../../model/index.ts';
import { createBytesIndex } from '../catalog/bytes-index.ts';
import type { IngestLimits } from '../config.ts';
import { createExponentialGrid } from '../intake/exponential-grid.ts';
import { dropReasonOf } from '../intake/raw-double.ts';
import { refusalReason } from '../intake/tally.ts';
import type { WireReader } from '../wire/wire-reader.ts';
import {
  clearPoint,
  createPoint,
  type DistributionPoint,
  pushNumber,
  readBuckets,
  readQuantile,
} from './distribution-point.ts';
import type { MetricScope, PointSink } from './metric-scope.ts';
import { clearRange, lastNanosAsMs, skipAttribute } from './point-scanner.ts';
import type { StreamInterner } from './stream-interner.ts';

const indexBytes = 64 * 1024 * 1024;
const noRecordedValue = 1;

/** Reads histogram, exponential histogram and summary points, each from the message that the reader stands in. */
export interface DistributionReader {
  histogram(reader: WireReader, metric: MetricScope, sink: PointSink): void;
  exponential(reader: WireReader, metric: MetricScope, sink: PointSink): void;
  summary(reader: WireReader, metric: MetricScope, sink: PointSink): void;
}

/** The series of one distribution stream: `_count`, `_sum`, and one for each bound or quantile. */
interface SeriesGroup {
  readonly count: number;
  readonly sum: number;
  readonly bounds: Float64Array;
  readonly parts: Uint32Array;
  /** Of an exponential histogram: its buckets met so far, by bound. */
  readonly grid: Map<number, number>;
}

interface Shape {
  readonly attributesField: number;
  readonly exemplarsField?: number;
  /** Label of the parts: `le` of a histogram's buckets, `quantile` of a summary. */
  readonly partLabel: string;
  readonly partSuffix: string;
}

interface PartHead {
  readonly suffix: string;
  readonly unit: string;
  readonly kind: SeriesKind;
  readonly more?: readonly [string, string] | undefined;
}

const shapes = {
  histogram: { attributesField: 9, exemplarsField: 8, partLabel: 'le', partSuffix: '_bucket' },
  exponential: { attributesField: 1, exemplarsField: 11, partLabel: 'le', partSuffix: '_bucket' },
  summary: { attributesField: 7, partLabel: 'quantile', partSuffix: '' },
} as const satisfies Record<string, Shape>;

/**
 * The series Prometheus has for a distribution: `<name>_bucket{le}` (cumulative over the bounds), `<name>_sum`,
 * `<name>_count`; of an exponential histogram the same on a coarser grid; of a summary `<name>{quantile}`, sum and count.
 */
export function createDistributionReader(interner: StreamInterner, limits: IngestLimits): DistributionReader {
  const groups = new Map<number, SeriesGroup>();
  const known = createBytesIndex(indexBytes, () => groups.clear());
  let lastGroup = 0;
  const point = createPoint(limits.buckets);
  const grid = createExponentialGrid(limits.buckets, limits.exponentialBuckets);
  const gridIds = new Uint32Array(limits.exponentialBuckets);

  /** The series of the point just read, or a refusal. */
  function groupOf(reader: WireReader, metric: MetricScope, shape: Shape, start: number): SeriesGroup | number {
    const { range } = point;
    if (range.contiguous) {
      const group = groups.get(known.find(metric.scope, reader.view, range.start, range.end));
      if (group !== undefined && sameBounds(group.bounds, point)) return group;
    }
    const group = internGroup(reader, metric, shape, start);
    if (typeof group !== 'number' && range.contiguous) {
      const number = known.find(metric.scope, reader.view, range.start, range.end);
      if (number >= 0) groups.set(number, group);
      else {
        const isKept = known.add(metric.scope, reader.view, range.start, range.end, ++lastGroup);
        if (isKept) groups.set(lastGroup, group);
      }
    }
    return group;
  }

  function internSeries(
    reader: WireReader,
    metric: MetricScope,
    shape: Shape,
    start: number,
    { suffix, unit, kind, more }: PartHead,
  ): number {
    const head = { resource: metric.resource, name: metric.name + suffix, kind, unit };
    const { attributesField } = shape;
    return interner.internMessage(head, reader, start, reader.end, attributesField, more === undefined ? [] : [more]);
  }

  /** Writes the buckets of the grid, unless there is no room for the series of one. */
  function emitGrid(reader: WireReader, metric: MetricScope, group: SeriesGroup, start: number, sink: PointSink): void {
    if (grid.size === 0) return;
    for (let at = 0; at <= grid.size; at++) {
      const bound = at < grid.size ? grid.bounds[at] : Number.POSITIVE_INFINITY;
      let id = group.grid.get(bound);
      if (id === undefined) {
        const le = at < grid.size ? String(bound) : '+Inf';
        const head = { suffix: '_bucket', unit: '', kind: metric.kind, more: ['le', le] } as const;
        id = internSeries(reader, metric, shapes.exponential, start, head);
        if (id < 0) return;
        group.grid.set(bound, id);
      }
      gridIds[at] = id;
    }
    for (let at = 0; at < grid.size; at++) sink.columns.push(gridIds[at], point.timeMs, grid.cumulative[at]);
    sink.columns.push(gridIds[grid.size], point.timeMs, point.count);
  }

  function fillGrid(): void {
    grid.begin(point.scale, point.notPositive);
    for (let part = 0; part < point.partCount; part++) grid.take(point.offset + part + 1, point.parts[part]);
    grid.finish(point.count);
  }

  function internGroup(reader: WireReader, metric: MetricScope, shape: Shape, start: number): SeriesGroup | number {
    const intern = (suffix: string, unit: string, kind: SeriesKind, more?: readonly [string, string]): number =>
      internSeries(reader, metric, shape, start, { suffix, unit, kind, more });
    const count = intern('_count', '', metric.kind);
    if (count < 0) return count;
    const sum = intern('_sum', metric.unit, metric.kind);
    if (sum < 0) return sum;
    const parts = new Uint32Array(shape === shapes.exponential ? 0 : point.partCount);
    const isSummary = shape === shapes.summary;
    for (let part = 0; part < parts.length; part++) {
      const bound = part < point.boundCount ? String(point.bounds[part]) : '+Inf';
      const kind = isSummary ? 'gauge' : metric.kind;
      const id = intern(shape.partSuffix, isSummary ? metric.unit : '', kind, [shape.partLabel, bound]);
      if (id < 0) return id;
      parts[part] = id;
    }
    return { count, sum, bounds: point.bounds.slice(0, point.boundCount), parts, grid: new Map() };
  }

  /** The series of the point just read have ended: it says whose it is, and none of its buckets. */
  function end(reader: WireReader, metric: MetricScope, { columns, latestMs }: PointSink): void {
    const { range, timeMs } = point;
    if (!range.contiguous || timeMs <= 0 || timeMs > latestMs) return;
    const group = groups.get(known.find(metric.scope, reader.view, range.start, range.end));
    if (group === undefined) return;
    for (const id of [group.count, group.sum, ...group.parts, ...group.grid.values()]) columns.end(id, timeMs);
  }

  /** Judges the point just read, and writes its series. */
  function emit(reader: WireReader, metric: MetricScope, shape: Shape, start: number, sink: PointSink): void {
    const { columns, tally, latestMs, window } = sink;
    if ((point.flags & noRecordedValue) !== 0) {
      tally.dropped['no-value']++;
      end(reader, metric, sink);
      return;
    }
    if (point.timeMs <= 0 || point.timeMs > latestMs) {
      tally.rejected[point.timeMs <= 0 ? 'time' : 'future']++;
      return;
    }
    if (point.invalid || (shape === shapes.histogram && !isConsistent(point))) {
      tally.rejected.invalid++;
      return;
    }
    const group = groupOf(reader, metric, shape, start);
    if (typeof group === 'number') {
      tally.rejected[refusalReason(group)]++;
      return;
    }
    // Its series have the same times: the count speaks for all of them.
    if (window !== undefined && !window.admits(group.count, point.timeMs, tally)) return;
    tally.accepted++;
    tally.exemplars.taken += point.exemplars;
    columns.push(group.count, point.timeMs, point.count);
    if (point.hasSum) columns.push(group.sum, point.timeMs, point.sum);
    if (shape === shapes.exponential) {
      fillGrid();
      emitGrid(reader, metric, group, start, sink);
    }
    let cumulative = 0;
    for (let part = 0; part < group.parts.length; part++) {
      cumulative = shape === shapes.histogram ? cumulative + point.parts[part] : point.parts[part];
      if (Number.isFinite(cumulative)) columns.push(group.parts[part], point.timeMs, cumulative);
    }
  }

  /** Count, sum, time and flags stand under the same numbers in a histogram and a summary, time in all three. */
  function readCommon(reader: WireReader): boolean {
    if (reader.field === 3) {
      reader.fixed64();
      point.timeMs = lastNanosAsMs(reader);
    } else if (reader.field === 4) {
      reader.fixed64();
      point.count = reader.lastUnsigned();
    } else if (reader.field === 5) {
      reader.fixed64();
      point.hasSum = dropReasonOf(reader) === undefined;
      point.sum = reader.lastDouble();
    } else return false;
    return true;
  }

  function read(
    reader: WireReader,
    metric: MetricScope,
    shape: Shape,
    sink: PointSink,
    other: (reader: WireReader) => void,
  ): void {
    const start = reader.position;
    clearPoint(point);
    // The sum of a summary has no presence: one that is not written is 0.
    point.hasSum = shape === shapes.summary;
    clearRange(point.range);
    for (let tagStart = start; reader.next(); tagStart = reader.position) {
      if (reader.field === shape.attributesField) skipAttribute(reader, tagStart, point.range);
      else if (!readCommon(reader)) other(reader);
    }
    emit(reader, metric, shape, start, sink);
  }

  function skipCounting(reader: WireReader, exemplarsField: number): void {
    if (reader.field === exemplarsField) point.exemplars++;
    reader.skip();
  }

  function histogramField(reader: WireReader): void {
    if (reader.field === 6) pushNumber(reader, point, 'parts');
    else if (reader.field === 7) pushNumber(reader, point, 'bounds');
    else if (reader.field === 10) point.flags = reader.uint();
    else skipCounting(reader, shapes.histogram.exemplarsField);
  }

  function exponentialField(reader: WireReader): void {
    if (reader.field === 10) point.flags = reader.uint();
    else if (reader.field === 6) point.scale = reader.sint();
    else if (reader.field === 7) {
      reader.fixed64();
      point.notPositive += reader.lastUnsigned();
    } else if (reader.field === 8) readBuckets(reader, point, 'positive');
    else if (reader.field === 9) readBuckets(reader, point, 'negative');
    else skipCounting(reader, shapes.exponential.exemplarsField);
  }

  function summaryField(reader: WireReader): void {
    if (reader.field === 6) readQuantile(reader, point);
    else if (reader.field === 8) point.flags = reader.uint();
    else reader.skip();
  }

  return {
    histogram: (reader, metric, sink) => read(reader, metric, shapes.histogram, sink, histogramField),
    exponential: (reader, metric, sink) => read(reader, metric, shapes.exponential, sink, exponentialField),
    summary: (reader, metric, sink) => read(reader, metric, shapes.summary, sink, summaryField),
  };
}

function sameBounds(bounds: Float64Array, point: DistributionPoint): boolean {
  if (bounds.length !== point.boundCount) return false;
  for (let part = 0; part < bounds.length; part++) if (bounds[part] !== point.bounds[part]) return false;
  return true;
}

/** As the protocol has it: one bucket more than bounds, or none of both; ascending bounds; buckets that sum to count. */
function isConsistent(point: DistributionPoint): boolean {
  if (point.partCount === 0) return point.boundCount === 0;
  if (point.partCount !== point.boundCount + 1) return false;
  let total = point.parts[0];
  for (let part = 1; part < point.partCount; part++) {
    total += point.parts[part];
    if (part < point.boundCount && !(point.bounds[part - 1] < point.bounds[part])) return false;
  }
  return total === point.count;
}
