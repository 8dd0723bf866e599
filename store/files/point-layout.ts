import { packColumns, unpackColumns } from './column-codec.ts';
import type { Collector, Layout } from './layout.ts';

/** Points by series (its number within this store) and time, with one value or more each. */
export interface Points {
  readonly rows: number;
  /** Column 0: series; column 1: time in milliseconds; then the values. */
  readonly columns: readonly Float64Array[];
}

const rowsPerGroup = 8192;

export function pointLayout(values: number): Layout<Points> {
  const width = values + 2;

  function collector(): Collector<Points> {
    let columns = newColumns();
    let rows = 0;
    return {
      get rows() {
        return rows;
      },
      add(points, row) {
        for (let column = 0; column < width; column++) columns[column][rows] = points.columns[column][row];
        rows += 1;
      },
      take() {
        const taken = { rows, columns };
        columns = newColumns();
        rows = 0;
        return taken;
      },
    };
  }

  function newColumns(): Float64Array[] {
    return Array.from({ length: width }, () => new Float64Array(rowsPerGroup));
  }

  return {
    rowsPerGroup,
    rows: (points) => points.rows,
    compare: (a, i, b, j) => a.columns[0][i] - b.columns[0][j] || a.columns[1][i] - b.columns[1][j],
    collector,
    spanOf({ rows, columns: [series, times] }) {
      let fromMs = Number.POSITIVE_INFINITY;
      let toMs = Number.NEGATIVE_INFINITY;
      for (let row = 0; row < rows; row++) {
        fromMs = Math.min(fromMs, times[row]);
        toMs = Math.max(toMs, times[row]);
      }
      return { low: seriesKey(series[0]), high: seriesKey(series[rows - 1]), fromMs, toMs };
    },
    encode: ({ columns, rows }) => packColumns(columns, rows),
    decode(bytes) {
      const columns = unpackColumns(bytes, width);
      return { rows: columns[0].length, columns };
    },
  };
}

/** A series' number so that texts sort as numbers do. */
export function seriesKey(number: number): string {
  return number.toString(16).padStart(8, '0');
}

/** Rows sorted by series and time; of rows with the same key that which came last stays. */
export function sortedPoints(rows: number, columns: readonly Float64Array[]): Points {
  const [series, times] = columns;
  const order = Uint32Array.from({ length: rows }, (_, row) => row);
  order.sort((a, b) => series[a] - series[b] || times[a] - times[b] || a - b);
  const kept = order.filter((row, i) => {
    const next = order[i + 1];
    return next === undefined || series[next] !== series[row] || times[next] !== times[row];
  });
  return { rows: kept.length, columns: columns.map((column) => Float64Array.from(kept, (row) => column[row])) };
}
