import { KybernError, type SampleBatch, type SeriesCatalog } from '../../model/index.ts';
import { createBytesIndex } from '../catalog/bytes-index.ts';
import type { IngestLimits } from '../config.ts';
import { createSampleColumns } from '../intake/sample-columns.ts';
import type { SampleWindow } from '../intake/sample-window.ts';
import type { Tally } from '../intake/tally.ts';
import { defaultTenant, type Tenant } from '../intake/tenant.ts';
import { WireReader } from '../wire/wire-reader.ts';
import { createHistogramSeries } from './histogram-series.ts';
import { createMetricTypes, type MetricTypes, metricTypeOf } from './metric-types.ts';
import { createSeriesInterner } from './series-interner.ts';
import { takeSample, type WriteSink } from './write-sink.ts';

const bytesPerSeries = 1024;
const mostIndexBytes = 256 * 1024 * 1024;

/** Decodes a body of remote-write. */
export interface WriteRequestDecoder {
  /**
   * The samples of a body, with `tally` telling what became of each; a native histogram counts as one item. Throws
   * KYBERN_BODY_UNREADABLE where the body is not of that message; nothing may be kept then.
   */
  decode(body: Uint8Array, nowMs: number, tally: Tally, tenant: Tenant): SampleBatch;
}

export interface WriteDecoderDeps {
  readonly catalog: SeriesCatalog;
  readonly limits: IngestLimits;
  readonly window: SampleWindow;
  readonly types?: MetricTypes;
}

/**
 * `prometheus.WriteRequest`, remote-write 1.0 (prometheus/prompb, remote.proto). A series whose label block was seen
 * before costs a hash of its bytes; only a new one is parsed.
 */
export function createWriteRequestDecoder(deps: WriteDecoderDeps): WriteRequestDecoder {
  const { catalog, limits, window, types = createMetricTypes() } = deps;
  const reader = new WireReader();
  const interner = createSeriesInterner(catalog, limits, types);
  const histograms = createHistogramSeries(catalog, limits);
  // What is remembered is bounded by the series that there may be.
  const indexBytes = Math.min(limits.series * bytesPerSeries, mostIndexBytes);
  let known = createBytesIndex(indexBytes);
  const knownHistograms = createBytesIndex(indexBytes / 4, () => histograms.forget());
  let lastHistogram = 0;
  /** Bodies of one sender are of one size: rows for the next, which grow where it has more. */
  let likelyRows = 16;
  let tenant = defaultTenant;
  /** Where the series being read starts and where its leading labels end. */
  let start = 0;
  let labelsEnd = 0;

  /** All labels of the series being read; leaves the reader where it was. */
  function readIdentity() {
    const { position, end, field, wire } = reader;
    reader.position = start;
    try {
      return interner.identity(readLabels(reader, limits.labels), { tenant, type: 0, unit: '' });
    } finally {
      Object.assign(reader, { position, end, field, wire });
    }
  }

  function seriesOf(): number {
    const found = known.find(tenant.index, reader.view, start, labelsEnd);
    if (found >= 0) return found;
    const id = interner.intern(readIdentity);
    if (id >= 0) known.add(tenant.index, reader.view, start, labelsEnd, id);
    return id;
  }

  function histogramKey(): number {
    const found = knownHistograms.find(tenant.index, reader.view, start, labelsEnd);
    if (found >= 0) return found;
    knownHistograms.add(tenant.index, reader.view, start, labelsEnd, ++lastHistogram);
    return lastHistogram;
  }

  function readSeries(sink: WriteSink): void {
    start = reader.position;
    let series = likelySeries();
    if (series < 0) skipLabels(reader);
    labelsEnd = reader.position;
    // Labels may legally stand behind the samples: then the leading block is not the identity, and is not looked up.
    const isWhole = !hasLaterLabels(reader);
    if (!isWhole) series = -1;
    let isResolved = series >= 0;
    while (reader.next()) {
      if (reader.field === 2) {
        if (!isResolved) series = isWhole ? seriesOf() : interner.intern(readIdentity);
        isResolved = true;
        takeSample(reader, sink, series);
      } else if (reader.field === 4) {
        histograms.take(reader, sink, isWhole ? histogramKey() : ++lastHistogram, readIdentity);
      } else if (reader.field === 3) readExemplar(sink.tally);
      else reader.skip();
    }
  }

  /** The series that came behind the last one before, where it comes again: its labels need not be walked through. */
  function likelySeries(): number {
    const length = known.likelyLength(tenant.index, reader.view, start, reader.end);
    const end = start + length;
    // The block may go on.
    if (length < 0 || end === reader.end || reader.bytes[end] === labelTag) return -1;
    reader.position = end;
    return known.takeLikely();
  }

  function readExemplar(tally: Tally): void {
    const outer = reader.enter();
    while (reader.next()) reader.skip();
    reader.leave(outer);
    tally.exemplars.taken++;
  }

  function readMetadata(): boolean {
    let [type, family, unit] = [0, '', ''];
    while (reader.next()) {
      if (reader.field === 1) type = metricTypeOf(reader.uint());
      else if (reader.field === 2) family = reader.text() ?? '';
      else if (reader.field === 5) unit = reader.text() ?? '';
      else reader.skip();
    }
    return types.learn(tenant, family, type, unit);
  }

  function decodeBody(body: Uint8Array, nowMs: number, tally: Tally): SampleBatch {
    const columns = createSampleColumns(likelyRows);
    const sink = { columns, tally, latestMs: nowMs + limits.futureSeconds * 1000, window };
    let understood = body.length === 0;
    let isRelearnt = false;
    while (reader.next()) {
      if (reader.field !== 1 && reader.field !== 3) {
        reader.skip();
        continue;
      }
      understood = true;
      const isSeries = reader.field === 1;
      const outer = reader.enter();
      if (isSeries) readSeries(sink);
      else isRelearnt = readMetadata() || isRelearnt;
      reader.leave(outer);
    }
    // A 2.0 body has only fields that 1.0 does not know: never an empty success.
    if (!understood) throw new KybernError('KYBERN_BODY_UNREADABLE', 'the body is not a prometheus.WriteRequest');
    // Series of these metrics may be known as of another kind: all are looked up anew, which happens a few times at most.
    if (isRelearnt) known = createBytesIndex(indexBytes);
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

const labelTag = 0x0a;
const sampleTag = 0x12;

function skipLabels(reader: WireReader): void {
  while (reader.position < reader.end && reader.bytes[reader.position] === labelTag) {
    reader.next();
    reader.skip();
  }
}

/** Whether a label stands behind the leading block of labels; leaves the reader where it was. */
function hasLaterLabels(reader: WireReader): boolean {
  const { position, bytes, end } = reader;
  // One short sample and no more, as nearly always.
  if (bytes[position] === sampleTag && position + 2 + bytes[position + 1] === end) return false;
  let found = false;
  while (!found && reader.next()) {
    found = reader.field === 1;
    if (!found) reader.skip();
  }
  reader.position = position;
  return found;
}

function readLabels(reader: WireReader, most: number): [string, string][] {
  const pairs: [string, string][] = [];
  while (reader.next()) {
    if (reader.field !== 1) {
      reader.skip();
      continue;
    }
    if (pairs.length > most) throw new KybernError('KYBERN_LABELS_LIMIT', `more than ${most} labels`);
    const outer = reader.enter();
    pairs.push(readLabel(reader));
    reader.leave(outer);
  }
  return pairs;
}

function readLabel(reader: WireReader): [string, string] {
  let name: string | undefined = '';
  let value: string | undefined = '';
  while (reader.next()) {
    if (reader.field === 1) name = reader.text();
    else if (reader.field === 2) value = reader.text();
    else reader.skip();
  }
  if (name === undefined || value === undefined) throw new KybernError('KYBERN_BAD_REQUEST', 'a label is not UTF-8');
  return [name, value];
}
