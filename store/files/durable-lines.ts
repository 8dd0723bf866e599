import { open, readFile, rename, rm, writeFile } from 'node:fs/promises';

/** A file of JSON lines that survives crashes: appended and fsynced; a line cut short at its end is dropped. */
export interface DurableLines {
  readonly bytes: number;
  append(values: readonly unknown[]): Promise<void>;
  /** Puts these in place of all there is, whole or not at all. */
  replace(values: Iterable<unknown>): Promise<void>;
}

export async function openDurableLines(path: string, take: (value: unknown) => void): Promise<DurableLines> {
  let bytes = 0;
  const text = await readFile(path, 'utf8').catch(() => '');
  for (const line of text.slice(0, text.lastIndexOf('\n') + 1).split('\n')) {
    const value = parse(line);
    if (value !== undefined) take(value);
  }
  bytes = Buffer.byteLength(text.slice(0, text.lastIndexOf('\n') + 1));

  async function append(values: readonly unknown[]): Promise<void> {
    if (values.length === 0) return;
    const lines = Buffer.from(values.map((value) => `${JSON.stringify(value)}\n`).join(''));
    const file = await open(path, 'a+');
    try {
      // What a crash or a full disk left of a line must not be joined to the next.
      await file.truncate(bytes);
      await file.write(lines);
      await file.sync();
      bytes += lines.byteLength;
    } finally {
      await file.close();
    }
  }

  async function replace(values: Iterable<unknown>): Promise<void> {
    const beside = `${path}.tmp`;
    const lines = Buffer.from(Array.from(values, (value) => `${JSON.stringify(value)}\n`).join(''));
    try {
      await writeFile(beside, lines, { flush: true });
      await rename(beside, path);
    } catch (error) {
      await rm(beside, { force: true }).catch(() => {});
      throw error;
    }
    bytes = lines.byteLength;
  }

  return {
    get bytes() {
      return bytes;
    },
    append,
    replace,
  };
}

function parse(line: string): unknown {
  try {
    return line === '' ? undefined : JSON.parse(line);
  } catch {
    return undefined;
  }
}
