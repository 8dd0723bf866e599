import { KybernError, type SampleBatch } from '../../model/index.ts';
import { createBytesIndex } from '../catalog/bytes-index.ts';
import { createSampleColumns } from '../intake/sample-columns.ts';
import { refusal, refusalOf, type Tally } from '../intake/tally.ts';
import { defaultTenant, type Tenant } from '../intake/tenant.ts';
import { WireReader } from '../wire/wire-reader.ts';
import type { WriteDecoderDeps, WriteRequestDecoder } from './decode-write-request.ts';
import { createHistogramSeries } from './histogram-series.ts';
import { createLabelRefs } from './label-refs.ts';
import { createMetricTypes, metricTypeOf } from './metric-types.ts';
import { createSeriesInterner } from './series-interner.ts';
import { createSymbolTable } from './symbol-table.ts';
import { takeSample, type WriteSink } from './write-sink.ts';

const bytesPerSeries = 512;
const mostIndexBytes = 128 * 1024 * 1024;

function unreadable(detail: string): never {
  throw new KybernError('KYBERN_BODY_UNREADABLE', `io.prometheus.write.v2.Request: ${detail}`);
}

/**
 * `io.prometheus.write.v2.Request`, remote-write 2.0 (prometheus/prompb, io/prometheus/write/v2/types.proto). A series is
 * known by the numbers of its symbols, which were looked up once for the request.
 */
export function createRequest2Decoder(deps: WriteDecoderDeps): WriteRequestDecoder {
  const { catalog, limits, window, types = createMetricTypes() } = deps;
  const reader = new WireReader();
  const interner = createSeriesInterner(catalog, limits, types);
  const histograms = createHistogramSeries(catalog, limits);
  const refs = createLabelRefs(limits.labels + 1);
  const exemplarRefs = createLabelRefs(0);
  const indexBytes = Math.min(limits.series * bytesPerSeries, mostIndexBytes);
  const symbols = createSymbolTable(indexBytes);
  const known = createBytesIndex(indexBytes);
  const knownHistograms = createBytesIndex(indexBytes / 4, () => histograms.forget());
  let lastHistogram = 0;
  /** Bodies of one sender are of one size: rows for the next, which grow where it has more. */
  let likelyRows = 16;
  let tenant: Tenant = defaultTenant;

  /** What the series being read consists of. */
  let type = 0;
  let unitRef = 0;
  let samples = 0;
  let histogramCount = 0;
  /** The range of fields that holds them. */
  let itemsStart = 0;
  let itemsEnd = 0;

  function readIdentity() {
    const pairs: [string, string][] = [];
    if (refs.tooMany) throw new KybernError('KYBERN_LABELS_LIMIT', `more than ${limits.labels} labels`);
    for (let at = 0; at < refs.count; at += 2) {
      pairs.push([symbols.textOf(refs.at(at), reader), symbols.textOf(refs.at(at + 1), reader)]);
    }
    return interner.identity(pairs, { tenant, type, unit: symbols.textOf(unitRef, reader) });
  }

  /** The series of the labels just read, or a refusal. */
  function seriesOf(): number {
    if (refs.tooMany) return refusal('labels');
    const key = refs.key(type, symbols, reader);
    const found = known.find(tenant.index, key.view, 0, key.end);
    if (found >= 0) return found;
    const id = interner.intern(readIdentity);
    if (id >= 0) known.add(tenant.index, key.view, 0, key.end, id);
    return id;
  }

  function histogramKey(): number {
    if (refs.tooMany) return refusal('labels');
    const key = refs.key(type, symbols, reader);
    const found = knownHistograms.find(tenant.index, key.view, 0, key.end);
    if (found >= 0) return found;
    knownHistograms.add(tenant.index, key.view, 0, key.end, ++lastHistogram);
    return lastHistogram;
  }

  /** Whether the labels are right, of a series without samples: it is not interned. */
  function isMetric(): boolean {
    try {
      return readIdentity().name !== '';
    } catch (error) {
      return refusalOf(error) >= 0;
    }
  }

  /** First pass over a series: its labels and metadata, which may stand behind the samples, and how much there is. */
  function surveySeries(): void {
    refs.clear();
    type = unitRef = samples = histogramCount = 0;
    itemsStart = itemsEnd = reader.end;
    for (let fieldStart = reader.position; reader.next(); fieldStart = reader.position) {
      if (reader.field === 1) refs.read(reader);
      else if (reader.field === 5) readMetadata();
      else {
        if (reader.field === 2) samples++;
        else if (reader.field === 3) histogramCount++;
        if (itemsStart === reader.end) itemsStart = fieldStart;
        reader.skip();
        itemsEnd = reader.position;
      }
    }
    if (refs.isOdd) unreadable('an odd number of label references');
    if (refs.largest >= symbols.count || unitRef >= symbols.count) unreadable('a reference to no symbol');
  }

  function readMetadata(): void {
    const outer = reader.enter();
    while (reader.next()) {
      if (reader.field === 1) type = metricTypeOf(reader.uint());
      else if (reader.field === 4) unitRef = reader.uint();
      else reader.skip();
    }
    reader.leave(outer);
  }

  function readSeries(sink: WriteSink): void {
    surveySeries();
    // Samples or histograms, never both: neither is to be trusted then.
    const isMixed = samples > 0 && histogramCount > 0;
    const series = isMixed ? refusal('invalid') : samples > 0 ? seriesOf() : 0;
    const key = isMixed ? refusal('invalid') : histogramCount > 0 ? histogramKey() : 0;
    const hasItems = samples + histogramCount > 0;
    const { end } = reader;
    reader.position = itemsStart;
    reader.end = itemsEnd;
    while (reader.next()) {
      if (reader.field === 2) takeSample(reader, sink, series);
      else if (reader.field === 3) histograms.take(reader, sink, key, readIdentity);
      else if (reader.field === 4) readExemplar(sink.tally, series >= 0 && key >= 0 && (hasItems || isMetric()));
      else reader.skip();
    }
    reader.end = end;
  }

  function readExemplar(tally: Tally, isOwned: boolean): void {
    let timeMs = 0;
    exemplarRefs.clear();
    const outer = reader.enter();
    while (reader.next()) {
      if (reader.field === 1) exemplarRefs.read(reader);
      else if (reader.field === 3) timeMs = reader.int();
      else reader.skip();
    }
    reader.leave(outer);
    if (exemplarRefs.isOdd || exemplarRefs.largest >= symbols.count) unreadable('an exemplar refers to no symbol');
    tally.exemplars[isOwned && timeMs !== 0 ? 'taken' : 'rejected']++;
  }

  /** The symbols may stand anywhere in the body. */
  function surveyBody(): boolean {
    symbols.clear();
    let hasSeries = false;
    let isForeign = false;
    while (reader.next()) {
      if (reader.field === 4) symbols.add(reader);
      else {
        hasSeries ||= reader.field === 5;
        isForeign ||= reader.field <= 3;
        reader.skip();
      }
    }
    if (isForeign) unreadable('the body is a prometheus.WriteRequest');
    if (symbols.count > 0 && !symbols.isEmpty(0)) unreadable('the first symbol is not empty');
    if (hasSeries && symbols.count === 0) unreadable('there are no symbols');
    return hasSeries || symbols.count > 0;
  }

  function decodeBody(body: Uint8Array, nowMs: number, tally: Tally): SampleBatch {
    const columns = createSampleColumns(likelyRows);
    const sink = { columns, tally, latestMs: nowMs + limits.futureSeconds * 1000, window };
    if (!surveyBody() && body.length > 0) unreadable('nothing of it is in the body');
    reader.position = 0;
    while (reader.next()) {
      if (reader.field !== 5) {
        reader.skip();
        continue;
      }
      const outer = reader.enter();
      readSeries(sink);
      reader.leave(outer);
    }
    likelyRows = Math.min(columns.count, 65_536) + 16;
    return columns.batch();
  }

  return {
    decode(body, nowMs, tally, whose) {
      tenant = whose;
      return reader.over(body, () => decodeBody(body, nowMs, tally));
    },
  };
}
