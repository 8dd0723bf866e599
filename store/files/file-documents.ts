import { join } from 'node:path';
import type { Decision } from '../../model/index.ts';
import { createMemoryDocuments, type MemoryDocuments } from '../memory/memory-documents.ts';
import { openDurableLines } from './durable-lines.ts';

/** Decisions in a file of lines, the newest of each type in memory too; rewritten when most of it is out of date. */
export interface FileDocuments extends Omit<MemoryDocuments, 'put' | 'all'> {
  write(decisions: readonly Decision[]): Promise<void>;
}

const leastToCompact = 1 << 20;

export async function openFileDocuments(directory: string, mostOfAType: number): Promise<FileDocuments> {
  const { put, all, ...reads } = createMemoryDocuments(mostOfAType);
  const lines = await openDurableLines(join(directory, 'decisions.jsonl'), (value) => put([value as Decision]));
  let bytesWhenCompact = lines.bytes;

  async function write(decisions: readonly Decision[]): Promise<void> {
    await lines.append(decisions);
    put(decisions);
    if (lines.bytes < leastToCompact + 2 * bytesWhenCompact) return;
    await lines.replace(all());
    bytesWhenCompact = lines.bytes;
  }

  return { write, ...reads };
}
