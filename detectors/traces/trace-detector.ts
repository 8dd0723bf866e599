import type { Anomaly, CallObservation, Metrics, SampleBatch, SeriesCatalog, SpanBatch } from '../../model/index.ts';
import type { StateReader } from '../checkpoint/state-reader.ts';
import type { StateWriter } from '../checkpoint/state-writer.ts';
import { createDerivedSamples, type DerivedSamples } from '../derived-samples.ts';
import { createCallCounts } from './call-counts.ts';
import { closeWindow } from './close-window.ts';
import type { TracesConfig } from './config.ts';
import { createCriticalPaths } from './critical-path.ts';
import { createEdgeBook } from './edge-book.ts';
import { createGathering } from './gathering.ts';
import { createOwnTime } from './own-time.ts';
import { createServiceGraph } from './service-graph.ts';
import { createServices } from './services.ts';
import { createSpanRing, type RingSpan } from './span-ring.ts';
import { kindClient } from './span-times.ts';
import {
  addRow,
  createSpanWindow,
  loadSpanWindow,
  roleOf,
  rolePeerCall,
  type SpanWindow,
  saveSpanWindow,
} from './span-window.ts';
import { type ServiceWindow, tellServices } from './tell-services.ts';
import { createWindowTally } from './window-tally.ts';

export interface TraceResult {
  readonly derived: SampleBatch | undefined;
  readonly calls: readonly CallObservation[];
  readonly windows: readonly ServiceWindow[];
}

export interface TraceDetector {
  observeSpans(batch: SpanBatch): void;
  /** Takes spans of the past in order of their starts: services and who calls whom are known, and nothing is told. */
  learnHistory(batch: SpanBatch): void;
  /** The past ends here: what deviates goes on as if it had begun now. */
  endHistory(): void;
  /** Takes service-graph metrics out of a sample batch. */
  observeSamples(batch: SampleBatch): void;
  /** Closes the windows that end at or before the watermark. Pushes anomalies that began or cleared to `out`. */
  advance(watermarkMs: number, out: Anomaly[]): TraceResult;
  save(writer: StateWriter): void;
  load(reader: StateReader): void;
}

const statusError = 2;
/** Where event time leaps so far nothing at all was received meanwhile; so long spans may take to be back after it. */
const pauseMs = 60_000;
const hourMs = 3_600_000;
/** An operation that is asked for once a week keeps its place. */
const operationMemoryMs = 8 * 24 * hourMs;

export function createTraceDetector(catalog: SeriesCatalog, metrics: Metrics, config: TracesConfig): TraceDetector {
  const windowMs = config.windowSeconds * 1000;
  const idleMs = config.idleSeconds * 1000;
  const services = createServices(catalog, {
    operationsPerService: config.operationsPerService,
    mostOperations: config.maxOperations,
  });
  const early = metrics.counter(
    'kybern_detectors_spans_forgotten_early_total',
    'Spans that made room before their window was closed: spanCache is too small for the traffic.',
  );
  const unwatched = metrics.counter(
    'kybern_detectors_edges_unwatched_total',
    'Times that an edge of the call graph was not watched since there are more than maxEdges.',
  );
  /**
   * Windows that end up to here lack spans: what is told from whole traces is not told of them, nor that those without any
   * are of services without requests.
   */
  let incompleteMs = Number.NEGATIVE_INFINITY;
  let earlySpans = 0;
  const ring = createSpanRing({
    most: config.spanCache,
    onEarly: () => {
      earlySpans += 1;
    },
  });
  const ownTime = createOwnTime(ring);
  const paths = createCriticalPaths(ring);
  const edges = createEdgeBook(
    {
      entityOf: (service) => services.targets[service]!.entity,
      seriesOf: services.edgeSeriesOf,
      onUnwatched: () => unwatched.add(1),
    },
    {
      mostEdges: config.maxEdges,
      windowSeconds: config.windowSeconds,
      learnSeconds: config.edgeLearnSeconds,
      newSeconds: config.newEdgeSeconds,
      acceptSeconds: config.lostEdgeSeconds,
      confidence: config.lostEdgeConfidence,
      idleMs,
    },
  );
  const span: RingSpan = {
    spanHigh: 0,
    spanLow: 0,
    parentHigh: 0,
    parentLow: 0,
    service: 0,
    peer: 0,
    startMs: 0,
    durationMs: 0,
    kind: 0,
  };
  const tally = createWindowTally();
  const gathering = createGathering({
    minimumRequests: config.minimumRequests,
    mostWindows: Math.max(1, Math.floor(config.joinSeconds / config.windowSeconds)),
  });
  const calls = createCallCounts();
  const graph = createServiceGraph(catalog, services, windowMs);
  const late = metrics.counter('kybern_detectors_late_items_total', 'Spans and records of windows already closed.', [
    'signal',
  ]);
  let windows = new Map<number, SpanWindow>();
  /** First window not yet closed; NaN before the first span. */
  let next = Number.NaN;

  function windowAt(index: number): SpanWindow {
    const known = windows.get(index);
    if (known !== undefined) return known;
    const window = createSpanWindow();
    windows.set(index, window);
    return window;
  }

  function closeAt(index: number, derived: DerivedSamples, out: ServiceWindow[]): void {
    const endMs = (index + 1) * windowMs;
    const window = windows.get(index);
    const isWhole = endMs > incompleteMs;
    windows.delete(index);
    tally.clear();
    if (window !== undefined) {
      const waiting = closeWindow(window, { services, ring, tally, calls, ownTime, paths, endMs, idleMs });
      // Callers that end a little later are looked for once more, one window on.
      for (const row of waiting) calls.defer(window, row, services);
    }
    tellServices(
      { services, tally, paths, gathering, windowSeconds: config.windowSeconds, idleMs },
      { endMs, isWhole },
      derived,
      out,
    );
  }

  function answering(): number[] {
    const found: number[] = [];
    for (const [at, { own, operation }] of services.targets.entries()) {
      if (own && operation === undefined && tally.requests(at) > 0) found.push(at);
    }
    return found;
  }

  function observeSpans(batch: SpanBatch): void {
    const ids = new DataView(batch.spanIds.buffer, batch.spanIds.byteOffset, batch.spanIds.byteLength);
    const parents = new DataView(batch.parentIds.buffer, batch.parentIds.byteOffset, batch.parentIds.byteLength);
    let lateSpans = 0;
    for (let row = 0; row < batch.count; row += 1) {
      const stream = batch.series[row]!;
      const { service, peer } = services.stream(stream);
      if (service < 0) continue;
      const spanHigh = ids.getUint32(row * 8);
      const spanLow = ids.getUint32(row * 8 + 4);
      const parentHigh = parents.getUint32(row * 8);
      const parentLow = parents.getUint32(row * 8 + 4);
      const root = parentHigh === 0 && parentLow === 0;
      const duration = batch.durationsMs[row]!;
      const kind = batch.kinds[row]!;
      span.spanHigh = spanHigh;
      span.spanLow = spanLow;
      span.parentHigh = parentHigh;
      span.parentLow = parentLow;
      span.service = service;
      span.peer = kind === kindClient ? peer + 1 : 0;
      span.startMs = batch.startsMs[row]!;
      span.durationMs = duration;
      span.kind = kind;
      ring.add(span);

      const role = roleOf(kind, root);
      if (role === rolePeerCall && peer < 0) continue;
      const index = Math.floor((batch.startsMs[row]! + duration) / windowMs);
      if (Number.isNaN(next)) next = index;
      if (index < next) {
        lateSpans += 1;
        continue;
      }
      const window = windowAt(index);
      const at = addRow(window);
      const { columns } = window;
      columns.spanHigh[at] = spanHigh;
      columns.spanLow[at] = spanLow;
      columns.parentHigh[at] = parentHigh;
      columns.parentLow[at] = parentLow;
      columns.stream[at] = stream;
      columns.startMs[at] = batch.startsMs[row]!;
      columns.durationMs[at] = duration;
      columns.error[at] = batch.statuses[row] === statusError ? 1 : 0;
      columns.role[at] = role;
    }
    if (lateSpans > 0) late.add(lateSpans, { signal: 'spans' });
    if (earlySpans > 0) {
      early.add(earlySpans);
      earlySpans = 0;
      const open = Math.max(Number.NEGATIVE_INFINITY, ...windows.keys());
      incompleteMs = Math.max(incompleteMs, (open + 1) * windowMs);
    }
  }

  function advance(watermarkMs: number, out: Anomaly[]): TraceResult {
    const derived = createDerivedSamples();
    const closed: ServiceWindow[] = [];
    const observations: CallObservation[] = graph.advance(watermarkMs);
    const end = Math.floor(watermarkMs / windowMs);
    if (!Number.isNaN(next) && end > next) {
      // After a long silence only what would still be emitted is gone through.
      const first = Math.max(next, end - Math.ceil(idleMs / windowMs) - 1);
      for (const index of [...windows.keys()].filter((key) => key < first).sort((a, b) => a - b)) {
        closeAt(index, derived, closed);
      }
      if ((end - next) * windowMs > pauseMs) incompleteMs = Math.max(incompleteMs, end * windowMs + pauseMs);
      for (let index = first; index < end; index += 1) {
        if (!windows.has(index) && (index + 1) * windowMs <= incompleteMs) continue;
        paths.clear();
        paths.takeOneOf(Math.max(1, Math.ceil((windows.get(index)?.count ?? 0) / config.pathSpans)));
        calls.retry(ring, paths.take);
        closeAt(index, derived, closed);
        edges.window((index + 1) * windowMs, calls.counted(), answering(), tally.requests, out);
        observations.push(...calls.take(services, (index + 1) * windowMs, config.windowSeconds));
      }
      if (Math.floor((end * windowMs) / hourMs) > Math.floor((next * windowMs) / hourMs)) {
        services.forgetOperations(end * windowMs - operationMemoryMs);
      }
      next = end;
      ring.keepFrom(end * windowMs - config.traceSeconds * 1000);
    }
    return { derived: derived.take(), calls: observations, windows: closed };
  }

  return {
    observeSpans,
    observeSamples: (batch) => graph.observe(batch),
    advance,
    learnHistory: (batch) => {
      observeSpans(batch);
      // Callers end after those they call.
      const newestMs = batch.startsMs[batch.count - 1] ?? Number.NEGATIVE_INFINITY;
      advance(newestMs - config.traceSeconds * 1000, []);
    },
    endHistory: edges.forgetDeviations,
    save: (writer) => {
      writer.json({ targets: services.save(), gathered: gathering.save() });
      ring.save(writer);
      edges.save(writer);
      writer.number(incompleteMs);
      calls.save(writer);
      graph.save(writer);
      writer.number(next);
      writer.number(windows.size);
      for (const [index, window] of windows) {
        writer.number(index);
        saveSpanWindow(window, writer);
      }
    },
    load: (reader) => {
      const saved = reader.json<{ targets: unknown; gathered: unknown }>();
      services.load(saved.targets);
      gathering.load(saved.gathered);
      ring.load(reader);
      edges.load(reader);
      incompleteMs = reader.number();
      calls.load(reader);
      graph.load(reader);
      next = reader.number();
      windows = new Map();
      const count = reader.number();
      for (let at = 0; at < count; at += 1) windows.set(reader.number(), loadSpanWindow(reader));
      // Streams are resolved by their definitions again, before any window is closed.
      for (const window of windows.values()) {
        for (let row = 0; row < window.count; row += 1) services.stream(window.columns.stream[row]!);
      }
    },
  };
}
