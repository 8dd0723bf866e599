import { open, readdir, readFile, truncate } from 'node:fs/promises';
import { join } from 'node:path';

interface Part {
  readonly partition: string;
  readonly from: number;
  readonly to: number;
}

const added = '1';
const dropped = '2';

/**
 * ClickHouse notes the token of an insert before it puts the part in its place (MergeTreeSink.cpp): killed in between, it
 * would hold the insert for done when it is sent again, and its rows would be lost. So before the engine starts, tokens whose
 * part is nowhere are taken back in its deduplication logs. `data` is the engine's directory, on which nothing runs.
 * Gives the number of tokens taken back; rejects as the disk does.
 */
export async function forgetUnwrittenParts(data: string): Promise<number> {
  let forgotten = 0;
  for (const table of await tablesIn(join(data, 'store'))) {
    const logs = await logsOf(table);
    const last = logs.at(-1);
    if (last === undefined) continue;
    const parts = (await namesIn(table)).map(partOf).filter((part) => part !== undefined);
    const unwritten = [...(await noted(logs))].filter(([, name]) => !isThere(name, parts));
    if (unwritten.length > 0) await append(last, unwritten);
    forgotten += unwritten.length;
  }
  return forgotten;
}

async function tablesIn(store: string): Promise<readonly string[]> {
  const groups = await namesIn(store);
  const tables = await Promise.all(
    groups.map(async (group) => (await namesIn(join(store, group))).map((table) => join(store, group, table))),
  );
  return tables.flat();
}

/** Oldest first. */
async function logsOf(table: string): Promise<readonly string[]> {
  const directory = join(table, 'deduplication_logs');
  const number = (name: string) => Number(/^deduplication_log_(\d+)\.txt$/.exec(name)?.[1]);
  return (await namesIn(directory))
    .filter((name) => Number.isInteger(number(name)))
    .sort((one, other) => number(one) - number(other))
    .map((name) => join(directory, name));
}

/** Part names by token. A line that was torn by the end is cut off: what would follow it could not be read. */
async function noted(logs: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const tokens = new Map<string, string>();
  for (const log of logs) {
    const bytes = await readFile(log);
    const end = bytes.lastIndexOf('\n') + 1;
    if (end < bytes.length) await truncate(log, end);
    for (const line of bytes.toString('utf8', 0, end).split('\n')) {
      const [operation, part, token] = line.split('\t');
      if (part === undefined || token === undefined) continue;
      if (operation === added) tokens.set(token, part);
      if (operation === dropped) tokens.delete(token);
    }
  }
  return tokens;
}

async function append(log: string, unwritten: readonly (readonly [token: string, part: string])[]): Promise<void> {
  const file = await open(log, 'a');
  try {
    await file.writeFile(unwritten.map(([token, part]) => `${dropped}\t${part}\t${token}\n`).join(''));
    await file.sync();
  } finally {
    await file.close();
  }
}

/** `<partition>_<first block>_<last block>_<merges>`, with a fourth number where it was mutated. */
function partOf(name: string): Part | undefined {
  const [, partition, from, to] = /^(.+?)_(\d+)_(\d+)_\d+(?:_\d+)?$/.exec(name) ?? [];
  return partition === undefined ? undefined : { partition, from: Number(from), to: Number(to) };
}

/** The part itself, or one that it was merged into. */
function isThere(name: string, parts: readonly Part[]): boolean {
  const part = partOf(name);
  return (
    part === undefined ||
    parts.some(({ partition, from, to }) => partition === part.partition && from <= part.from && part.to <= to)
  );
}

async function namesIn(directory: string): Promise<readonly string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return [];
    throw error;
  }
}
