import { mkdir, open, readFile, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { KybernError, type Metrics } from '../model/index.ts';

/** A row that the database refuses for what is in it. */
export interface RejectedRow {
  readonly table: string;
  readonly token: string;
  readonly row: number;
  readonly reason: string;
  readonly format: string;
  /** The row in that format: what an insert would carry. */
  readonly bytes: Uint8Array;
}

/** Where rows go that would hold all others up. */
export interface Quarantine {
  /** Durable once resolved. Rejects with KYBERN_STORE where it can't be: then nothing may go past the row. */
  put(row: RejectedRow): Promise<void>;
}

/**
 * A file of one JSON object a line, fsynced with each. Beyond `mostBytes` rows are counted only. A row that comes again
 * after a crash is known by its table, token and place.
 */
export function createQuarantine(path: string, mostBytes: number, metrics: Metrics): Quarantine {
  const rejected = metrics.counter('kybern_store_rejected_rows_total', 'Rows refused for what is in them.', ['table']);
  const unkept = metrics.counter('kybern_store_rejected_unkept_total', 'Rejected rows that had no room.', ['table']);
  let known: Set<string> | undefined;
  let size = 0;

  async function load(): Promise<Set<string>> {
    const text = await readFile(path, 'utf8').catch(() => '');
    size = await stat(path).then(
      (file) => file.size,
      () => 0,
    );
    return new Set(text.split('\n').flatMap((line) => keyOfLine(line) ?? []));
  }

  async function put({ bytes, ...row }: RejectedRow): Promise<void> {
    const key = keyOf(row);
    try {
      known ??= await load();
      if (known.has(key)) return;
      const line = `${JSON.stringify({ ...row, base64: Buffer.from(bytes).toString('base64') })}\n`;
      if (size + line.length > mostBytes) {
        unkept.add(1, { table: row.table });
      } else {
        await appendDurably(line);
        size += line.length;
      }
      known.add(key);
    } catch (error) {
      throw new KybernError('KYBERN_STORE', `${path}: ${String(error)}`, { cause: error });
    }
    rejected.add(1, { table: row.table });
  }

  async function appendDurably(line: string): Promise<void> {
    await mkdir(dirname(path), { recursive: true });
    const file = await open(path, 'a');
    try {
      await file.write(line);
      await file.sync();
    } finally {
      await file.close();
    }
  }

  return { put };
}

function keyOf({ table, token, row }: Pick<RejectedRow, 'table' | 'token' | 'row'>): string {
  return `${table} ${token} ${row}`;
}

function keyOfLine(line: string): string | undefined {
  try {
    return keyOf(JSON.parse(line) as RejectedRow);
  } catch {
    // A line that a crash cut short: its row comes again.
    return undefined;
  }
}
