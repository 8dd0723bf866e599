import { KybernError, type StateFiles } from '../../../model/index.ts';
import type { BlockProducer } from './block-producer.ts';
import type { PartitionReader, PartitionRef } from './partition-reader.ts';
import { chunksOf, createStateSlots } from './state-slots.ts';

export interface PartitionStateDeps {
  /** The partition of the state topic that holds it. */
  readonly ref: PartitionRef;
  /** Of the membership under which this process owns the partition. */
  readonly generation: number;
  /** Resolves where this process owns the partition still, as its group's coordinator says now. Rejects KYBERN_FENCED. */
  readonly confirm: () => Promise<void>;
  readonly reader: PartitionReader;
  readonly producer: BlockProducer;
}

/**
 * State that moves with a partition, in a compacted topic. Before each put the group is asked whether this process is
 * still the owner; were it paused right behind the answer, its epoch (the group's generation) would be lower than that of
 * the new owner, and readers take the highest.
 */
export async function openPartitionState(deps: PartitionStateDeps): Promise<StateFiles> {
  const { ref, reader, producer, generation, confirm } = deps;
  const slots = createStateSlots();
  const [{ first, next }] = await reader.offsets([ref]);
  for (let position = first; position < next; ) {
    const records = await reader.fetch({ ...ref, offset: position, maxBytes: 8 << 20 });
    if (records.length === 0) break;
    for (const { key, value } of records) if (key !== null) slots.take(key.toString(), value);
    position = records[records.length - 1].offset + 1;
  }
  // Who lost the partition while reading must not take what the new owner wrote for a group that was made anew.
  await confirm();
  const epoch = slots.highestEpoch > generation ? slots.highestEpoch + 1 : generation;
  const values = new Map<string, Uint8Array | undefined>();
  const sequences = new Map<string, number>();
  let stale: string[] | undefined = slots.keysBefore(epoch);

  function lastOf(name: string) {
    if (!values.has(name)) {
      const found = slots.latest(name);
      values.set(name, found?.bytes);
      sequences.set(name, found?.mark.epoch === epoch ? found.mark.sequence : 0);
    }
    return values.get(name);
  }

  return {
    async get(name) {
      return lastOf(name);
    },
    async put(name, value) {
      const bytes = value instanceof Uint8Array ? value : Buffer.concat(value);
      lastOf(name);
      await confirm();
      const sequence = (sequences.get(name) ?? 0) + 1;
      sequences.set(name, sequence);
      const chunks = chunksOf(name, bytes, { epoch, sequence });
      await Promise.all(
        chunks.map((chunk) => producer.append({ ...ref, key: Buffer.from(chunk.key), value: chunk.bytes })),
      );
      values.set(name, bytes);
      await forgetOlder(name);
    },
  };

  /** What earlier owners left is deleted once this one has put its own: the topic stays as small as what it holds. */
  async function forgetOlder(name: string): Promise<void> {
    const [own, others] = [[], []] as [string[], string[]];
    for (const key of stale ?? []) (key.endsWith(`/${name}`) ? own : others).push(key);
    stale = others;
    await Promise.all(own.map((key) => producer.append({ ...ref, key: Buffer.from(key), value: null })));
  }
}

/** That this process has lost what it wanted to write for. */
export function fenced(what: string): KybernError {
  return new KybernError('KYBERN_FENCED', `${what} belongs to another process now`);
}
