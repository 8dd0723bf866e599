import { type Anomaly, contentId, type EntityRef, type SeriesDefinition, toTimestamp } from '../../model/index.ts';
import type { StateReader } from '../checkpoint/state-reader.ts';
import type { StateWriter } from '../checkpoint/state-writer.ts';
import { figure } from '../metrics/reason.ts';
import { createEdge, type Edge, type EdgeDoubt, noteCalls, noteSilence, returned } from './edge-life.ts';

/** The edges of the call graph, what is new among them and what is gone. */
export interface EdgeBook {
  /**
   * Takes in one window. `calls`: by caller and callee; `answering`: services that answered requests in it, by their own
   * spans; `requests`: how many. Pushes anomalies that began or cleared to `out`.
   */
  window(
    endMs: number,
    calls: readonly EdgeCalls[],
    answering: readonly number[],
    requests: (service: number) => number,
    out: Anomaly[],
  ): void;
  readonly size: number;
  /** What was told of edges is not any more; of what is lost still, it is told anew. */
  forgetDeviations(): void;
  save(writer: StateWriter): void;
  load(reader: StateReader): void;
}

export interface EdgeCalls {
  readonly caller: number;
  readonly callee: number;
  readonly calls: number;
  /** Calls that the caller says it made, where the callee tells of its calls itself. */
  readonly tries: number;
}

export interface EdgeBookOptions {
  readonly mostEdges: number;
  readonly windowSeconds: number;
  /** Requests of a caller are watched this long before a call of it can be new. */
  readonly learnSeconds: number;
  /** A new edge is told so long, a lost one until it is accepted, in event time. */
  readonly newSeconds: number;
  readonly acceptSeconds: number;
  readonly idleMs: number;
  /** An edge is lost from this confidence on. */
  readonly confidence: number;
}

export interface EdgeBookDeps {
  entityOf(service: number): EntityRef;
  /** The series that an anomaly of this edge is of; undefined where there is no room for one. */
  seriesOf(caller: number, callee: number): SeriesDefinition | undefined;
  /** Called where an edge is not watched because there are too many. */
  onUnwatched(): void;
}

interface Caller {
  firstMs: number;
  lastMs: number;
  /** Usual requests in a window. */
  usual: number;
  windows: number;
  /** When it began to make calls that it had not made before: who always does is not told of. */
  newMs: number[];
}

/** A caller that made so many new calls within a day makes them as it pleases. */
const mostNewADay = 3;
const dayMs = 86_400_000;
/** What is called once a week, or not while many are on holiday, is not new each time. */
const rememberMs = 15 * dayMs;
const pairStride = 0x1000000;
/** A new edge is told once it had so many calls, in two windows. */
const newCalls = 5;
const usualShare = 1 / 32;

export function createEdgeBook(deps: EdgeBookDeps, options: EdgeBookOptions): EdgeBook {
  let edges = new Map<number, Edge>();
  let callers = new Map<number, Caller>();
  /** Room was looked for in the window that ends here. */
  let madeRoomMs = Number.NaN;

  function callerAt(service: number, endMs: number): Caller {
    const known = callers.get(service);
    if (known !== undefined) return known;
    const made = { firstMs: endMs, lastMs: endMs, usual: 0, windows: 0, newMs: [] };
    callers.set(service, made);
    return made;
  }

  function anomalyOf(edge: Edge, what: 'new-edge' | 'lost-edge', endMs: number, doubt: EdgeDoubt): Anomaly | undefined {
    const series = deps.seriesOf(edge.caller, edge.callee);
    if (series === undefined) return undefined;
    const onset = toTimestamp(what === 'new-edge' ? edge.firstMs : edge.lastMs);
    return {
      id: contentId('anm', series.fingerprint, what, onset),
      revision: 1,
      state: 'firing',
      entity: series.entity,
      series: series.fingerprint,
      metric: series.name,
      signal: 'traffic',
      detector: what,
      onset,
      detectedAt: toTimestamp(endMs),
      unit: series.unit,
      ...doubt,
    };
  }

  function clear(edge: Edge, endMs: number, out: Anomaly[]): void {
    if (edge.told === undefined) return;
    out.push({
      ...edge.told,
      state: 'cleared',
      revision: edge.told.revision + 1,
      clearedAt: toTimestamp(endMs),
    });
    edge.told = undefined;
  }

  function meet(call: EdgeCalls, endMs: number, caller: Caller): Edge | undefined {
    const key = call.caller * pairStride + call.callee;
    const known = edges.get(key);
    if (known?.accepted === true) edges.set(key, returned(known, endMs));
    if (known !== undefined) return edges.get(key);
    if (edges.size >= options.mostEdges && madeRoomMs !== endMs) {
      madeRoomMs = endMs;
      forgetBefore(endMs - Math.max(dayMs, options.acceptSeconds * 1000));
    }
    if (edges.size >= options.mostEdges) {
      deps.onUnwatched();
      return undefined;
    }
    const edge = createEdge(call.caller, call.callee, endMs);
    edge.isNew = endMs - caller.firstMs >= options.learnSeconds * 1000;
    edges.set(key, edge);
    return edge;
  }

  function noteTries({ caller, callee, tries }: EdgeCalls): void {
    const edge = edges.get(caller * pairStride + callee);
    if (edge !== undefined) edge.sinceTries += tries;
  }

  /** Forgets edges that were last called before this. */
  function forgetBefore(ms: number): void {
    for (const [key, edge] of edges) if (edge.told === undefined && edge.lastMs < ms) edges.delete(key);
  }

  function tellNew(edge: Edge, caller: Caller, endMs: number, out: Anomaly[]): void {
    edge.isNew = false;
    caller.newMs = [...caller.newMs.filter((ms) => endMs - ms < dayMs), endMs];
    if (caller.newMs.length > mostNewADay) return;
    const seconds = (edge.hits + edge.misses) * options.windowSeconds;
    const observed = edge.calls / seconds;
    const { name } = deps.entityOf(edge.callee);
    const sinceMs = edge.silentFromMs ?? Math.max(caller.firstMs, edge.firstMs - rememberMs);
    const hours = figure((edge.firstMs - sinceMs) / 3_600_000);
    const before =
      edge.silentFromMs === undefined ? `, which it did not in ${hours} h before` : ` again, after ${hours} h`;
    // By the rule of succession: it was not seen in so many windows before.
    const chance = 1 / (caller.windows + 2);
    edge.told = anomalyOf(edge, 'new-edge', endMs, {
      observed,
      expected: 0,
      lower: 0,
      upper: 0,
      score: -Math.log(chance),
      severity: 1 - chance,
      reason: `${deps.entityOf(edge.caller).name} calls ${name}${before}: ${edge.calls} calls in ${figure(seconds)} s`,
    });
    if (edge.told !== undefined) out.push(edge.told);
  }

  function tellLost(edge: Edge, endMs: number, doubt: EdgeDoubt, out: Anomaly[]): void {
    const { name } = deps.entityOf(edge.caller);
    const answered = `${name} answered ${figure(edge.sinceRequests)} requests since, ${figure((100 * edge.recentRequests) / Math.max(1e-9, edge.usualRequests))} % of its usual rate`;
    const callee = deps.entityOf(edge.callee).name;
    const what =
      edge.sinceTries > 0 ? `Calls of ${name} no longer arrive at ${callee}` : `${name} no longer calls ${callee}`;
    const made = edge.sinceTries > 0 ? ` of ${edge.sinceTries} that ${name} made` : '';
    const reason = `${what}: ${figure(doubt.expected)} calls a second were usual, none${made} came in ${figure((endMs - edge.lastMs) / 1000)} s; ${answered}; confidence ${figure(100 * doubt.severity)} %`;
    edge.told = anomalyOf(edge, 'lost-edge', endMs, { ...doubt, reason });
    if (edge.told === undefined) return;
    edge.lost = true;
    out.push(edge.told);
  }

  /** An edge whose caller worked in this window, and had no calls. */
  function missed(edge: Edge, requests: number, endMs: number, out: Anomaly[]): void {
    const doubt = noteSilence(edge, requests, options.windowSeconds, options.confidence);
    if (edge.lost || edge.accepted || edge.isNew || doubt === undefined) return;
    const stillWorks = edge.recentRequests >= edge.usualRequests / 2;
    if (stillWorks) tellLost(edge, endMs, doubt, out);
  }

  return {
    window: (endMs, calls, answering, requests, out) => {
      // Those that call nobody yet are known too: their first call is new.
      for (const service of answering) callerAt(service, endMs);
      for (const call of calls) {
        if (call.calls === 0) {
          noteTries(call);
          continue;
        }
        const caller = callerAt(call.caller, endMs);
        const edge = meet(call, endMs, caller);
        if (edge === undefined) continue;
        if (edge.lost) clear(edge, endMs, out);
        noteCalls(edge, call.calls, requests(call.caller), endMs);
        edge.usualRequests = caller.usual;
        if (edge.isNew && edge.hits >= 2 && edge.calls >= newCalls) tellNew(edge, caller, endMs, out);
      }
      for (const [key, edge] of edges) {
        const caller = callers.get(edge.caller);
        const answered = requests(edge.caller);
        if (edge.lastMs < endMs && answered > 0) missed(edge, answered, endMs, out);
        if (edge.told === undefined) {
          // Of too few calls to be told as new, a day later nobody would want to hear.
          if (endMs - edge.lastMs > (edge.isNew ? dayMs : rememberMs)) edges.delete(key);
          continue;
        }
        const age = endMs - Date.parse(edge.told.detectedAt);
        const idle = caller === undefined || endMs - caller.lastMs > options.idleMs;
        if (edge.lost ? idle || age >= options.acceptSeconds * 1000 : age >= options.newSeconds * 1000) {
          clear(edge, endMs, out);
          // Whose caller went silent too is back with it, which is nothing new.
          edge.accepted = edge.lost && !idle;
          edge.lost &&= idle;
        }
      }
      for (const [service, caller] of callers) {
        const answered = requests(service);
        if (answered === 0) {
          if (endMs - caller.lastMs > dayMs) callers.delete(service);
          continue;
        }
        caller.lastMs = endMs;
        caller.windows += 1;
        caller.usual += (answered - caller.usual) * Math.max(usualShare, 1 / caller.windows);
      }
    },
    get size() {
      return edges.size;
    },
    forgetDeviations: () => {
      for (const edge of edges.values()) {
        edge.told = undefined;
        edge.lost = false;
      }
    },
    save: (writer) => writer.json({ edges: [...edges], callers: [...callers] }),
    load: (reader) => {
      const saved = reader.json<{ edges: [number, Edge][]; callers: [number, Caller][] }>();
      edges = new Map(saved.edges);
      callers = new Map(saved.callers);
    },
  };
}
