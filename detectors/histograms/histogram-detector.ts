import {
  canonicalLabels,
  type EndBatch,
  type Metrics,
  type SampleBatch,
  type SeriesCatalog,
} from '../../model/index.ts';
import type { StateReader } from '../checkpoint/state-reader.ts';
import type { StateWriter } from '../checkpoint/state-writer.ts';
import { createDerivedSamples, internDerived } from '../derived-samples.ts';
import { boundOf, kindOf, unitOf, withoutBound } from './bucket-definition.ts';
import type { HistogramsConfig } from './config.ts';
import { quantileOfBuckets } from './distribution.ts';
import {
  addBucket,
  clearGathered,
  clearTail,
  closeReadings,
  createHistogram,
  distributionOf,
  growTail,
  type Histogram,
  readBucket,
} from './histogram.ts';
import { histogramOf, type SavedHistogram, savedOf } from './saved-histogram.ts';

/** Quantiles of the histograms received, as series of their own. */
export interface HistogramDetector {
  observe(batch: SampleBatch): void;
  /** Senders said that these series have ended: with its last bucket a histogram has. */
  end(batch: EndBatch): void;
  /** Closes the windows that end at or before the watermark; what came of them. */
  advance(watermarkMs: number): SampleBatch | undefined;
  /** Quantiles of histograms that have ended, once what was sent before is told. */
  takeEnds(): EndBatch | undefined;
  save(writer: StateWriter): void;
  load(reader: StateReader): void;
}

/** Observations of the tail, which is gathered for longer than the rest. */
const leastOfTail = 100;
/** A quantile is told where so many observations are gathered that it is more than their largest. */
const quantiles = [
  { share: 0.5, label: '0.5', least: 1 },
  { share: 0.9, label: '0.9', least: 10 },
  { share: 0.99, label: '0.99', least: leastOfTail },
] as const;

function countOf([, counts]: readonly [Float64Array, Float64Array]): number {
  return counts.at(-1) ?? 0;
}

interface Kept {
  readonly key: string;
  readonly identity: number;
  readonly histogram: SavedHistogram;
}

const noBucket = 0;

/**
 * Buckets (`<name>_bucket{le}`, whatever they came as) become `<name>{quantile}`, what Prometheus has for a summary: 0.5,
 * 0.9 and 0.99 of the observations since the reading before. Three series for each histogram, so many histograms at most.
 */
export function createHistogramDetector(
  catalog: SeriesCatalog,
  metrics: Metrics,
  config: HistogramsConfig,
): HistogramDetector {
  const windowMs = config.windowSeconds * 1000;
  const late = metrics.counter('kybern_detectors_late_items_total', 'Spans and records of windows already closed.', [
    'signal',
  ]);
  const left = metrics.counter(
    'kybern_detectors_histograms_left_out_total',
    'Buckets of histograms that get no quantiles since there are more than maxHistograms.',
  );
  let histograms = new Map<string, Histogram>();
  /** By catalogue id: -1 for no bucket, else the number of its place plus one; 0 while it was not looked at. */
  let roles = new Int32Array(1024);
  let places: { readonly histogram: Histogram; readonly place: number }[] = [];
  let identities = new Map<Histogram, number>();
  /** What histograms of a name observe: buckets are counts, their sum has the unit that an OpenTelemetry SDK gives. */
  const units = new Map<string, string>();
  /** First window not yet closed; NaN before the first reading. */
  let next = Number.NaN;
  let ends: (readonly [series: number, timeMs: number])[] = [];

  function resolve(id: number): number {
    const definition = catalog.get(id);
    const { name, unit } = definition;
    if (unit !== '' && /[._]sum$/.test(name)) units.set(name.replace(/[._]sum$/, ''), unit);
    const bound = boundOf(definition);
    if (bound === undefined || definition.origin !== 'received') return -1;
    const key = JSON.stringify([definition.name, definition.kind, withoutBound(definition)]);
    let histogram = histograms.get(key);
    if (histogram === undefined) {
      if (histograms.size >= config.maxHistograms) {
        left.add(1);
        return -1;
      }
      histogram = createHistogram(definition.name.replace(/[._]bucket$/, ''), kindOf(definition));
      histograms.set(key, histogram);
      identities.set(histogram, id);
    }
    const known = histogram.met.indexOf(bound);
    places.push({ histogram, place: known >= 0 ? known : addBucket(histogram, bound) });
    return places.length;
  }

  function roleOf(id: number): number {
    if (id >= roles.length) {
      const larger = new Int32Array(Math.max(id + 1, roles.length * 2));
      larger.set(roles);
      roles = larger;
    }
    if (roles[id] === noBucket) roles[id] = resolve(id);
    return roles[id]!;
  }

  function seriesOf(histogram: Histogram): readonly number[] | undefined {
    if (histogram.series !== undefined) return histogram.series;
    const definition = catalog.get(identities.get(histogram)!);
    const ids: number[] = [];
    for (const { label } of quantiles) {
      const labels = canonicalLabels([...withoutBound(definition), ['quantile', label]]);
      const unit = units.get(histogram.name) ?? unitOf(histogram.name);
      const id = internDerived(catalog, { name: histogram.name, labels, kind: 'gauge', unit, origin: 'histograms' });
      if (id === undefined) return undefined;
      ids.push(id);
    }
    histogram.series = ids;
    return ids;
  }

  function tell(histogram: Histogram, endMs: number, derived: ReturnType<typeof createDerivedSamples>): void {
    const gathered = distributionOf(histogram.bounds, histogram.gathered, histogram.read);
    const isLong = endMs - histogram.gatheredFromMs >= config.joinSeconds * 1000;
    const isTooFew = countOf(gathered) < config.minimumCount && !isLong;
    if (Number.isNaN(histogram.gatheredFromMs) || isTooFew) return;
    growTail(histogram);
    const tail = distributionOf(histogram.bounds, histogram.tail, histogram.tailRead);
    for (const [at, { share, least }] of quantiles.entries()) {
      const [bounds, counts] = least === leastOfTail ? tail : gathered;
      const value = quantileOfBuckets(bounds, counts, share);
      if (countOf([bounds, counts]) < least || bounds.at(-1) !== Number.POSITIVE_INFINITY || Number.isNaN(value))
        continue;
      const series = seriesOf(histogram);
      if (series !== undefined) derived.add(series[at]!, endMs, value);
    }
    const isTold = countOf(tail) >= leastOfTail;
    if (isTold || endMs - histogram.tailFromMs >= config.joinSeconds * 1000) clearTail(histogram);
    clearGathered(histogram);
  }

  /** What was gathered and is too little to be told is no part of what comes after, should it come back. */
  function noteEnd(histogram: Histogram): void {
    const endMs = Math.max(histogram.endedMs, histogram.lastMs);
    for (const series of histogram.series ?? []) ends.push([series, endMs]);
    histogram.endedMs = Number.NaN;
    histogram.before.fill(Number.NaN);
    clearTail(histogram);
    clearGathered(histogram);
  }

  function forget(silentSinceMs: number): void {
    for (const [key, histogram] of histograms) {
      if (histogram.open.size > 0 || histogram.lastMs >= silentSinceMs) continue;
      histograms.delete(key);
      identities.delete(histogram);
    }
    // Its buckets are looked at anew if they come back, and so are those that found no room.
    roles.fill(noBucket);
    places = [];
  }

  return {
    observe: (batch) => {
      if (!config.enabled) return;
      let lateReadings = 0;
      for (let row = 0; row < batch.count; row += 1) {
        const id = batch.series[row]!;
        const role = id < roles.length && roles[id] !== noBucket ? roles[id]! : roleOf(id);
        if (role < 0) continue;
        const window = Math.floor(batch.timesMs[row]! / windowMs);
        if (Number.isNaN(next)) next = window;
        if (window < next) {
          lateReadings += 1;
          continue;
        }
        const { histogram, place } = places[role - 1]!;
        if (batch.timesMs[row]! > histogram.endedMs) histogram.endedMs = Number.NaN;
        readBucket(histogram, place, window, batch.values[row]!);
      }
      if (lateReadings > 0) late.add(lateReadings, { signal: 'histograms' });
    },
    end: (batch) => {
      if (!config.enabled) return;
      for (let row = 0; row < batch.count; row += 1) {
        const role = roles[batch.series[row]!] ?? noBucket;
        if (role <= noBucket) continue;
        const { histogram, place } = places[role - 1]!;
        // A lower bucket may go while the others stay; none goes on without the one that has them all.
        if (histogram.met[place] !== Number.POSITIVE_INFINITY) continue;
        histogram.endedMs = batch.timesMs[row]!;
        if (Number.isNaN(next)) next = Math.floor(histogram.endedMs / windowMs);
      }
    },
    advance: (watermarkMs) => {
      const end = Math.floor(watermarkMs / windowMs);
      if (Number.isNaN(next) || end <= next) return undefined;
      const derived = createDerivedSamples();
      for (const histogram of histograms.values()) {
        const due = [...histogram.open.keys()].filter((window) => window < end).sort((a, b) => a - b);
        for (const window of due) {
          closeReadings(histogram, window, (window + 1) * windowMs);
          tell(histogram, (window + 1) * windowMs, derived);
        }
        if (histogram.endedMs < end * windowMs) noteEnd(histogram);
      }
      const forgetWindows = Math.ceil((config.forgetSeconds * 1000) / windowMs);
      if (Math.floor(end / forgetWindows) > Math.floor(next / forgetWindows)) {
        forget(end * windowMs - config.forgetSeconds * 1000);
      }
      next = end;
      return derived.take();
    },
    takeEnds: () => {
      const rows = ends;
      ends = [];
      if (rows.length === 0) return undefined;
      return {
        kind: 'ends',
        count: rows.length,
        series: Uint32Array.from(rows, ([series]) => series),
        timesMs: Float64Array.from(rows, ([, timeMs]) => timeMs),
      };
    },
    save: (writer) => {
      writer.number(next);
      writer.json(
        [...histograms].map(
          ([key, histogram]): Kept => ({ key, identity: identities.get(histogram)!, histogram: savedOf(histogram) }),
        ),
      );
    },
    load: (reader) => {
      next = reader.number();
      histograms = new Map();
      identities = new Map();
      roles = new Int32Array(1024);
      places = [];
      for (const { key, identity, histogram: saved } of reader.json<Kept[]>()) {
        const histogram = histogramOf(saved);
        histograms.set(key, histogram);
        identities.set(histogram, identity);
      }
    },
  };
}
