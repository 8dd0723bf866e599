import type { SampleBatch, SeriesCatalog, SeriesKind } from '../../model/index.ts';
import { createBytesIndex } from '../catalog/bytes-index.ts';
import type { IngestLimits } from '../config.ts';
import { createSampleColumns } from '../intake/sample-columns.ts';
import type { SampleWindow } from '../intake/sample-window.ts';
import type { Tally } from '../intake/tally.ts';
import type { Tenant } from '../intake/tenant.ts';
import { decodeText, WireReader } from '../wire/wire-reader.ts';
import { createDistributionReader } from './distribution-points.ts';
import { eachInScopes } from './each-in-scopes.ts';
import type { MetricScope, PointSink } from './metric-scope.ts';
import { createNumberPointReader } from './number-points.ts';
import { createResourceScopes, type ResourceScope } from './resource-scopes.ts';
import { createStreamInterner } from './stream-interner.ts';

const metricIndexBytes = 16 * 1024 * 1024;

/** Decodes `ExportMetricsServiceRequest` (opentelemetry-proto 1.x). */
export interface MetricsDecoder {
  /** The samples of a body, with `tally` telling what became of each data point. Throws KYBERN_BODY_UNREADABLE. */
  decode(body: Uint8Array, nowMs: number, tally: Tally, tenant: Tenant): SampleBatch;
}

// Field numbers of Metric's `data`, and of the data points in each of them.
const data = { gauge: 5, sum: 7, histogram: 9, exponentialHistogram: 10, summary: 11 } as const;

/**
 * gauge -> gauge; monotonic cumulative sum -> counter; delta sum -> delta; other cumulative sums -> gauge. Histograms and
 * summaries become the series that Prometheus has for them. With a window, points that come too late are refused.
 */
export function createMetricsDecoder(
  catalog: SeriesCatalog,
  limits: IngestLimits,
  window?: SampleWindow,
): MetricsDecoder {
  const reader = new WireReader();
  let lastScope = 0;
  const newScope = () => ++lastScope;
  const resources = createResourceScopes(limits, newScope);
  const interner = createStreamInterner(catalog, limits);
  const numbers = createNumberPointReader(interner);
  const distributions = createDistributionReader(interner, limits);
  const metrics = new Map<number, MetricScope>();
  const metricIndex = createBytesIndex(metricIndexBytes, () => metrics.clear());
  let scratch = new Uint8Array(1024);
  let scratchView = new DataView(scratch.buffer);
  const sink: PointSink = { columns: createSampleColumns(0), tally: undefined as never, latestMs: 0, window };

  /** The metric whose name and unit stand at these ranges, known by them, its resource, and how its points are read. */
  function metricScope(resource: ResourceScope, head: MetricHead): MetricScope {
    const nameLength = head.nameEnd - head.nameStart;
    const length = 2 + nameLength + head.unitEnd - head.unitStart;
    if (length > scratch.length) {
      scratch = new Uint8Array(length * 2);
      scratchView = new DataView(scratch.buffer);
    }
    scratch[0] = head.dataField * 16 + head.temporality * 2 + (head.monotonic ? 1 : 0);
    scratch.set(reader.bytes.subarray(head.nameStart, head.nameEnd), 1);
    // 0xff stands in no UTF-8 text: it keeps name and unit apart.
    scratch[1 + nameLength] = 0xff;
    scratch.set(reader.bytes.subarray(head.unitStart, head.unitEnd), 2 + nameLength);
    const known = metrics.get(metricIndex.find(resource.scope, scratchView, 0, length));
    if (known !== undefined) return known;
    const metric = describeMetric(reader, newScope(), resource, head);
    if (metricIndex.add(resource.scope, scratchView, 0, length, metric.scope)) metrics.set(metric.scope, metric);
    return metric;
  }

  function readMetric(resource: ResourceScope): void {
    readHead(reader, head);
    while (reader.next()) {
      const field = reader.field;
      if (field !== head.dataField) {
        reader.skip();
        continue;
      }
      const outer = reader.enter();
      const metric = metricScope(resource, head);
      while (reader.next()) {
        if (reader.field !== 1) {
          reader.skip();
          continue;
        }
        const inner = reader.enter();
        sink.tally.received++;
        if (metric.refused !== undefined) sink.tally.rejected[metric.refused]++;
        else if (field === data.gauge || field === data.sum) numbers.read(reader, metric, sink);
        else if (field === data.histogram) distributions.histogram(reader, metric, sink);
        else if (field === data.exponentialHistogram) distributions.exponential(reader, metric, sink);
        else distributions.summary(reader, metric, sink);
        reader.leave(inner);
      }
      reader.leave(outer);
    }
  }

  function decodeBody(body: Uint8Array, nowMs: number, tally: Tally, tenant: Tenant): SampleBatch {
    sink.columns = createSampleColumns(Math.max(16, body.length >>> 6));
    sink.tally = tally;
    sink.latestMs = nowMs + limits.futureSeconds * 1000;
    let resource: ResourceScope | undefined;
    eachInScopes(
      reader,
      'ExportMetricsServiceRequest',
      () => {
        resource = resources.of(reader, tenant);
      },
      () => {
        if (resource !== undefined) readMetric(resource);
      },
    );
    return sink.columns.batch();
  }

  return {
    decode: (body, nowMs, tally, tenant) => reader.over(body, () => decodeBody(body, nowMs, tally, tenant)),
  };
}

interface MetricHead {
  nameStart: number;
  nameEnd: number;
  unitStart: number;
  unitEnd: number;
  /** Field number of the data, 0 where there is none. */
  dataField: number;
  temporality: number;
  monotonic: boolean;
}

const head: MetricHead = {
  nameStart: 0,
  nameEnd: 0,
  unitStart: 0,
  unitEnd: 0,
  dataField: 0,
  temporality: 0,
  monotonic: false,
};

/** Scans a Metric for all but its points, and leaves the reader where it was: the order of fields is free. */
function readHead(reader: WireReader, into: MetricHead): void {
  const position = reader.position;
  Object.assign(into, emptyHead);
  while (reader.next()) {
    if (reader.field === 1 || reader.field === 3) {
      const length = reader.length();
      const start = reader.position;
      reader.position += length;
      if (reader.field === 1) [into.nameStart, into.nameEnd] = [start, reader.position];
      else [into.unitStart, into.unitEnd] = [start, reader.position];
    } else if (reader.field >= data.gauge && reader.field <= data.summary) {
      into.dataField = reader.field;
      into.temporality = 0;
      into.monotonic = false;
      const outer = reader.enter();
      while (reader.next()) {
        if (reader.field === 2) into.temporality = reader.uint() & 7;
        else if (reader.field === 3) into.monotonic = reader.uint() !== 0;
        else reader.skip();
      }
      reader.leave(outer);
    } else reader.skip();
  }
  reader.position = position;
}

const emptyHead: Readonly<MetricHead> = { ...head };
const temporality = { delta: 1, cumulative: 2 } as const;

function describeMetric(reader: WireReader, scope: number, resource: ResourceScope, from: MetricHead): MetricScope {
  const name = decodeText(reader.bytes, from.nameStart, from.nameEnd);
  const unit = decodeText(reader.bytes, from.unitStart, from.unitEnd);
  const kind = kindOf(from);
  const metric = { scope, resource, name: name ?? '', unit: unit ?? '', kind: kind ?? 'gauge' };
  if (name === undefined || unit === undefined) return { ...metric, refused: 'text' };
  return kind === undefined ? { ...metric, refused: 'invalid' } : metric;
}

/** How the points are read, or undefined where the sender did not say (an unspecified temporality must not be used). */
function kindOf(from: MetricHead): SeriesKind | undefined {
  if (from.dataField === data.gauge) return 'gauge';
  if (from.dataField === data.summary) return 'counter';
  if (from.temporality === temporality.delta) return 'delta';
  if (from.temporality !== temporality.cumulative) return undefined;
  return from.dataField === data.sum && !from.monotonic ? 'gauge' : 'counter';
}
