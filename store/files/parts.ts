import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Layout, Span } from './layout.ts';
import { mergeGroups } from './merge-groups.ts';
import { type GroupEntry, readFooter, readGroups, writePart } from './part-file.ts';

/** Rows of one kind as immutable files, merged as they grow in number: a log-structured merge tree (O'Neil et al., 1996). */
export interface Parts<G> {
  readonly bytes: number;
  /** Durable once resolved. Each group is of the partition given. */
  write(partition: number, group: G): Promise<void>;
  /** The groups that `wanted` says yes to, those written first first. */
  read(wanted: (span: Span) => boolean): AsyncGenerator<G>;
  /** Entries of all groups that `wanted` says yes to, and how to read one. */
  find(wanted: (span: Span) => boolean): Promise<readonly FoundGroup<G>[]>;
  /** Distinct keys. */
  count(): Promise<number>;
  /** Newest time of the part that is to go first, undefined where there is none. */
  readonly oldestMs: number | undefined;
  /** Deletes that part. */
  dropOldest(): Promise<void>;
}

export interface FoundGroup<G> {
  readonly span: Span;
  readonly rows: number;
  load(): Promise<G>;
}

interface Part {
  readonly path: string;
  readonly sequence: number;
  readonly level: number;
  readonly partition: number;
  readonly bytes: number;
  readonly rows: number;
  readonly span: Span;
}

const mergeAt = 8;
/** Of some thousand writes: larger parts would be slow to merge and coarse to delete. */
const topLevel = 4;

/** Opens the parts in a directory; what a crash left half written goes, what is damaged is set aside. */
export async function openParts<G>(directory: string, layout: Layout<G>): Promise<Parts<G>> {
  await mkdir(directory, { recursive: true });
  let parts: Part[] = await load(directory);
  let nextSequence = parts.reduce((next, part) => Math.max(next, part.sequence + 1), 0);
  let counted = new Map<string, number>();

  async function write(partition: number, group: G): Promise<void> {
    if (layout.rows(group) === 0) return;
    await add(partition, 0, nextSequence, groupsOf(layout, group));
    nextSequence += 1;
    for (let level = 0; level < topLevel; level++) await mergeLevel(partition, level);
  }

  async function add(partition: number, level: number, sequence: number, groups: AsyncIterable<G>): Promise<void> {
    const path = join(directory, `${String(sequence).padStart(12, '0')}-${level}.part`);
    const { footer, bytes } = await writePart(path, partition, encoded(layout, groups));
    await syncDirectory(directory);
    // A merge cut short may have left a part of this name, which this one replaces.
    parts = [...parts.filter((part) => part.path !== path), partOf(path, sequence, level, footer, bytes)];
    parts.sort((a, b) => a.sequence - b.sequence || b.level - a.level);
  }

  async function mergeLevel(partition: number, level: number): Promise<void> {
    const merged = parts.filter((part) => part.partition === partition && part.level === level);
    if (merged.length < mergeAt) return;
    const last = merged[merged.length - 1];
    await add(partition, level + 1, last.sequence, mergeGroups(layout, merged.map(allOf)));
    await remove(merged);
  }

  async function remove(gone: readonly Part[]): Promise<void> {
    parts = parts.filter((part) => !gone.includes(part));
    for (const { path } of gone) await rm(path, { force: true });
  }

  function allOf(part: Part): AsyncIterable<G> {
    return groupsIn(part, () => true);
  }

  async function* groupsIn(part: Part, wanted: (span: Span) => boolean): AsyncGenerator<G> {
    for await (const bytes of readGroups(part.path, (await entriesOf(part)).filter(wanted))) yield layout.decode(bytes);
  }

  async function* read(wanted: (span: Span) => boolean): AsyncGenerator<G> {
    for (const part of parts.filter(({ span }) => wanted(span))) yield* groupsIn(part, wanted);
  }

  async function find(wanted: (span: Span) => boolean): Promise<readonly FoundGroup<G>[]> {
    const found: FoundGroup<G>[] = [];
    for (const part of parts.filter(({ span }) => wanted(span))) {
      for (const entry of (await entriesOf(part)).filter(wanted))
        found.push({ span: entry, rows: entry.rows, load: () => loadOne(part.path, entry) });
    }
    return found;
  }

  async function loadOne(path: string, entry: GroupEntry): Promise<G> {
    for await (const bytes of readGroups(path, [entry])) return layout.decode(bytes);
    return layout.collector().take();
  }

  async function count(): Promise<number> {
    const known = new Map<string, number>();
    for (const own of Map.groupBy(parts, (part) => part.partition).values()) {
      const name = own.map((part) => part.path).join();
      known.set(name, counted.get(name) ?? (await countIn(own)));
    }
    counted = known;
    return [...known.values()].reduce((sum, rows) => sum + rows, 0);
  }

  async function countIn(own: readonly Part[]): Promise<number> {
    if (own.length === 1) return own[0].rows;
    let rows = 0;
    for await (const group of mergeGroups(layout, own.map(allOf))) rows += layout.rows(group);
    return rows;
  }

  const oldest = () =>
    parts.reduce<Part | undefined>(
      (found, part) => (found === undefined || part.span.toMs < found.span.toMs ? part : found),
      undefined,
    );

  return {
    get bytes() {
      return parts.reduce((sum, part) => sum + part.bytes, 0);
    },
    write,
    read,
    find,
    count,
    get oldestMs() {
      return oldest()?.span.toMs;
    },
    dropOldest: async () => {
      const part = oldest();
      if (part !== undefined) await remove([part]);
    },
  };
}

async function load(directory: string): Promise<Part[]> {
  const parts: Part[] = [];
  for (const name of (await readdir(directory)).sort()) {
    const path = join(directory, name);
    const [, sequence, level] = /^(\d+)-(\d)\.part$/.exec(name) ?? [];
    if (sequence === undefined) {
      if (name.endsWith('.tmp')) await rm(path);
      continue;
    }
    const found = await readFooter(path);
    if (found === undefined) await rename(path, `${path}.damaged`);
    else parts.push(partOf(path, Number(sequence), Number(level), found.footer, found.bytes));
  }
  return parts.sort((a, b) => a.sequence - b.sequence || b.level - a.level);
}

async function entriesOf({ path }: Part): Promise<readonly GroupEntry[]> {
  return (await readFooter(path))?.footer.groups ?? [];
}

function partOf(
  path: string,
  sequence: number,
  level: number,
  { partition, groups }: { readonly partition: number; readonly groups: readonly GroupEntry[] },
  bytes: number,
): Part {
  const lows = groups.map((group) => group.low).sort();
  const highs = groups.map((group) => group.high).sort();
  const span = {
    low: lows[0],
    high: highs[highs.length - 1],
    fromMs: groups.reduce((least, group) => Math.min(least, group.fromMs), Number.POSITIVE_INFINITY),
    toMs: groups.reduce((most, group) => Math.max(most, group.toMs), Number.NEGATIVE_INFINITY),
  };
  const rows = groups.reduce((sum, group) => sum + group.rows, 0);
  return { path, sequence, level, partition, bytes, rows, span };
}

async function* groupsOf<G>(layout: Layout<G>, group: G): AsyncGenerator<G> {
  const collector = layout.collector();
  for (let row = 0; row < layout.rows(group); row++) {
    collector.add(group, row);
    if (collector.rows === layout.rowsPerGroup) yield collector.take();
  }
  if (collector.rows > 0) yield collector.take();
}

async function* encoded<G>(layout: Layout<G>, groups: AsyncIterable<G>) {
  for await (const group of groups)
    yield { bytes: layout.encode(group), rows: layout.rows(group), span: layout.spanOf(group) };
}

async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
