import type { HistoryColumns, HistoryQuery, SeriesKind } from '../model/index.ts';
import type { TimedColumns } from './timed-columns.ts';

const minuteMs = 60_000;

/** The past of some series out of memory: the query's series by place, undefined where a series is not known. */
export function historyColumns(
  { fromMs, toMs, resolution, series }: HistoryQuery,
  samplesOf: (place: number) => TimedColumns | undefined,
): HistoryColumns {
  const rows: [place: number, timeMs: number, value: number][] = [];
  for (const [place, { identity }] of series.entries()) {
    const samples = samplesOf(place);
    if (samples === undefined) continue;
    const first = rows.length;
    for (let at = samples.lowerBound(fromMs); at < samples.count && samples.time(at) < toMs; at++) {
      const timeMs = samples.time(at);
      const value = samples.value(0, at);
      const last = rows.length > first ? rows[rows.length - 1] : undefined;
      if (resolution === 'whole' || last === undefined || minuteOf(last[1]) !== minuteOf(timeMs))
        rows.push([place, timeMs, value]);
      else joinInto(last, timeMs, value, identity.kind);
    }
  }
  rows.sort((a, b) => a[1] - b[1]);
  return {
    count: rows.length,
    places: Uint32Array.from(rows, ([place]) => place),
    timesMs: Float64Array.from(rows, ([, timeMs]) => timeMs),
    values: Float64Array.from(rows, ([, , value]) => value),
  };
}

function joinInto(last: [number, number, number], timeMs: number, value: number, kind: SeriesKind): void {
  last[1] = timeMs;
  last[2] = kind === 'delta' ? last[2] + value : value;
}

function minuteOf(timeMs: number): number {
  return Math.floor(timeMs / minuteMs);
}
