import { badDirection, type SeriesDefinition, type SignalKind, signalKindOf } from '../../model/index.ts';

/** How a series of this signal and unit is judged. */
export interface SignalProfile {
  readonly signal: SignalKind;
  /** 1: too high is bad; -1: too low is bad; 0: both are. */
  readonly direction: 1 | -1 | 0;
  /** Deviations smaller than this are never anomalies, in the unit of what is scored (rates: per second). */
  readonly minimumAbsolute: number;
  /** Times `minimumRelativeDeviation`: signals that are jumpy by nature need more, steady ones less. */
  readonly relativeFactor: number;
  /** The same for deviations downwards. */
  readonly relativeFactorDown: number;
  /** Bands end at zero. */
  readonly nonNegative: boolean;
  /** Noise floor of the scale as a share of the expected value. */
  readonly noiseFloor: number;
  /** One deviating sample is enough: an increment does not last. */
  readonly immediate: boolean;
  /** Slow growth matters by itself: what fills up ends. */
  readonly trends: boolean;
  /** What lives moves: standing still is a sign that the work or the measuring has stopped. */
  readonly moves: boolean;
}

const mebibyte = 1024 * 1024;
/** Only these of the log counts are scored; the rest follows the load. */
const scoredLogSeverities = new Set(['error']);

// Descriptions of state, settings and clocks: they change by decision, not by failure.
const settings =
  /(_|^)(info|created|labels|annotations|generation|spec|timestamp|start_time|uptime|version|limits?|requested|desired|paused|max|capacity|allocatable)(_|$)|_bucket$/;

/** The profile of a series, or undefined where it is not scored at all. */
export function signalProfileOf(definition: SeriesDefinition): SignalProfile | undefined {
  const name = definition.name.toLowerCase().replaceAll(/[./-]/g, '_');
  if (definition.kind === 'logs' || definition.kind === 'spans') return undefined;
  if (definition.origin === 'logs') {
    const severity = definition.labels.find((label) => label[0] === 'severity')?.[1];
    if (severity === undefined || !scoredLogSeverities.has(severity)) return undefined;
  }
  if (definition.labels.some((label) => label[0] === 'le')) return undefined;
  const signal = signalOf(definition);
  if (signal === undefined) return undefined;
  if (signal === 'readiness' && deniesReadiness(definition)) return undefined;
  // A share of traces that falls is another's that rose.
  const isShareOfTraces = definition.origin === 'traces' && signal === 'other';
  const direction = isShareOfTraces || name.includes('unavailable') ? 'up' : badDirection(signal);
  if (direction === 'none' || (definition.origin === 'received' && settings.test(name))) return undefined;
  // A count of replicas is lowered on purpose every day; none left is another matter.
  const replicas = signal === 'readiness' && /replicas|availab/.test(name);
  const relativeFactor = isShareOfTraces ? 1.5 : replicas ? 4.95 : (relativeFactors[signal] ?? 1);
  return {
    signal,
    direction: direction === 'up' ? 1 : direction === 'down' ? -1 : 0,
    minimumAbsolute: minimumAbsolute(signal, name, definition),
    relativeFactor,
    // Less to do is no trouble, and what scaling out is for; half of it gone may be an outage.
    relativeFactorDown: signal === 'traffic' || signal === 'network' ? 2.5 : relativeFactor,
    nonNegative: signal !== 'other',
    noiseFloor: signal === 'other' ? 0.002 : 0.02,
    immediate: signal === 'restarts',
    moves: definition.origin === 'received' && moving.has(signal),
    trends: signal === 'memory' || signal === 'queue' || signal === 'disk',
  };
}

/**
 * Of a distribution of durations the count says how much there was to do, and the sum grows with it: neither is latency.
 * undefined: not scored. Its quantiles are series of their own.
 */
function signalOf({ name, kind, origin }: SeriesDefinition): SignalKind | undefined {
  const signal = signalKindOf(name);
  if (signal !== 'latency' || (kind !== 'counter' && kind !== 'delta') || origin !== 'received') return signal;
  if (/[._]count$/.test(name)) return 'traffic';
  return /[._]sum$/.test(name) ? undefined : signal;
}

const moving: ReadonlySet<SignalKind> = new Set(['cpu', 'traffic', 'network', 'latency', 'other']);

const relativeFactors: Partial<Record<SignalKind, number>> = {
  memory: 0.75,
  latency: 1.5,
  traffic: 1.5,
  network: 2,
  queue: 2,
  other: 0.5,
  readiness: 0.5,
};

/** kube-state-metrics has a series for each answer: only 'true' says that something is ready. */
function deniesReadiness(definition: SeriesDefinition): boolean {
  return definition.labels.some(
    ([name, value]) => (name === 'condition' || name === 'status') && /^(false|unknown)$/i.test(value),
  );
}

function minimumAbsolute(signal: SignalKind, name: string, { unit, kind }: SeriesDefinition): number {
  const percent = unit === '%' || /percent|pct/.test(name);
  if (percent) return 2;
  const ratio = /(^|_)(ratio|utili[sz]ation|share)(_|$)/.test(name);
  if (ratio) return 0.02;
  switch (signal) {
    case 'cpu':
      return 0.02;
    case 'latency':
      return 0.005 * perSecond(name, unit);
    case 'garbage-collection':
      // Of time: a tenth of it is what JVM tuning guides call too much. Of one pause: 50 ms.
      return kind === 'gauge' ? 0.05 * perSecond(name, unit) : 0.1 * perSecond(name, unit);
    case 'errors':
      return 0.05;
    case 'traffic':
      return 0.2;
    case 'log-rate':
      return 0.4;
    case 'queue':
      return 5;
    case 'restarts':
    case 'readiness':
      return 0.01;
    case 'memory':
      return isBytes(name, unit) ? 8 * mebibyte : 0;
    case 'disk':
      return isBytes(name, unit) ? 64 * mebibyte : 0;
    case 'network':
      return isBytes(name, unit) ? 10_240 : 0;
    default:
      return 0;
  }
}

function isBytes(name: string, unit: string): boolean {
  return unit === 'By' || unit === 'bytes' || unit === 'By/s' || name.includes('bytes');
}

/** Units of this duration metric in one second; 0 where the unit is not known. */
function perSecond(name: string, unit: string): number {
  if (unit === 'ms' || /_ms$|millis/.test(name)) return 1000;
  if (unit === 's' || /_seconds(_|$)/.test(name)) return 1;
  if (unit === 'us' || /_us$|micros/.test(name)) return 1e6;
  if (unit === 'ns' || /_ns$|nanos/.test(name)) return 1e9;
  return 0;
}
