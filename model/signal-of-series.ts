import { labelValue } from './labels.ts';
import type { SeriesIdentity } from './series.ts';
import { type BadDirection, badDirection, type SignalKind, signalKindOf } from './signal-kind.ts';

/** What a series says about its entity: its name tells, or its labels where one name stands for good and bad. */
export function signalOfSeries({ name, kind, labels }: Pick<SeriesIdentity, 'name' | 'kind' | 'labels'>): SignalKind {
  const named = signalKindOf(name);
  if (isCounted(name, kind, named) && isFailure(name, labels)) return 'errors';
  return named === 'other' && kind === 'gauge' && isGoodState(labels) ? 'readiness' : named;
}

/** Whether it says how many there were, as the count of a distribution of durations does, too. */
function isCounted(name: string, kind: SeriesIdentity['kind'], named: SignalKind): boolean {
  if (named === 'traffic') return true;
  if (kind !== 'counter' && kind !== 'delta') return false;
  return named === 'other' || (named === 'latency' && /[._]count$/.test(name));
}

// `http.response.status_code`, `status`, `code`, `response_code`, `grpc_code`, `rpc.grpc.status_code` and their kin.
const statusLabel = /^((http|grpc|rpc|server|response|status)[._])*(status|code)$/;
const serverError = /^5(\d\d|xx)$/i;
/** By number and name: those that OpenTelemetry calls a server's errors, and what the server has run out of. */
const grpcErrors: ReadonlySet<string> = new Set([
  ...['2', '4', '8', '12', '13', '14', '15'],
  ...['unknown', 'deadlineexceeded', 'resourceexhausted', 'unimplemented', 'internal', 'unavailable', 'dataloss'],
]);

// Labels that differ with the status: Micrometer's `outcome` and `exception`, OpenTelemetry's `error.type`.
const besideStatus = /^(outcome|exception|error|error[._]type)$/;

/** The labels of what is counted by how it ended, less those that say how; undefined where none says a status. */
export function labelsButStatus(labels: SeriesIdentity['labels']): SeriesIdentity['labels'] | undefined {
  if (!labels.some(([label]) => statusLabel.test(label))) return undefined;
  return labels.filter(([label]) => !statusLabel.test(label) && !besideStatus.test(label));
}

/** Whether its labels say that these ended by the server's fault. What a client asked for in vain is no failure. */
function isFailure(name: string, labels: SeriesIdentity['labels']): boolean {
  return labels.some(([label, value]) => {
    if (!statusLabel.test(label)) return false;
    if (!/(^|[._])(grpc|rpc)[._]/.test(`${name}.${label}`)) return serverError.test(value);
    return serverError.test(value) || grpcErrors.has(value.toLowerCase().replaceAll('_', ''));
  });
}

/**
 * Of kube-state-metrics' series, one for each answer, the one that is 1 while all is well. Not so a pod's phase: one of a job that
 * is done no longer runs either.
 */
function isGoodState(labels: SeriesIdentity['labels']): boolean {
  return /^(Ready|Available)$/.test(labelValue(labels, 'condition') ?? '') && labelValue(labels, 'status') === 'true';
}

/** Kinds that are told by what is left as well as by what is used. */
const exhaustible: ReadonlySet<SignalKind> = new Set(['cpu', 'memory', 'disk', 'queue']);
/** Words that say what is left, in the group, or what is used. A name may have both, such as `cpu_usage_idle`: the last one counts. */
const amounts =
  /(?<=^|_)(?:(free(?:able)?|avail(?:able)?|idle|remaining)|used|usage|utili[sz]ation|working_set|rss|depth|length|size|lag)(?=_|$)/g;
/** What runs out with time, such as a certificate, until it is renewed. */
const timeLeft = /(?<=^|[._-])(expiry|expires|expiration|remaining)(?=[._-]|$)/i;
const leftByLabel = /^(free|idle|available)$/i;

/** Which way is bad for a series that says `signal`: of what is left the other way than of what is used. */
export function badDirectionOf(series: Pick<SeriesIdentity, 'name' | 'labels'>, signal: SignalKind): BadDirection {
  if (/unavailable/i.test(series.name)) return 'up';
  if (signal === 'other' && timeLeft.test(series.name)) return 'down';
  return exhaustible.has(signal) && saysWhatIsLeft(series, signal) ? 'down' : badDirection(signal);
}

function saysWhatIsLeft({ name, labels }: Pick<SeriesIdentity, 'name' | 'labels'>, signal: SignalKind): boolean {
  const words = name
    .replaceAll(/([a-z\d])([A-Z])/g, '$1_$2')
    .replaceAll(/[./-]/g, '_')
    .toLowerCase();
  const left = [...words.matchAll(amounts)].at(-1)?.[1];
  // Memory that is idle is used.
  if (left !== undefined && (left !== 'idle' || signal === 'cpu')) return true;
  return labels.some(([label, value]) => /(^|[._])(state|mode)$/.test(label) && leftByLabel.test(value));
}
