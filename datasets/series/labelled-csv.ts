import { KybernError } from '../../model/index.ts';
import { cell, readText, utcMs } from './csv.ts';
import { createSeriesBuilder, type RecordedSeries } from './recorded-series.ts';

/** What the columns are called, in lower case, over all the sets. */
const columnNames = {
  time: ['timestamp', 'time', 'date', 'ts'],
  value: ['value'],
  label: ['label', 'is_anomaly', 'anomaly'],
  series: ['kpi id', 'id'],
} as const;

/**
 * The series of one CSV file with a time, a value and perhaps a label column (byte order mark, CR LF, quotes and any
 * order of columns are taken). Times are Unix seconds, milliseconds or ISO 8601 without a zone, which means UTC. Empty
 * cells are gaps: such points are left out, as a sender would not send them. A column `KPI ID` parts the rows into
 * series. Rejects with KYBERN_DATASET where the file cannot be read or is none of that.
 */
export async function readLabelledCsv(path: string, name: string): Promise<readonly RecordedSeries[]> {
  const text = (await readText(path)).replace(/^\uFEFF/, '');
  const headerEnd = lineEnd(text, 0);
  const header = fieldsOf(text.slice(0, headerEnd)).map((field) => field.trim().toLowerCase());
  const column = (wanted: readonly string[]): number => header.findIndex((field) => wanted.includes(field));
  const timeColumn = column(columnNames.time);
  const valueColumn = column(columnNames.value);
  const labelColumn = column(columnNames.label);
  const seriesColumn = column(columnNames.series);
  if (timeColumn < 0 || valueColumn < 0) {
    throw new KybernError('KYBERN_DATASET', `${path} has no columns timestamp and value`);
  }
  const builders = new Map<string, ReturnType<typeof createSeriesBuilder>>();
  let rows = 0;
  let understood = 0;
  for (let at = headerEnd + 1; at < text.length; ) {
    const end = lineEnd(text, at);
    const fields = fieldsOf(text.slice(at, end));
    at = end + 1;
    if (fields.length < 2) continue;
    rows += 1;
    const id = seriesColumn < 0 ? '' : `/${fields[seriesColumn]}`;
    let builder = builders.get(id);
    if (builder === undefined) {
      builder = createSeriesBuilder(name + id, labelColumn >= 0);
      builders.set(id, builder);
    }
    const timeMs = timeOf(fields[timeColumn] ?? '');
    if (Number.isFinite(timeMs)) understood += 1;
    const label = cell(fields[labelColumn]);
    builder.add(timeMs, cell(fields[valueColumn]), label > 0 ? 1 : 0);
  }
  if (understood * 2 < rows || rows === 0) {
    throw new KybernError('KYBERN_DATASET', `${path}: of ${rows} rows ${understood} have a time that is understood`);
  }
  return [...builders.values()].map((builder) => inTimeOrder(builder.finish()));
}

function lineEnd(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  return end < 0 ? text.length : end;
}

function fieldsOf(line: string): string[] {
  return line.replaceAll(/["\r]/g, '').split(',');
}

/** Beyond this a number of a time is milliseconds: as seconds it would lie in the year 5138. */
const firstMilliseconds = 1e11;

function timeOf(text: string): number {
  const trimmed = text.trim();
  if (trimmed === '') return Number.NaN;
  const number = Number(trimmed);
  if (Number.isNaN(number)) return utcMs(trimmed);
  return number >= firstMilliseconds ? number : number * 1000;
}

/** Rows sorted by time where the file has them otherwise; of equal times the first row is kept. */
function inTimeOrder(series: RecordedSeries): RecordedSeries {
  const { timesMs, values, labels } = series;
  if (timesMs.every((timeMs, at) => at === 0 || timeMs > timesMs[at - 1]!)) return series;
  const sorted = Uint32Array.from(timesMs, (_, at) => at).sort((a, b) => timesMs[a]! - timesMs[b]! || a - b);
  const order = sorted.filter((at, place) => place === 0 || timesMs[at] !== timesMs[sorted[place - 1]!]);
  return {
    name: series.name,
    timesMs: Float64Array.from(order, (at) => timesMs[at]!),
    values: Float64Array.from(order, (at) => values[at]!),
    ...(labels === undefined ? {} : { labels: Uint8Array.from(order, (at) => labels[at]!) }),
  };
}
