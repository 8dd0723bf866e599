import type { SeriesDefinition, SignalKind } from '../../model/index.ts';

/** How long a series must deviate before it is told: so long, or for so many samples where those are sooner. */
export interface Persistence {
  readonly lastsMs: number;
  readonly lastsSamples: number;
}

/** What has so many samples in less than its time is watched by the second: whoever does that wants to know sooner. */
const mostSamples = 12;

/** Some are not available while others replace them: for as long as a deployment has to get on (progressDeadlineSeconds). */
const ofUnavailable = /^(kube|k8s)_.*unavailable/;
const deadlineMs = 600_000;

/**
 * What comes in bursts while all is well: a queue that fills and empties, a collection of garbage, a flush to disk, a moment in
 * which all connections are busy. Alerts that people write for these wait for minutes.
 */
const bursty: ReadonlySet<SignalKind> = new Set(['queue', 'garbage-collection', 'cpu-throttling', 'disk']);
const concurrency = /(^|_)(connections?|conns?|sessions?|stat_activity|in_?flight|busy|goroutines|threads)(_|$)/;
const backPressure = /rate_?limit|lock_?wait|evict/;
/** The slowest of few requests: of a minute's hundred the 99th percentile is one. */
const slowest = /(^|_)(p99\d*|max(imum)?)(_|$)/;

const atOnce: Persistence = { lastsMs: 0, lastsSamples: mostSamples };

/** By its signal and its name with underscores; `burstMs` for what comes in bursts. */
export function persistenceOf(
  definition: SeriesDefinition,
  signal: SignalKind,
  name: string,
  burstMs: number,
): Persistence {
  if (ofUnavailable.test(name)) return { lastsMs: deadlineMs, lastsSamples: Number.POSITIVE_INFINITY };
  if (definition.origin !== 'received') return atOnce;
  return isBursty(definition, signal, name) ? { lastsMs: burstMs, lastsSamples: mostSamples } : atOnce;
}

function isBursty({ kind, labels }: SeriesDefinition, signal: SignalKind, name: string): boolean {
  if (bursty.has(signal)) return true;
  if (kind !== 'gauge') return backPressure.test(name);
  if (signal === 'latency')
    return slowest.test(name) || labels.some(([label, value]) => label === 'quantile' && Number(value) >= 0.99);
  return signal === 'other' && concurrency.test(name);
}
