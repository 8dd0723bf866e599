import type { Anomaly } from '../../model/index.ts';

/** One caller and callee over time. Plain data. */
export interface Edge {
  readonly caller: number;
  readonly callee: number;
  readonly firstMs: number;
  /** End of the last window with calls. */
  lastMs: number;
  calls: number;
  /** Windows with calls, and windows without in which the caller worked. */
  hits: number;
  misses: number;
  /** Calls to be expected of one request of the caller. */
  ratio: number;
  /** Variance of the calls of a window over their mean: 1 where they come independently of each other. */
  dispersion: number;
  /** Requests of the caller, and its windows, since the last call. */
  sinceRequests: number;
  sinceWindows: number;
  /** Calls that the caller says it made in those windows. */
  sinceTries: number;
  /** The caller's requests in the latest windows without calls, smoothed. */
  recentRequests: number;
  /** The caller's usual requests in a window, as of the last call. */
  usualRequests: number;
  /** The longest such silence that ended and is taken for usual. */
  longestRequests: number;
  /** The latest silence that was told and ended, in the caller's requests; 0 for none. */
  toldRequests: number;
  /** Not yet told, and first seen after its caller was known for long. */
  isNew: boolean;
  lost: boolean;
  /** Its loss was told for so long that it is no news any more. */
  accepted: boolean;
  /** Start of the accepted silence after which it was called again; undefined while there was none. */
  silentFromMs: number | undefined;
  told: Anomaly | undefined;
}

/** What an anomaly says in figures. */
export type EdgeDoubt = Pick<Anomaly, 'observed' | 'expected' | 'lower' | 'upper' | 'score' | 'severity' | 'reason'>;

/** An edge was steady that had calls in so many windows. */
const steadyHits = 12;
const leastWindows = 3;
/** A silence twice as long as any before. */
const longerThanBefore = 2;
const forgetShare = 1 / 32;
const mostDispersion = 100;

export function createEdge(caller: number, callee: number, endMs: number): Edge {
  return {
    caller,
    callee,
    firstMs: endMs,
    lastMs: endMs,
    calls: 0,
    hits: 0,
    misses: 0,
    ratio: 0,
    // Calls are taken for clustered until they show otherwise.
    dispersion: 2,
    sinceRequests: 0,
    sinceWindows: 0,
    sinceTries: 0,
    recentRequests: 0,
    usualRequests: 0,
    longestRequests: 0,
    toldRequests: 0,
    isNew: false,
    lost: false,
    accepted: false,
    silentFromMs: undefined,
    told: undefined,
  };
}

/** Of an edge whose loss was accepted and that is called again only what is known of its silences is as it was: once that is new. */
export function returned(edge: Edge, endMs: number): Edge {
  noteSilenceEnd(edge);
  return {
    ...createEdge(edge.caller, edge.callee, endMs),
    longestRequests: edge.longestRequests,
    toldRequests: edge.toldRequests,
    isNew: edge.silentFromMs === undefined,
    silentFromMs: edge.lastMs,
  };
}

/** An outage says nothing of what is usual; a silence that was told comes with the hour, the night or the week if it comes again. */
function noteSilenceEnd(edge: Edge): void {
  const silence = edge.sinceRequests;
  const wasTold = edge.lost || edge.accepted;
  const usual = wasTold ? Math.min(silence, edge.toldRequests) : silence;
  edge.longestRequests = Math.max(edge.longestRequests, usual);
  if (wasTold) edge.toldRequests = silence;
}

/** Notes a window with calls, and the silence before it. */
export function noteCalls(edge: Edge, calls: number, requests: number, endMs: number): void {
  edge.hits += 1;
  edge.calls += calls;
  edge.lastMs = endMs;
  const since = edge.sinceRequests + requests;
  if (since > 0) {
    const expected = edge.ratio * since;
    const weight = Math.max(1 - (1 - forgetShare) ** (edge.sinceWindows + 1), 1 / edge.hits);
    if (edge.hits > 1) {
      const spread = Math.min(mostDispersion, (calls - expected) ** 2 / Math.max(expected, 0.1));
      edge.dispersion += (spread - edge.dispersion) * forgetShare;
    }
    edge.ratio += (calls / since - edge.ratio) * weight;
  }
  noteSilenceEnd(edge);
  edge.lost = false;
  edge.sinceRequests = 0;
  edge.sinceWindows = 0;
  edge.sinceTries = 0;
  edge.recentRequests = 0;
}

/**
 * Notes a window in which the caller worked and did not call. Says how it stands where the silence is no chance any more:
 * with `ratio` calls a request and their dispersion d, the n requests since let λ = ratio n / d clusters of calls expect,
 * and none came with probability e^-λ. Confidence is one less that.
 */
export function noteSilence(
  edge: Edge,
  requests: number,
  windowSeconds: number,
  confidence: number,
): EdgeDoubt | undefined {
  edge.misses += 1;
  edge.sinceWindows += 1;
  edge.sinceRequests += requests;
  edge.recentRequests += (requests - edge.recentRequests) / Math.min(edge.sinceWindows, 4);
  const dispersion = Math.max(1, edge.dispersion);
  const calls = edge.ratio * edge.sinceRequests;
  const clusters = calls / dispersion;
  const chance = Math.exp(-clusters);
  if (edge.hits < steadyHits || edge.sinceWindows < leastWindows) return undefined;
  if (1 - chance < confidence || edge.sinceRequests < longerThanBefore * edge.longestRequests) return undefined;
  const seconds = edge.sinceWindows * windowSeconds;
  const spread = 3.1 * Math.sqrt(dispersion * calls);
  return {
    observed: 0,
    expected: calls / seconds,
    lower: Math.max(0, calls - spread) / seconds,
    upper: (calls + spread) / seconds,
    score: clusters,
    severity: 1 - chance,
    reason: '',
  };
}
