import type { Quarantine } from '../quarantine.ts';
import type { Connection } from './connection.ts';
import type { InsertBody } from './insert-body.ts';
import { refusalOf } from './refusal.ts';

/**
 * Inserts a body; what the engine refuses for its content is halved until the bad row is alone, which is set aside so
 * that it holds nothing else up. Every stretch has a token of its own, the same in every retry. Rejects with KYBERN_STORE for
 * all that may pass when tried again, also where even a single row is too much for the engine's memory.
 */
export async function insertSplitting(
  connection: Connection,
  quarantine: Quarantine,
  insert: { readonly table: string; readonly body: InsertBody; readonly token: string },
): Promise<void> {
  const { table, body, token } = insert;

  async function send(from: number, to: number): Promise<void> {
    const whole = from === 0 && to === body.rows;
    try {
      const bytes = body.bytes(from, to);
      await connection.insert(table, body.format, bytes, whole ? token : `${token} rows ${from}-${to}`);
    } catch (error) {
      const refusal = refusalOf(error);
      if (refusal !== 'content' && refusal !== 'size') throw error;
      if (to - from > 1) {
        const middle = (from + to) >>> 1;
        await send(from, middle);
        await send(middle, to);
      } else if (refusal === 'content') {
        const bytes = Buffer.concat(body.bytes(from, to));
        await quarantine.put({ table, token, row: from, reason: String(error), format: body.format, bytes });
      } else throw error;
    }
  }

  if (body.rows > 0) await send(0, body.rows);
}
