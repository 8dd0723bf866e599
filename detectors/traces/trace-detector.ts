import type { CallObservation, Metrics, SampleBatch, SeriesCatalog, SpanBatch } from '../../model/index.ts';
import type { StateReader } from '../checkpoint/state-reader.ts';
import type { StateWriter } from '../checkpoint/state-writer.ts';
import type { TracesConfig } from '../config.ts';
import { createDerivedSamples } from '../derived-samples.ts';
import { createCallCounts } from './call-counts.ts';
import { closeWindow } from './close-window.ts';
import { createServiceGraph } from './service-graph.ts';
import { createServices, type TargetSeries } from './services.ts';
import { createSpanCache } from './span-cache.ts';
import {
  addRow,
  createSpanWindow,
  loadSpanWindow,
  roleEntry,
  roleMaybeEntry,
  rolePeerCall,
  type SpanWindow,
  saveSpanWindow,
} from './span-window.ts';
import { createWindowTally } from './window-tally.ts';

/** How a service did in one window, by its own spans. */
export interface ServiceWindow {
  readonly namespace: string;
  readonly service: string;
  readonly endMs: number;
  readonly requests: number;
  readonly requestRate: number;
  readonly errorRatio: number;
  readonly p95Ms: number;
  readonly series: TargetSeries;
}

export interface TraceResult {
  readonly derived: SampleBatch | undefined;
  readonly calls: readonly CallObservation[];
  readonly windows: readonly ServiceWindow[];
}

export interface TraceDetector {
  observeSpans(batch: SpanBatch): void;
  /** Takes service-graph metrics out of a sample batch. */
  observeSamples(batch: SampleBatch): void;
  /** Closes the windows that end at or before the watermark. */
  advance(watermarkMs: number): TraceResult;
  save(writer: StateWriter): void;
  load(reader: StateReader): void;
}

const server = 2;
const client = 3;
const producer = 4;
const consumer = 5;
const statusError = 2;

export function createTraceDetector(catalog: SeriesCatalog, metrics: Metrics, config: TracesConfig): TraceDetector {
  const windowMs = config.windowSeconds * 1000;
  const idleMs = config.idleSeconds * 1000;
  const services = createServices(catalog, config.operationsPerService);
  const cache = createSpanCache(config.spanCache);
  const tally = createWindowTally();
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

  function closeAt(index: number, derived: ReturnType<typeof createDerivedSamples>, out: ServiceWindow[]): void {
    const endMs = (index + 1) * windowMs;
    const window = windows.get(index);
    windows.delete(index);
    tally.clear();
    if (window !== undefined) {
      const waiting = closeWindow(window, { services, cache, tally, calls, endMs, idleMs });
      // Callers that end a little later are looked for once more, one window on.
      for (const row of waiting) calls.defer(window, row, services);
    }
    for (const [at, target] of services.targets.entries()) {
      const requests = tally.requests(at);
      if (requests > 0) target.lastMs = endMs;
      if (target.lastMs === 0 || endMs - target.lastMs > idleMs) continue;
      const series = services.seriesOf(target);
      if (series === undefined) continue;
      const requestRate = requests / config.windowSeconds;
      derived.add(series.rate, endMs, requestRate);
      if (requests === 0) continue;
      const p95Ms = tally.p95(at);
      const errorRatio = tally.errors(at) / requests;
      derived.add(series.errorRatio, endMs, errorRatio);
      derived.add(series.p95, endMs, p95Ms);
      if (target.own) derived.add(series.selfTime, endMs, tally.selfMs(at) / requests);
      if (target.operation !== undefined || !target.own) continue;
      const { namespace, name } = target.entity;
      out.push({ namespace, service: name, endMs, requests, requestRate, errorRatio, p95Ms, series });
    }
  }

  return {
    observeSpans: (batch) => {
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
        cache.note(spanHigh, spanLow, service);
        if (!root) cache.addChild(parentHigh, parentLow, duration);

        const kind = batch.kinds[row]!;
        let role = roleMaybeEntry;
        if (kind === server || kind === consumer || root) role = roleEntry;
        else if (kind === client || kind === producer) {
          if (peer < 0) continue;
          role = rolePeerCall;
        }
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
        columns.durationMs[at] = duration;
        columns.error[at] = batch.statuses[row] === statusError ? 1 : 0;
        columns.role[at] = role;
      }
      if (lateSpans > 0) late.add(lateSpans, { signal: 'spans' });
    },
    observeSamples: (batch) => graph.observe(batch),
    advance: (watermarkMs) => {
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
        for (let index = first; index < end; index += 1) {
          calls.retry(cache, services);
          closeAt(index, derived, closed);
          observations.push(...calls.take(services, (index + 1) * windowMs, config.windowSeconds));
        }
        next = end;
      }
      return { derived: derived.take(), calls: observations, windows: closed };
    },
    save: (writer) => {
      writer.json(services.save());
      cache.save(writer);
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
      services.load(reader.json());
      cache.load(reader);
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
