import type { InsertFormat } from './connection.ts';
import { type NativeColumn, nativeBlock } from './native-block.ts';

/** Rows on their way into a table, of which any stretch can be sent alone. */
export interface InsertBody {
  readonly rows: number;
  readonly format: InsertFormat;
  /** Rows [from, to) in the format. */
  bytes(from: number, to: number): readonly Uint8Array[];
}

export function jsonBody(rows: readonly object[]): InsertBody {
  const bytes = (from: number, to: number) => [
    Buffer.from(
      rows
        .slice(from, to)
        .map((row) => `${JSON.stringify(row)}\n`)
        .join(''),
    ),
  ];
  return { rows: rows.length, format: 'JSONEachRow', bytes };
}

export function nativeBody(rows: number, columns: readonly NativeColumn[]): InsertBody {
  const bytes = (from: number, to: number) =>
    from === 0 && to === rows
      ? nativeBlock(rows, columns)
      : nativeBlock(
          to - from,
          columns.map((column) => stretchOf(column, rows, from, to)),
        );
  return { rows, format: 'Native', bytes };
}

function stretchOf(column: NativeColumn, rows: number, from: number, to: number): NativeColumn {
  const data = column.data.length === 1 ? column.data[0] : Buffer.concat(column.data);
  if (column.type !== 'String') {
    const width = data.byteLength / rows;
    return { ...column, data: [data.subarray(from * width, to * width)] };
  }
  const start = afterTexts(data, 0, from);
  return { ...column, data: [data.subarray(start, afterTexts(data, start, to - from))] };
}

/** Where the text behind `count` others begins; each is its length as a varint, then its bytes. */
function afterTexts(data: Uint8Array, at: number, count: number): number {
  let place = at;
  for (let text = 0; text < count; text++) {
    let length = 0;
    let factor = 1;
    let byte = 0;
    do {
      byte = data[place++];
      length += (byte & 0x7f) * factor;
      factor *= 128;
    } while (byte >= 0x80);
    place += length;
  }
  return place;
}
