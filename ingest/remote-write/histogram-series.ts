import type { SeriesCatalog, SeriesKind } from '../../model/index.ts';
import type { IngestLimits } from '../config.ts';
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
}

/**
 * Native histograms as the series that Prometheus has for a classic one: `<name>_count`, `<name>_sum` and, of custom
 * buckets, `<name>_bucket{le}`, cumulative. Of exponential buckets count and sum, as of OpenTelemetry's exponential
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

  function internGroup({ name, labels, unit, type }: MetricIdentity): HistogramGroup {
    const kind: SeriesKind = histogram.isGauge || type === gaugeHistogramType ? 'gauge' : 'counter';
    const intern = (suffix: string, more: readonly (readonly [string, string])[], itsUnit = '') =>
      catalog.intern({
        name: name + suffix,
        labels: limitedLabels([...labels, ...more], limits),
        kind,
        unit: itsUnit,
        origin: 'received',
      });
    const bounds = histogram.bounds.slice(0, histogram.boundCount);
    const les = hasCustomBuckets(histogram) ? [...Array.from(bounds, String), '+Inf'] : [];
    return {
      isGauge: histogram.isGauge,
      count: intern('_count', []),
      sum: intern('_sum', [], unit),
      bounds,
      parts: Uint32Array.from(les, (le) => intern('_bucket', [['le', le]])),
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
