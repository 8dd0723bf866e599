import { KybernError } from '../../model/index.ts';
import { createSampleColumns, type SampleColumns } from '../intake/sample-columns.ts';
import { refusalReason, type Tally } from '../intake/tally.ts';
import { parseDecimal } from '../scrape/parse-decimal.ts';
import { createJsonCursor } from './json-cursor.ts';

export interface AnswerLimits {
  readonly series: number;
  readonly points: number;
  /** No point may be later. */
  readonly latestMs: number;
}

/** What a query API answered, beside the samples. */
export interface AnswerNotes {
  readonly status: string;
  readonly errorType: string;
  readonly error: string;
  /** Warnings and infos; the samples hold all the same. */
  readonly warnings: readonly string[];
  readonly series: number;
}

/** Catalogue id of the series whose `metric` object is `bytes[start .. end)`; a refusal where it is negative. */
export type SeriesOfMetric = (bytes: Uint8Array, start: number, end: number) => number;

/** Answers below this time of a series were taken before. */
export type TakenUntil = (series: number) => number;

const quote = 0x22;
const comma = 0x2c;
const openBracket = 0x5b;
const closeBracket = 0x5d;

/**
 * Reads an answer of `/api/v1/query` or `query_range` (prometheus docs/querying/api.md) into columns: matrix and vector;
 * scalars and strings belong to no series and count as unsupported, as do native histograms. Throws
 * KYBERN_BODY_UNREADABLE where it is no such answer, KYBERN_BODY_TOO_LARGE where it has more series or points than the
 * limits.
 */
export function readAnswer(
  bytes: Uint8Array,
  limits: AnswerLimits,
  seriesOf: SeriesOfMetric,
  takenUntil: TakenUntil,
  tally: Tally,
): { readonly notes: AnswerNotes; readonly columns: SampleColumns } {
  const cursor = createJsonCursor(bytes);
  const columns = createSampleColumns(1024);
  const notes = { status: '', errorType: '', error: '', warnings: [] as string[], series: 0 };
  let resultType = '';
  let resultAt = -1;
  let resultRead = false;
  let points = 0;
  let timeStart = 0;
  let timeEnd = 0;
  let valueStart = 0;
  let valueEnd = 0;

  function unreadable(what: string): never {
    throw new KybernError('KYBERN_BODY_UNREADABLE', `not an answer of a query API: ${what}`);
  }

  function text(): string {
    const value = cursor.value();
    return typeof value === 'string' ? value : unreadable('a text is none');
  }

  function readData(): void {
    if (cursor.peek() !== 0x7b) {
      cursor.skip();
      return;
    }
    cursor.members((key) => {
      if (key === 'resultType') resultType = text();
      else {
        if (key === 'result') {
          cursor.peek();
          resultAt = cursor.position;
          // As every server known writes it: what the result is, is told before it, and it is read only once.
          resultRead = notes.status === 'success' && resultType !== '';
        }
        if (key === 'result' && resultRead) readResult();
        else cursor.skip();
      }
    });
  }

  function readEnvelope(): void {
    cursor.members((key) => {
      if (key === 'status') notes.status = text();
      else if (key === 'errorType') notes.errorType = text();
      else if (key === 'error') notes.error = text();
      else if (key === 'data') readData();
      else if (key === 'isPartial') {
        if (cursor.value() === true) notes.warnings.push('the answer is partial');
      } else if ((key === 'warnings' || key === 'infos') && cursor.peek() === openBracket) {
        cursor.elements(() => void notes.warnings.push(text()));
      } else cursor.skip();
    });
    cursor.finish();
  }

  /** Finds time and value of `[seconds,"value"]`, as servers write it: without blanks. False where it is written otherwise. */
  function findCompactPoint(): boolean {
    let at = cursor.position;
    if (bytes[at] !== openBracket) return false;
    const timeFrom = ++at;
    while (bytes[at] > 0x20 && bytes[at] !== comma) at++;
    const timeTo = at;
    if (bytes[at] !== comma || bytes[at + 1] !== quote) return false;
    at += 2;
    const valueFrom = at;
    while (bytes[at] > 0x20 && bytes[at] !== quote) at++;
    if (bytes[at] !== quote || bytes[at + 1] !== closeBracket) return false;
    cursor.position = at + 2;
    timeStart = timeFrom;
    timeEnd = timeTo;
    valueStart = valueFrom;
    valueEnd = at;
    return true;
  }

  function findPoint(): void {
    cursor.expect(openBracket);
    cursor.number();
    timeStart = cursor.start;
    timeEnd = cursor.end;
    cursor.expect(comma);
    cursor.string();
    valueStart = cursor.start;
    valueEnd = cursor.end;
    cursor.expect(closeBracket);
  }

  function readPoint(series: number, taken: number): void {
    if (++points > limits.points) {
      throw new KybernError('KYBERN_BODY_TOO_LARGE', `more than ${limits.points} points`);
    }
    if (!findCompactPoint()) findPoint();
    const seconds = parseDecimal(bytes, timeStart, timeEnd) ?? unreadable('a time is none');
    const value = parseDecimal(bytes, valueStart, valueEnd) ?? unreadable('a value is none');
    const timeMs = Math.round(seconds * 1000);
    tally.received++;
    if (series < 0) tally.rejected[refusalReason(series)]++;
    else if (Number.isNaN(value)) tally.dropped.nan++;
    else if (!Number.isFinite(value)) tally.dropped.infinite++;
    else if (!(timeMs > 0)) tally.rejected.time++;
    else if (timeMs > limits.latestMs) tally.rejected.future++;
    else if (timeMs <= taken) tally.dropped.duplicate++;
    else {
      columns.push(series, timeMs, value);
      tally.accepted++;
    }
  }

  function skipHistograms(each: boolean): void {
    const count = () => {
      tally.received++;
      tally.rejected.unsupported++;
      cursor.skip();
    };
    if (each) cursor.elements(count);
    else count();
  }

  function readSeries(): void {
    if (++notes.series > limits.series) {
      throw new KybernError('KYBERN_BODY_TOO_LARGE', `more than ${limits.series} series`);
    }
    let series: number | undefined;
    let pointsAt = -1;
    let many = false;
    const read = (id: number) => {
      const taken = id < 0 ? 0 : takenUntil(id);
      const readNext = () => readPoint(id, taken);
      if (many) cursor.elements(readNext);
      else readPoint(id, taken);
    };
    cursor.members((key) => {
      if (key === 'metric') {
        if (cursor.peek() !== 0x7b) unreadable('a metric is none');
        const start = cursor.position;
        cursor.skip();
        series = seriesOf(bytes, start, cursor.position);
      } else if (key === 'values' || key === 'value') {
        many = key === 'values';
        if (series !== undefined) read(series);
        else {
          pointsAt = cursor.position;
          cursor.skip();
        }
      } else if (key === 'histograms' || key === 'histogram') skipHistograms(key === 'histograms');
      else cursor.skip();
    });
    if (series === undefined) unreadable('a series has no metric');
    if (pointsAt < 0) return;
    // The members of an object may stand in any order, though no server known puts the points first.
    const behind = cursor.position;
    cursor.position = pointsAt;
    read(series);
    cursor.position = behind;
  }

  function readResult(): void {
    if (resultType === 'matrix' || resultType === 'vector') cursor.elements(readSeries);
    else if (resultType === 'scalar' || resultType === 'string') {
      tally.received++;
      tally.rejected.unsupported++;
      cursor.skip();
    } else unreadable(`result type ${JSON.stringify(resultType.slice(0, 40))}`);
  }

  readEnvelope();
  if (notes.status !== 'success') {
    return notes.status === 'error' ? { notes, columns } : unreadable('it has no status');
  }
  if (resultAt < 0) unreadable('it has no result');
  if (!resultRead) {
    cursor.position = resultAt;
    readResult();
  }
  return { notes, columns };
}
