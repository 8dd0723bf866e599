import fc from 'fast-check';
import { expect, test } from 'vitest';
import { KybernError } from '../../model/index.ts';
import { memoryQuarantine } from '../testing/rejecting.ts';
import type { Connection } from './connection.ts';
import { type InsertBody, jsonBody, nativeBody } from './insert-body.ts';
import { insertSplitting } from './insert-splitting.ts';
import { createStringColumn, nativeBlock } from './native-block.ts';

const refused = (code: number) =>
  new KybernError('KYBERN_STORE', `Code: ${code}. DB::Exception: no (SOME_NAME)`, {
    cause: new Error(`Code: ${code}.`),
  });

/** A table that refuses a body with a bad row in it, or one of more rows than it takes. */
function tableWith(isBad: (row: number) => boolean, mostRows = Number.POSITIVE_INFINITY) {
  const taken: number[] = [];
  const tokens: string[] = [];
  const insert: Connection['insert'] = async (_table, _format, body, token) => {
    const rows = Buffer.concat(body)
      .toString()
      .split('\n')
      .flatMap((line) => (line === '' ? [] : [(JSON.parse(line) as { n: number }).n]));
    if (rows.length > mostRows) throw refused(241);
    if (rows.some(isBad)) throw refused(27);
    taken.push(...rows);
    tokens.push(token ?? '');
  };
  return { connection: { insert } as unknown as Connection, taken, tokens };
}

const bodyOf = (count: number): InsertBody => jsonBody(Array.from({ length: count }, (_, n) => ({ n })));

test('whatever rows are refused for what is in them are set aside, and all others are there once, in order', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 60 }), fc.uniqueArray(fc.nat(59)), async (count, bad) => {
      const table = tableWith((row) => bad.includes(row));
      const quarantine = memoryQuarantine();
      await insertSplitting(table.connection, quarantine, { table: 'logs', body: bodyOf(count), token: 'log 0-9' });
      const all = Array.from({ length: count }, (_, n) => n);
      expect(table.taken).toEqual(all.filter((n) => !bad.includes(n)));
      expect(quarantine.rows.map(({ row }) => row)).toEqual(all.filter((n) => bad.includes(n)));
      for (const { bytes, row } of quarantine.rows)
        expect(JSON.parse(Buffer.from(bytes).toString())).toEqual({ n: row });
      expect(new Set(table.tokens).size).toBe(table.tokens.length);
    }),
    { numRuns: 100 },
  );
});

test('too much at once is sent in parts under tokens that are the same in every retry', async () => {
  const runs = await Promise.all(
    [1, 2].map(async () => {
      const table = tableWith(() => false, 10);
      await insertSplitting(table.connection, memoryQuarantine(), { table: 'logs', body: bodyOf(35), token: 't' });
      expect(table.taken).toHaveLength(35);
      return table.tokens;
    }),
  );
  expect(runs[0]).toEqual(runs[1]);
});

test('what may pass later is not split, and a row that is too much by itself is never given up', async () => {
  const quarantine = memoryQuarantine();
  let asked = 0;
  const failing = (code: number) =>
    ({
      insert: async () => {
        asked += 1;
        throw refused(code);
      },
    }) as unknown as Connection;
  const send = (code: number, count: number) =>
    insertSplitting(failing(code), quarantine, { table: 'logs', body: bodyOf(count), token: 't' });
  for (const code of [252, 202, 159, 60]) await expect(send(code, 8)).rejects.toMatchObject({ code: 'KYBERN_STORE' });
  expect(asked).toBe(4);
  await expect(send(241, 1)).rejects.toMatchObject({ code: 'KYBERN_STORE' });
  expect(quarantine.rows).toEqual([]);
});

test('a stretch of a Native body is that of its rows alone', () => {
  const texts = ['', 'one', 'x'.repeat(300), '☃', 'last'];
  const column = (some: readonly string[]) => {
    const strings = createStringColumn();
    for (const text of some) strings.push(Buffer.from(text));
    return { name: 'body', type: 'String', data: [strings.bytes()] };
  };
  const numbers = (from: number, to: number) => ({
    name: 'n',
    type: 'UInt16',
    data: [new Uint8Array(Uint16Array.from({ length: to - from }, (_, i) => from + i).buffer)],
  });
  const body = nativeBody(5, [column(texts), numbers(0, 5)]);
  for (let from = 0; from < 5; from++) {
    for (let to = from + 1; to <= 5; to++)
      expect(Buffer.concat(body.bytes(from, to))).toEqual(
        Buffer.concat(nativeBlock(to - from, [column(texts.slice(from, to)), numbers(from, to)])),
      );
  }
});
