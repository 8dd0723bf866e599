import { KybernError, type SampleBatch, type SeriesCatalog } from '../../model/index.ts';
import { createBytesIndex } from '../catalog/bytes-index.ts';
import type { IngestLimits } from '../config.ts';
import { limitedLabels } from '../intake/label-set.ts';
import { createSampleColumns } from '../intake/sample-columns.ts';
import { refusalOf, refusalReason, type Tally } from '../intake/tally.ts';
import { decodeText } from '../wire/wire-reader.ts';
import { type FamilyTypes, kindOfSample, readTypeLine } from './family-types.ts';
import { parseDecimal } from './parse-decimal.ts';
import { readSeriesText } from './series-text.ts';

const indexBytes = 32 * 1024 * 1024;
const newline = 0x0a;
const hash = 0x23;
const brace = 0x7b;
const quote = 0x22;
const backslash = 0x5c;
const closingBrace = 0x7d;
const isBlank = (byte: number) => byte === 0x20 || byte === 0x09;
const isLineEnd = (byte: number) => byte === newline || byte === 0x0d;

/** Parses the Prometheus text format 0.0.4 of one target. */
export interface ExpositionParser {
  /**
   * The samples of a body; those without a timestamp of their own are of `scrapedMs`. Throws KYBERN_BODY_UNREADABLE
   * with the line: as with Prometheus, a page that is not all understood is not taken at all.
   */
  parse(body: Uint8Array, scrapedMs: number, tally: Tally): SampleBatch;
}

/**
 * A series is known by the raw bytes of its name and labels. `targetLabels` are added to each; a sample's own label of
 * that name becomes `exported_<name>`, as in Prometheus.
 */
export function createExpositionParser(
  catalog: SeriesCatalog,
  limits: IngestLimits,
  targetLabels: readonly (readonly [string, string])[],
): ExpositionParser {
  const known = createBytesIndex(indexBytes);
  const ownNames = new Set(targetLabels.map(([name]) => name));

  function seriesOf(body: Uint8Array, view: DataView, start: number, end: number, types: FamilyTypes): number {
    const seen = known.find(0, view, start, end);
    if (seen >= 0) return seen;
    const text = decodeText(body, start, end);
    try {
      if (text === undefined) throw new KybernError('KYBERN_BAD_REQUEST', 'a series is not UTF-8');
      const { name, labels } = readSeriesText(text);
      const pairs = labels.map(([label, value]) => [ownNames.has(label) ? `exported_${label}` : label, value] as const);
      const identity = {
        name,
        labels: limitedLabels([...pairs, ...targetLabels], limits),
        kind: kindOfSample(name, types),
        unit: '',
        origin: 'received',
      } as const;
      const id = catalog.intern(identity);
      known.add(0, view, start, end, id);
      return id;
    } catch (error) {
      return refusalOf(error);
    }
  }

  return {
    parse(body, scrapedMs, tally) {
      const columns = createSampleColumns(Math.max(16, body.length >>> 6));
      const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
      const latestMs = scrapedMs + limits.futureSeconds * 1000;
      const types: FamilyTypes = new Map();
      let line = 0;

      function malformed(): never {
        throw new KybernError('KYBERN_BODY_UNREADABLE', `line ${line} is not of the Prometheus text format`);
      }

      function readSample(start: number, end: number): void {
        const seriesEnd = endOfSeries(body, start, end) ?? malformed();
        const valueStart = skipBlanks(body, seriesEnd, end);
        const valueEnd = endOfToken(body, valueStart, end);
        const value = valueStart === valueEnd ? malformed() : (parseDecimal(body, valueStart, valueEnd) ?? malformed());
        const timeStart = skipBlanks(body, valueEnd, end);
        const timeEnd = endOfToken(body, timeStart, end);
        const timeMs = timeStart === timeEnd ? scrapedMs : (parseDecimal(body, timeStart, timeEnd) ?? malformed());
        if (skipBlanks(body, timeEnd, end) !== end) malformed();
        tally.received++;
        if (Number.isNaN(value)) tally.dropped.nan++;
        else if (!Number.isFinite(value)) tally.dropped.infinite++;
        else if (!(timeMs > 0)) tally.rejected.time++;
        else if (timeMs > latestMs) tally.rejected.future++;
        else {
          const id = seriesOf(body, view, start, seriesEnd, types);
          if (id < 0) tally.rejected[refusalReason(id)]++;
          else {
            columns.push(id, timeMs, value);
            tally.accepted++;
          }
        }
      }

      for (let position = 0; position < body.length; ) {
        line++;
        let end = body.indexOf(newline, position);
        if (end < 0) end = body.length;
        const next = end + 1;
        while (end > position && isLineEnd(body[end - 1])) end--;
        const start = skipBlanks(body, position, end);
        if (start < end && body[start] === hash) readTypeLine(body, start, end, types);
        else if (start < end) readSample(start, end);
        position = next;
      }
      return columns.batch();
    },
  };
}

function skipBlanks(bytes: Uint8Array, start: number, end: number): number {
  let index = start;
  while (index < end && isBlank(bytes[index])) index++;
  return index;
}

function endOfToken(bytes: Uint8Array, start: number, end: number): number {
  let index = start;
  while (index < end && !isBlank(bytes[index])) index++;
  return index;
}

/** End of the name and the labels that start there; undefined where a brace or quote stays open. */
function endOfSeries(bytes: Uint8Array, start: number, end: number): number | undefined {
  let index = start;
  while (index < end && bytes[index] !== brace && !isBlank(bytes[index])) index++;
  const nameEnd = index;
  index = skipBlanks(bytes, index, end);
  if (bytes[index] !== brace || index >= end) return nameEnd;
  let inText = false;
  for (index++; index < end; index++) {
    const byte = bytes[index];
    if (inText && byte === backslash) index++;
    else if (byte === quote) inText = !inText;
    else if (!inText && byte === closingBrace) return index + 1;
  }
  return undefined;
}
