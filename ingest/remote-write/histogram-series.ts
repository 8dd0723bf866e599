import type { SeriesCatalog, SeriesKind } from '../../model/index.ts';
import type { IngestLimits } from '../config.ts';
import { createExponentialGrid } from '../intake/exponential-grid.ts';
import { limitedLabels } from '../intake/label-set.ts';
import { refusalOf, refusalReason } from '../intake/tally.ts';
import type { WireReader } from '../wire/wire-reader.ts';
import { isConsistent } from './histogram-consistency.ts';
import {
  createNativeHistogram,
  hasCustomBuckets,
  type NativeHistogram,
  readNativeHistogram,
} from './native-histogram.ts';
import type { MetricIdentity } from './series-interner.ts';
import { refusedBy, type WriteSink } from './write-sink.ts';

/** The series of one native histogram. */
interface HistogramGroup {
  readonly isGauge: boolean;
  readonly count: number;
  readonly sum: number;
  readonly bounds: Float64Array;
  /** Of custom buckets, one for each bound and one for +Inf. */
  readonly parts: Uint32Array;
  /** Of exponential buckets: those of the grid met so far, by bound. */
  readonly grid: Map<number, number>;
}

/**
 * Native histograms as the series that Prometheus has for a classic one: `<name>_count`, `<name>_sum` and, of custom
 * buckets, `<name>_bucket{le}`, cumulative; exponential buckets the same on a coarser grid, as OpenTelemetry's exponential
 * histograms.
 */
export interface HistogramSeries {
  /**
   * Reads the histogram of the reader's field and takes it. `key`: a number that stands for this owner in every body, or
   * a refusal; `identity` reads who it is, where that key is new.
   */
  take(reader: WireReader, sink: WriteSink, key: number, identity: () => MetricIdentity): void;
  /** Forgets what it knows by keys. */
  forget(): void;
}

const gaugeHistogramType = 4;
const mostGroups = 200_000;

export function createHistogramSeries(catalog: SeriesCatalog, limits: IngestLimits): HistogramSeries {
  const groups = new Map<number, HistogramGroup>();
  const histogram = createNativeHistogram(limits.buckets);
  const grid = createExponentialGrid(limits.buckets, limits.exponentialBuckets);
  const gridIds = new Uint32Array(limits.exponentialBuckets);

  function groupOf(key: number, identity: () => MetricIdentity): HistogramGroup | number {
    const known = groups.get(key);
    if (known !== undefined && isOf(known, histogram)) return known;
    try {
      const group = internGroup(identity());
      if (groups.size >= mostGroups) groups.clear();
      groups.set(key, group);
      return group;
    } catch (error) {
      return refusalOf(error);
    }
  }

  function internSeries(
    { name, labels, type }: MetricIdentity,
    suffix: string,
    more: readonly (readonly [string, string])[],
    unit = '',
  ): number {
    const kind: SeriesKind = histogram.isGauge || type === gaugeHistogramType ? 'gauge' : 'counter';
    const limited = limitedLabels([...labels, ...more], limits);
    return catalog.intern({ name: name + suffix, labels: limited, kind, unit, origin: 'received' });
  }

  /** The series of the grid's buckets in `gridIds`; false where there is no room for one. */
  function internGrid(group: HistogramGroup, identity: () => MetricIdentity): boolean {
    for (let at = 0; at <= grid.size; at++) {
      const bound = at < grid.size ? grid.bounds[at] : Number.POSITIVE_INFINITY;
      let id = group.grid.get(bound);
      if (id === undefined) {
        try {
          id = internSeries(identity(), '_bucket', [['le', at < grid.size ? String(bound) : '+Inf']]);
        } catch (error) {
          return refusalOf(error) >= 0;
        }
        group.grid.set(bound, id);
      }
      gridIds[at] = id;
    }
    return true;
  }

  function fillGrid(): void {
    const { positive, negative } = histogram;
    let below = histogram.zeroCount;
    for (let bucket = 0; bucket < negative.size; bucket++) below += negative.counts[bucket];
    grid.begin(histogram.schema, below);
    let bucket = 0;
    let exponent = 0;
    for (let span = 0; span < positive.spans; span++) {
      exponent += positive.spanOffsets[span];
      for (let left = positive.spanLengths[span]; left > 0; left--) grid.take(exponent++, positive.counts[bucket++]);
    }
    grid.finish(histogram.count);
  }

  function emitGrid(group: HistogramGroup, { columns }: WriteSink, identity: () => MetricIdentity): void {
    fillGrid();
    const { timeMs } = histogram;
    if (grid.size === 0 || !internGrid(group, identity)) return;
    for (let at = 0; at < grid.size; at++) columns.push(gridIds[at], timeMs, grid.cumulative[at]);
    columns.push(gridIds[grid.size], timeMs, histogram.count);
  }

  function internGroup(identity: MetricIdentity): HistogramGroup {
    const intern = (suffix: string, more: readonly (readonly [string, string])[], unit = '') =>
      internSeries(identity, suffix, more, unit);
    const bounds = histogram.bounds.slice(0, histogram.boundCount);
    const les = hasCustomBuckets(histogram) ? [...Array.from(bounds, String), '+Inf'] : [];
    return {
      isGauge: histogram.isGauge,
      count: intern('_count', []),
      sum: intern('_sum', [], identity.unit),
      bounds,
      parts: Uint32Array.from(les, (le) => intern('_bucket', [['le', le]])),
      grid: new Map(),
    };
  }

  function emit(group: HistogramGroup, { columns }: WriteSink): void {
    const { timeMs } = histogram;
    columns.push(group.count, timeMs, histogram.count);
    if (histogram.sumIs === undefined) columns.push(group.sum, timeMs, histogram.sum);
    if (group.parts.length === 0) return;
    const { positive } = histogram;
    let part = 0;
    let bucket = 0;
    let cumulative = 0;
    for (let span = 0; span < positive.spans; span++) {
      for (let gap = positive.spanOffsets[span]; gap > 0; gap--) columns.push(group.parts[part++], timeMs, cumulative);
      for (let left = positive.spanLengths[span]; left > 0; left--) {
        cumulative += positive.counts[bucket++];
        columns.push(group.parts[part++], timeMs, cumulative);
      }
    }
    while (part < group.parts.length) columns.push(group.parts[part++], timeMs, cumulative);
  }

  /** A marker says whose histogram has ended, and none of its buckets. */
  function end(group: HistogramGroup | undefined, { columns }: WriteSink): void {
    if (group === undefined) return;
    for (const id of [group.count, group.sum, ...group.parts, ...group.grid.values()])
      columns.end(id, histogram.timeMs);
  }

  return {
    take(reader, sink, key, identity) {
      readNativeHistogram(reader, histogram);
      const { tally } = sink;
      tally.received++;
      tally.histograms.received++;
      const reject = (reason: keyof typeof tally.rejected) => {
        tally.rejected[reason]++;
        tally.histograms.rejected++;
      };
      if (key >= 0 && histogram.sumIs === 'stale') {
        tally.dropped.stale++;
        if (refusedBy(sink, key, histogram.timeMs) === undefined) end(groups.get(key), sink);
        return;
      }
      const refused = refusedBy(sink, key, histogram.timeMs);
      if (refused !== undefined) return reject(refused);
      if (!isConsistent(histogram)) return reject('invalid');
      const group = groupOf(key, identity);
      if (typeof group === 'number') return reject(refusalReason(group));
      if (!sink.window.admits(group.count, histogram.timeMs, tally)) {
        tally.histograms.rejected++;
        return;
      }
      tally.accepted++;
      emit(group, sink);
      if (!hasCustomBuckets(histogram)) emitGrid(group, sink, identity);
    },
    forget: () => groups.clear(),
  };
}

function isOf(group: HistogramGroup, histogram: NativeHistogram): boolean {
  if (histogram.isGauge !== group.isGauge) return false;
  if (group.bounds.length !== histogram.boundCount) return false;
  if (hasCustomBuckets(histogram) !== group.parts.length > 0) return false;
  for (let bound = 0; bound < group.bounds.length; bound++) {
    if (group.bounds[bound] !== histogram.bounds[bound]) return false;
  }
  return true;
}
