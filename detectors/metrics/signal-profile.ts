import {
  type BadDirection,
  badDirectionOf,
  type SeriesDefinition,
  type SignalKind,
  saysHealth,
  signalOfSeries,
} from '../../model/index.ts';
import { type Persistence, persistenceOf } from './persistence.ts';

/** How a series is judged. */
export interface SignalProfile extends Persistence {
  readonly signal: SignalKind;
  /** Whether its values are scored; false: its silence alone is told. */
  readonly isScored: boolean;
  /** 1: too high is bad; -1: too low is bad; 0: both are. */
  readonly direction: 1 | -1 | 0;
  /** Deviations smaller than this are never anomalies, in the unit of what is scored (rates: per second). */
  readonly minimumAbsolute: number;
  /** The same while it has hardly ever moved; Infinity: what stood still is taken for a setting, whose change is a decision. */
  readonly minimumStill: number;
  /** Deviations upwards smaller than this share of the expected value are never anomalies. */
  readonly relativeUp: number;
  /** The same downwards. */
  readonly relativeDown: number;
  /** Bands end at zero. */
  readonly nonNegative: boolean;
  /** Noise floor of the scale as a share of the expected value. */
  readonly noiseFloor: number;
  /** It says in what state things are, or how many there are by decision: how that goes with what is measured says nothing. */
  readonly isState: boolean;
  /** One deviating sample is enough: an increment does not last. */
  readonly immediate: boolean;
  /** One deviating sample is never enough: of a share it may be one request of few. */
  readonly ofFew: boolean;
  /** Slow growth matters by itself: what fills up ends. */
  readonly trends: boolean;
  /** What lives moves: standing still is a sign that the work or the measuring has stopped. */
  readonly moves: boolean;
  /** Whether silence is told: of what lived for a day and isn't of what comes and goes, always, or never. */
  readonly missing: 'usual' | 'alarm' | 'ignore';
  /** Silence from which it is missing, in ms. */
  readonly silenceMs: number;
}

/** What is the same for every series unless its name or a rule says otherwise. */
export interface SignalDefaults {
  readonly minimumRelative: number;
  readonly burstMs: number;
  readonly silenceMs: number;
}

const mebibyte = 1024 * 1024;
/** Only these of the log counts are scored; the rest follows the load. */
const scoredLogSeverities = new Set(['error']);

// Descriptions of state, settings and clocks: they change by decision, not by failure.
const settings =
  /(_|^)(created|labels|annotations|generation|spec|version|limits?|requested|desired|paused|max|capacity|allocatable)(_|$)/;
// The same of counters, whose names may speak of what is created or limited.
const noMeasure = /(_|^)(info|timestamp|start_time|uptime)(_|$)|_bucket$/;
// With each deployment one set of replicas goes to nothing and another begins: how it fares is said of the deployment itself. Nor does
// it say anything of that how many are new by now.
const ofRollouts = /^(kube|k8s)_(replicaset_|.*(replicas_updated|updated_(pods|replicas|number_scheduled)))/;
/** How many there are is set by people and autoscalers, and one more for a while with each deployment: none, or twice as many, is news. */
const ofReplicas = /^(kube|k8s)_.*replicas(_current)?$/;

/** The profile of a series by its name and unit, or undefined where it is not scored. */
export function signalProfileOf(definition: SeriesDefinition, defaults: SignalDefaults): SignalProfile | undefined {
  return isScored(definition) ? profileIfScored(definition, defaults) : undefined;
}

/** Whether its values say how anything fares; what has no single value is another matter. */
function isScored(definition: SeriesDefinition): boolean {
  if (definition.origin === 'logs') {
    const severity = definition.labels.find((label) => label[0] === 'severity')?.[1];
    if (severity === undefined || !scoredLogSeverities.has(severity)) return false;
  }
  const signal = signalOf(definition);
  if (signal === undefined || (signal === 'readiness' && deniesReadiness(definition))) return false;
  if (definition.origin === 'received' && isDescription(definition, signal)) return false;
  return directionOf(definition, signal) !== 'none';
}

function isDescription(definition: SeriesDefinition, signal: SignalKind): boolean {
  const name = plainName(definition);
  // What OpenMetrics calls _created is a time, whatever its type was taken for.
  if (noMeasure.test(name) || ofRollouts.test(name) || definition.name.endsWith('_created')) return true;
  if (definition.kind !== 'gauge') return false;
  const isTime = signal === 'latency' || signal === 'garbage-collection';
  return settings.test(isTime ? name.replace(/_max$/, '') : name);
}

/** The profile even of what is not scored of itself; undefined for what has no single value to score. */
export function profileIfScored(definition: SeriesDefinition, defaults: SignalDefaults): SignalProfile | undefined {
  if (definition.kind === 'logs' || definition.kind === 'spans') return undefined;
  if (definition.labels.some((label) => label[0] === 'le')) return undefined;
  const name = plainName(definition);
  const signal = signalOf(definition) ?? signalOfSeries(definition);
  const direction = directionOf(definition, signal);
  // A count of replicas is lowered on purpose every day; none left is another matter. A flag goes to nothing at once.
  const successes = signal === 'readiness' && isShare(name, definition);
  const replicas =
    (signal === 'readiness' && (/replicas|availab/.test(name) || saysHealth(definition.name))) ||
    (signal === 'other' && ofReplicas.test(name));
  const factor = isShareOfTraces(definition, signal)
    ? 1.5
    : successes
      ? 0.25
      : replicas
        ? 4.95
        : (relativeFactors[signal] ?? 1);
  // Less to do is no trouble, and what scaling out is for; half of it gone may be an outage.
  const factorDown = signal === 'traffic' || signal === 'network' ? 2.5 : factor;
  const minimum = minimumAbsolute(signal, name, definition);
  return {
    signal,
    isScored: true,
    direction: direction === 'up' ? 1 : direction === 'down' ? -1 : 0,
    minimumAbsolute: minimum,
    minimumStill: signal === 'other' ? minimumStill(definition) : minimum,
    relativeUp: factor * defaults.minimumRelative,
    relativeDown: factorDown * defaults.minimumRelative,
    nonNegative: signal !== 'other',
    noiseFloor: signal === 'other' || successes ? 0.002 : 0.02,
    isState: replicas || (signal === 'readiness' && !successes),
    ...persistenceOf(definition, signal, name, defaults.burstMs),
    immediate: signal === 'restarts',
    ofFew: successes || (signal === 'errors' && definition.kind === 'gauge' && isShare(name, definition)),
    moves: definition.origin === 'received' && moving.has(signal),
    trends: direction === 'up' && (signal === 'memory' || signal === 'queue' || signal === 'disk'),
    missing: 'usual',
    silenceMs: defaults.silenceMs,
  };
}

/** What counts up is no setting; but where nothing was ever counted, one event is no trouble yet. */
function minimumStill({ kind }: SeriesDefinition): number {
  return kind === 'gauge' ? Number.POSITIVE_INFINITY : 0.05;
}

function plainName({ name }: SeriesDefinition): string {
  return name.toLowerCase().replaceAll(/[./-]/g, '_');
}

/** Of what succeeds: five hundredths that fail are an outage to some, and of few requests one is less. */
function isShare(name: string, { unit }: SeriesDefinition): boolean {
  return unit === '%' || /(^|_)(rate|ratio|share|percent(age)?|pct|availability)(_|$)/.test(name);
}

/** A share of traces that falls is another's that rose. */
function isShareOfTraces({ origin }: SeriesDefinition, signal: SignalKind): boolean {
  return origin === 'traces' && signal === 'other';
}

function directionOf(definition: SeriesDefinition, signal: SignalKind): BadDirection {
  return isShareOfTraces(definition, signal) ? 'up' : badDirectionOf(definition, signal);
}

/**
 * Of a distribution of durations the count says how much there was to do, and the sum grows with it: neither is latency.
 * undefined: not scored. Its quantiles are series of their own.
 */
function signalOf(definition: SeriesDefinition): SignalKind | undefined {
  const { name, kind, origin } = definition;
  const signal = signalOfSeries(definition);
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
    case 'cpu-throttling':
      // As of any share: two hundredths, of the time or of the ten periods that a second has.
      return 0.02 * (/period/.test(name) ? 10 : perSecond(name, unit));
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
