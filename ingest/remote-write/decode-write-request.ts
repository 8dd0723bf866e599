import { KybernError, type SampleBatch, type SeriesCatalog } from '../../model/index.ts';
import { type BytesIndex, createBytesIndex } from '../catalog/bytes-index.ts';
import { prometheusKind } from '../catalog/prometheus-kind.ts';
import type { IngestLimits } from '../config.ts';
import { limitedLabels } from '../intake/label-set.ts';
import { dropReasonOf } from '../intake/raw-double.ts';
import { createSampleColumns, type SampleColumns } from '../intake/sample-columns.ts';
import { type RejectReason, refusalOf, refusalReason, type Tally } from '../intake/tally.ts';
import type { Tenant } from '../intake/tenant.ts';
import { WireReader } from '../wire/wire-reader.ts';

const indexBytes = 256 * 1024 * 1024;

/** Decodes `prometheus.WriteRequest` (remote-write 1.0). */
export interface WriteRequestDecoder {
  /**
   * The samples of a body, with `tally` telling what became of each. Native histograms count as one item each and are
   * refused as unsupported. Throws KYBERN_BODY_UNREADABLE where the body is no WriteRequest; nothing may be kept then.
   */
  decode(body: Uint8Array, nowMs: number, tally: Tally, tenant: Tenant): SampleBatch;
}

/** A series whose label block was seen before costs a hash of its bytes; only a new one is parsed. */
export function createWriteRequestDecoder(
  catalog: SeriesCatalog,
  limits: IngestLimits,
  known: BytesIndex = createBytesIndex(indexBytes),
): WriteRequestDecoder {
  const reader = new WireReader();

  /** Reads the labels from `start` on and interns the series; a refusal where they are not right. */
  function internSeries(start: number, tenant: Tenant): number {
    const [position, end] = [reader.position, reader.end];
    reader.position = start;
    try {
      return catalog.intern(readIdentity(reader, limits, tenant));
    } catch (error) {
      return refusalOf(error);
    } finally {
      reader.position = position;
      reader.end = end;
    }
  }

  function readSeries(columns: SampleColumns, latestMs: number, tally: Tally, tenant: Tenant): void {
    const start = reader.position;
    while (reader.position < reader.end && reader.bytes[reader.position] === labelTag) {
      reader.next();
      reader.skip();
    }
    const labelsEnd = reader.position;
    let id = known.find(tenant.index, reader.view, start, labelsEnd);
    if (id < 0) {
      id = internSeries(start, tenant);
      // Labels may legally stand after the samples: then the block is not the whole identity, and is not remembered.
      if (id >= 0 && !hasLaterLabels(reader)) known.add(tenant.index, reader.view, start, labelsEnd, id);
    }
    const refused: RejectReason | undefined = id < 0 ? refusalReason(id) : undefined;
    while (reader.next()) {
      if (reader.field === 2) {
        const outer = reader.enter();
        readSample(reader, sample);
        reader.leave(outer);
        tally.received++;
        if (refused !== undefined) tally.rejected[refused]++;
        else if (sample.dropped !== undefined) tally.dropped[sample.dropped]++;
        else if (sample.timeMs > latestMs) tally.rejected.future++;
        else if (sample.timeMs <= 0) tally.rejected.time++;
        else {
          columns.push(id, sample.timeMs, sample.value);
          tally.accepted++;
        }
      } else if (reader.field === 4) {
        reader.skip();
        tally.received++;
        tally.rejected.unsupported++;
      } else reader.skip();
    }
  }

  function decodeBody(body: Uint8Array, nowMs: number, tally: Tally, tenant: Tenant): SampleBatch {
    const columns = createSampleColumns(Math.max(16, body.length >>> 6));
    const latestMs = nowMs + limits.futureSeconds * 1000;
    let understood = body.length === 0;
    while (reader.next()) {
      if (reader.field === 1) {
        const outer = reader.enter();
        readSeries(columns, latestMs, tally, tenant);
        reader.leave(outer);
        understood = true;
      } else {
        understood ||= reader.field === 3;
        reader.skip();
      }
    }
    // A 2.0 body has only fields that 1.0 does not know: never an empty success.
    if (!understood) throw new KybernError('KYBERN_BODY_UNREADABLE', 'the body is not a prometheus.WriteRequest');
    return columns.batch();
  }

  return {
    decode: (body, nowMs, tally, tenant) => reader.over(body, () => decodeBody(body, nowMs, tally, tenant)),
  };
}

const labelTag = 0x0a;

interface SampleFields {
  timeMs: number;
  value: number;
  dropped: ReturnType<typeof dropReasonOf>;
}

const sample: SampleFields = { timeMs: 0, value: 0, dropped: undefined };

function readSample(reader: WireReader, into: SampleFields): void {
  into.timeMs = 0;
  into.value = 0;
  into.dropped = undefined;
  while (reader.next()) {
    if (reader.field === 1) {
      reader.fixed64();
      into.value = reader.lastDouble();
      into.dropped = dropReasonOf(reader);
    } else if (reader.field === 2) into.timeMs = reader.int();
    else reader.skip();
  }
}

/** Whether a label stands behind the leading block of labels; leaves the reader where it was. */
function hasLaterLabels(reader: WireReader): boolean {
  const position = reader.position;
  let found = false;
  while (!found && reader.next()) {
    found = reader.field === 1;
    if (!found) reader.skip();
  }
  reader.position = position;
  return found;
}

function readIdentity(reader: WireReader, limits: IngestLimits, tenant: Tenant) {
  const pairs = new Map<string, string>();
  let name = '';
  while (reader.next()) {
    if (reader.field !== 1) {
      reader.skip();
      continue;
    }
    const outer = reader.enter();
    const [labelName, value] = readLabel(reader);
    reader.leave(outer);
    if (labelName === '' || pairs.has(labelName)) {
      throw new KybernError(
        'KYBERN_LABELS_LIMIT',
        labelName === '' ? 'a label has no name' : `${labelName} stands twice`,
      );
    }
    pairs.set(labelName, value);
    if (pairs.size > limits.labels + 1)
      throw new KybernError('KYBERN_LABELS_LIMIT', `more than ${limits.labels} labels`);
    if (labelName === '__name__') name = value;
  }
  pairs.delete('__name__');
  if (name === '') throw new KybernError('KYBERN_LABELS_LIMIT', 'a series has no __name__');
  if (Buffer.byteLength(name) > limits.labelNameBytes) {
    throw new KybernError('KYBERN_LABELS_LIMIT', `a metric name is longer than ${limits.labelNameBytes} bytes`);
  }
  return {
    name,
    labels: limitedLabels([...pairs, ...tenant.labels], limits),
    kind: prometheusKind(name),
    unit: '',
    origin: 'received',
  } as const;
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
