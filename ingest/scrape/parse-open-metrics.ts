import { KybernError, type SeriesCatalog } from '../../model/index.ts';
import type { IngestLimits } from '../config.ts';
import { createSampleColumns } from '../intake/sample-columns.ts';
import { refusalReason, type Tally } from '../intake/tally.ts';
import { decodeText } from '../wire/wire-reader.ts';
import { endOfBraces, endOfToken } from './line-scan.ts';
import { createFamilyTracker } from './open-metrics-family.ts';
import { createMemberIndex, type Member } from './open-metrics-series.ts';
import { mayHaveExemplar, mayHaveValue } from './open-metrics-types.ts';
import type { PageParser } from './page-parser.ts';
import { parseDecimal } from './parse-decimal.ts';
import { readSeriesText, unescapeText } from './series-text.ts';
import type { TargetLabels } from './target-labels.ts';

const newline = 0x0a;
const space = 0x20;
const hash = 0x23;
const brace = 0x7b;
const longestExemplar = 128;
const metadataLine = /^# (HELP|TYPE|UNIT) (?:([a-zA-Z_:][a-zA-Z0-9_:]*)|"((?:[^"\\]|\\.)+)") (.*)$/s;

/**
 * Parses OpenMetrics text 1.0 as strictly as its specification asks: a page that breaks a MUST is refused whole. Start
 * times (`_created`) are counted as dropped, exemplars are counted.
 */
export function createOpenMetricsParser(
  catalog: SeriesCatalog,
  limits: IngestLimits,
  target: TargetLabels,
  options: { readonly honorTimestamps: boolean } = { honorTimestamps: true },
): PageParser {
  const index = createMemberIndex(catalog, limits, target);
  const tracker = createFamilyTracker();
  let exemplars = 0;

  return {
    get exemplars() {
      return exemplars;
    },
    parse(body, scrapedMs, tally) {
      const columns = createSampleColumns(Math.max(16, body.length >>> 6));
      const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
      const latestMs = scrapedMs + limits.futureSeconds * 1000;
      let line = 0;

      function malformed(): never {
        throw new KybernError('KYBERN_BODY_UNREADABLE', `line ${line} is not of the OpenMetrics format`);
      }

      function memberAt(start: number, end: number): Member {
        const member = index.find(body, view, start, end, tracker.family);
        if (member !== undefined) return member;
        if (!tracker.beginImplicit(index.nameOf(body, view, start, end))) malformed();
        return index.find(body, view, start, end, tracker.family) ?? malformed();
      }

      function readSample(start: number, end: number): void {
        const seriesEnd = endOfStrictSeries(body, start, end) ?? malformed();
        if (body[seriesEnd] !== space || seriesEnd >= end) malformed();
        const valueEnd = endOfToken(body, seriesEnd + 1, end);
        const value = parseDecimal(body, seriesEnd + 1, valueEnd) ?? malformed();
        let position = valueEnd;
        let seconds = Number.NaN;
        if (position < end && body[position + 1] !== hash) {
          const timeEnd = endOfToken(body, position + 1, end);
          seconds = parseDecimal(body, position + 1, timeEnd) ?? malformed();
          if (!Number.isFinite(seconds)) malformed();
          position = timeEnd;
        }
        const hasExemplar = position < end;
        if (hasExemplar && !isExemplar(body, position, end)) malformed();
        const member = memberAt(start, seriesEnd);
        const { type } = tracker.family;
        if (!tracker.sample(member.entry, member.metric, member.suffix, member.bound, seconds, value)) malformed();
        if (!mayHaveValue(type, member.suffix, value)) malformed();
        if (hasExemplar) {
          if (!mayHaveExemplar(type, member.suffix)) malformed();
          exemplars++;
        }
        count(member, value, Number.isNaN(seconds) || !options.honorTimestamps ? scrapedMs : seconds * 1000, tally);
      }

      function count({ id, suffix }: Member, value: number, timeMs: number, into: Tally): void {
        into.received++;
        if (suffix === '_created') into.dropped.created++;
        else if (Number.isNaN(value)) into.dropped.nan++;
        else if (!Number.isFinite(value)) into.dropped.infinite++;
        else if (!(timeMs > 0)) into.rejected.time++;
        else if (timeMs > latestMs) into.rejected.future++;
        else if (id < 0) into.rejected[refusalReason(id)]++;
        else {
          columns.push(id, timeMs, value);
          into.accepted++;
        }
      }

      tracker.start();
      let ended = false;
      for (let position = 0; position < body.length; ) {
        line++;
        let end = body.indexOf(newline, position);
        if (end < 0) end = body.length;
        if (ended || position === end) malformed();
        if (body[position] !== hash) readSample(position, end);
        else {
          const text = decodeText(body, position, end) ?? malformed();
          ended = text === '# EOF';
          if (!ended) readMetadata(text, tracker.metadata) || malformed();
        }
        position = end + 1;
      }
      if (!ended || !tracker.end()) malformed();
      return columns.batch();
    },
  };
}

function readMetadata(line: string, take: (keyword: string, name: string, text: string) => boolean): boolean {
  const match = metadataLine.exec(line);
  if (match === null) return false;
  const [, keyword, plain, quoted, text] = match;
  return take(keyword, plain ?? unescapeText(quoted), text);
}

/** End of the name and the labels that start there, with nothing between them. */
function endOfStrictSeries(bytes: Uint8Array, start: number, end: number): number | undefined {
  let index = start;
  while (index < end && bytes[index] !== brace && bytes[index] !== space) index++;
  return bytes[index] === brace && index < end ? endOfBraces(bytes, index, end) : index;
}

/** Whether ` # {labels} value[ time]` stands there to the end of the line. */
function isExemplar(bytes: Uint8Array, start: number, end: number): boolean {
  const labelsStart = start + 3;
  if (bytes[start + 1] !== hash || bytes[start + 2] !== space || bytes[labelsStart] !== brace) return false;
  const labelsEnd = endOfBraces(bytes, labelsStart, end);
  if (labelsEnd === undefined || bytes[labelsEnd] !== space || !areExemplarLabels(bytes, labelsStart, labelsEnd)) {
    return false;
  }
  const valueEnd = endOfToken(bytes, labelsEnd + 1, end);
  if (parseDecimal(bytes, labelsEnd + 1, valueEnd) === undefined) return false;
  return valueEnd === end || Number.isFinite(parseDecimal(bytes, valueEnd + 1, end) ?? Number.NaN);
}

/** Labels of at most 128 characters (code points) in all. */
function areExemplarLabels(bytes: Uint8Array, start: number, end: number): boolean {
  const text = end - start > 8 * longestExemplar ? undefined : decodeText(bytes, start, end);
  if (text === undefined) return false;
  try {
    const { labels } = readSeriesText(`e${text}`, true);
    return labels.reduce((sum, pair) => sum + [...pair.join('')].length, 0) <= longestExemplar;
  } catch {
    return false;
  }
}
