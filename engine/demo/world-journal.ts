import { closeSync, existsSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** What it takes to make the same world again: its seed, its start, and every write to its cluster. */
export interface WorldJournal<Write> {
  readonly seed: number;
  readonly startMs: number;
  readonly writes: readonly Write[];
  /** Durable when it returns: a cluster does not forget a write because Kybern was killed. */
  append(write: Write): void;
  /** Notes that the world was alive at this moment. */
  alive(nowMs: number): void;
  /** When it was last alive; its start if never noted. */
  readonly lastAliveMs: number;
  close(): void;
}

interface Head {
  readonly seed: number;
  readonly startMs: number;
}

type Line<Write> = { readonly head: Head } | { readonly write: Write } | { readonly aliveMs: number };

/** Opens the journal in this directory, or begins one with the given head. Lines torn by a crash are left out. */
export function openWorldJournal<Write>(directory: string, fresh: Head): WorldJournal<Write> {
  const path = join(directory, 'world.jsonl');
  const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
  const lines = parseLines<Write>(text);
  const head = lines.find((line): line is { head: Head } => 'head' in line)?.head ?? fresh;
  const writes = lines.flatMap((line) => ('write' in line ? [line.write] : []));
  const noted = lines.flatMap((line) => ('aliveMs' in line ? [line.aliveMs] : [])).at(-1);
  let lastAliveMs = noted ?? head.startMs;

  const file = openSync(path, 'a');
  function put(line: Line<Write>, durable: boolean): void {
    writeSync(file, `${JSON.stringify(line)}\n`);
    if (durable) fsyncSync(file);
  }
  // A line torn by a crash must not swallow the next one.
  if (text !== '' && !text.endsWith('\n')) writeSync(file, '\n');
  if (!lines.some((line) => 'head' in line)) put({ head }, true);

  return {
    seed: head.seed,
    startMs: head.startMs,
    writes,
    append(write) {
      writes.push(write);
      put({ write }, true);
    },
    alive(nowMs) {
      lastAliveMs = nowMs;
      put({ aliveMs: nowMs }, false);
    },
    get lastAliveMs() {
      return lastAliveMs;
    },
    close: () => closeSync(file),
  };
}

function parseLines<Write>(text: string): Line<Write>[] {
  return text.split('\n').flatMap((line) => {
    try {
      return line === '' ? [] : [JSON.parse(line) as Line<Write>];
    } catch {
      return [];
    }
  });
}
