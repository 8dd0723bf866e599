import { KybernError, type SeriesCatalog } from '../../model/index.ts';
import { createBytesIndex } from '../catalog/bytes-index.ts';
import type { IngestLimits } from '../config.ts';
import { checkName } from '../intake/label-set.ts';
import { createSampleColumns } from '../intake/sample-columns.ts';
import { refusalOf, refusalReason } from '../intake/tally.ts';
import { decodeText } from '../wire/wire-reader.ts';
import { type FamilyTypes, kindOfSample, readTypeLine } from './family-types.ts';
import { endOfSeries, endOfToken, longestSeriesText, skipBlanks } from './line-scan.ts';
import type { PageParser } from './page-parser.ts';
import { parseDecimal } from './parse-decimal.ts';
import { readSeriesText } from './series-text.ts';
import { joinLabels, type TargetLabels } from './target-labels.ts';

const indexBytes = 32 * 1024 * 1024;
const newline = 0x0a;
const hash = 0x23;
const isLineEnd = (byte: number) => byte === newline || byte === 0x0d;

/**
 * Parses the Prometheus text formats 0.0.4 and 1.0.0. A series is known by the raw bytes of its name and labels; the
 * labels of the target are added to each.
 */
export function createExpositionParser(
  catalog: SeriesCatalog,
  limits: IngestLimits,
  target: TargetLabels,
  options: { readonly honorTimestamps: boolean } = { honorTimestamps: true },
): PageParser {
  const known = createBytesIndex(indexBytes);

  function seriesOf(body: Uint8Array, view: DataView, start: number, end: number, types: FamilyTypes): number {
    const seen = known.find(0, view, start, end);
    if (seen >= 0) return seen;
    const text = end - start > longestSeriesText ? undefined : decodeText(body, start, end);
    try {
      if (text === undefined) throw new KybernError('KYBERN_BAD_REQUEST', 'a series is not UTF-8');
      const { name, labels } = readSeriesText(text);
      checkName(name, limits);
      const identity = {
        name,
        labels: joinLabels(labels, target, limits),
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
    exemplars: 0,
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
        const ownMs = timeStart === timeEnd ? scrapedMs : (parseDecimal(body, timeStart, timeEnd) ?? malformed());
        const timeMs = options.honorTimestamps ? ownMs : scrapedMs;
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
