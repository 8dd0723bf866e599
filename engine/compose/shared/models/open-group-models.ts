import { createHash, randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createVersionFiles, type VersionStore } from '../../../../detectors/lstm/versions/index.ts';
import type { KafkaLog, PartitionTopic } from '../../../../ingest/log/index.ts';
import { type Clock, KybernError, type ProcessModels, shippedModelId } from '../../../../model/index.ts';
import { createModelLedger } from './model-ledger.ts';
import { decodeModelRecord, encodeModelRecord, type ModelRecord, pieceKeys, piecesOf } from './model-records.ts';

/** The versions that the processes of a group share, in the topic `models`, with a copy of the networks on this disk. */
export interface GroupModels {
  /** What any process writes all processes read, in one order: of two changes made at once the first counts. */
  readonly store: VersionStore;
  /** Follows the topic until the signal aborts; `changed` is told after each that came. */
  run(signal: AbortSignal, changed: () => void): Promise<void>;
  /** Resolves once all that is in the topic now was taken in, or after a few seconds. Rejects as the log does. */
  catchUp(): Promise<void>;
  /** Makes a copy on this disk that was lost or damaged anew. Rejects with KYBERN_DATA_DIR. */
  restore(path: string): Promise<void>;
  /** Tells the others what this process serves. */
  tell(process: ProcessModels): Promise<void>;
  /** What was told lately by those that live. */
  processes(): readonly ProcessModels[];
}

export interface GroupModelsDeps {
  readonly log: Pick<KafkaLog, 'open' | 'producer' | 'topics'>;
  /** Of this process's own: `<data-dir>/models-of-group`. */
  readonly directory: string;
  readonly clock: Clock;
  /** Told once of each thing that cannot be read. */
  readonly damaged: (detail: string) => void;
}

const readBytes = 4 << 20;
const retryMs = 500;
const longestWaitMs = 5_000;
/** Who tells nothing for so long has gone. */
const silentMs = 180_000;

/** Reads the topic to its end. Rejects with KYBERN_DATA_DIR, or as the log does. */
export async function openGroupModels(deps: GroupModelsDeps): Promise<GroupModels> {
  const { log, clock } = deps;
  const files = createVersionFiles(deps.directory);
  const told = new Set<string>();
  const damaged = (detail: string) => {
    if (!told.has(detail)) deps.damaged(detail);
    told.add(detail);
  };
  const ledger = createModelLedger(damaged);
  const topic = await log.open('models', 0);
  const waiting = new Set<() => void>();
  const kept = new Set<string>();
  let position = topic.firstOffset;

  const left = await files.read(() => {});
  while (await step());
  const known = new Set(ledger.stored().cards.map(({ id }) => id));
  for (const { id } of left.cards) if (!known.has(id)) await files.remove(id);

  /** Takes in the next records; whether there were any. */
  async function step(): Promise<boolean> {
    const records = await topic.read(position, readBytes);
    for (const { offset, bytes } of records) {
      const record = decodeModelRecord(bytes);
      if (record === undefined) damaged(`record ${offset} of ${topic.name} cannot be read`);
      else ledger.take(record);
      if (record?.kind === 'removed') await files.remove(record.id);
      position = offset + 1;
    }
    await keepFresh();
    for (const look of waiting) look();
    return records.length > 0;
  }

  /** Networks that came are put on this disk; where it refuses, whoever wants to load them tries again. */
  async function keepFresh(): Promise<void> {
    for (const id of ledger.networks.keys()) {
      if (kept.has(id)) continue;
      kept.add(id);
      await keep(id).catch((error: unknown) => {
        if (!(error instanceof KybernError)) throw error;
        damaged(`version ${id}: ${error.message}`);
      });
    }
  }

  async function keep(id: string): Promise<void> {
    const network = ledger.networks.get(id);
    if (network === undefined) return;
    const { card, bytes } = network;
    const there = await readFile(files.pathOf(id)).catch(() => new Uint8Array(0));
    if (createHash('sha256').update(there).digest('hex') === card.sha256) return;
    await files.remove(id);
    await files.add(card, bytes);
  }

  /** Resolves once everything below the offset was taken in, false where that takes too long. */
  async function taken(offset: number): Promise<boolean> {
    const done = Promise.withResolvers<boolean>();
    const look = () => position >= offset && done.resolve(true);
    const over = new AbortController();
    waiting.add(look);
    look();
    void clock.sleep(longestWaitMs, over.signal).then(() => done.resolve(false));
    try {
      return await done.promise;
    } finally {
      waiting.delete(look);
      over.abort();
    }
  }

  async function append(record: ModelRecord): Promise<number> {
    const offset = await log.producer.append({ topic: log.topics.models, partition: 0, ...encodeModelRecord(record) });
    topic.reached({ first: topic.firstOffset, next: offset + 1 });
    return offset;
  }

  /** Appends, and is done once this process has read it. */
  async function write(record: ModelRecord): Promise<void> {
    if (await taken((await append(record)) + 1)) return;
    throw new KybernError('KYBERN_LOG_UNAVAILABLE', 'what was written of models was not read back in time');
  }

  function servingOf(modelClass: string): string {
    const { cards, serving } = ledger.stored();
    const id = serving[modelClass] ?? shippedModelId;
    return cards.some((card) => card.id === id) ? id : shippedModelId;
  }

  const writeCard: VersionStore['writeCard'] = (card) => write({ kind: 'card', card });

  return {
    store: {
      read: async () => ledger.stored(),
      async add(card, bytes) {
        for (const piece of piecesOf(card.id, bytes)) await append(piece);
        await writeCard(card);
      },
      writeCard,
      async writeChange(change) {
        const ref = randomUUID();
        // What this process decided by is what it has taken in, which may be behind what the topic holds.
        if (servingOf(change.class) === change.from) {
          await write({ kind: 'change', number: ledger.nextNumber(change.class), ref, change });
          if (ledger.counts(ref)) return;
        }
        throw new KybernError(
          'KYBERN_CONFLICT',
          `Class ${change.class} was changed by another process at the same time: ${servingOf(change.class)} serves it now.`,
        );
      },
      async remove(id) {
        // What is deleted first leaves a card without its bytes, and never bytes without a card.
        const keys = pieceKeys(id, ledger.piecesOf(id));
        for (const key of keys) {
          await log.producer.append({ topic: log.topics.models, partition: 0, key, value: null });
        }
        await write({ kind: 'removed', id });
      },
      pathOf: files.pathOf,
    },
    async run(signal, changed) {
      while (!signal.aborted) {
        try {
          if (await step()) changed();
          else if (position < topic.nextOffset) await clock.sleep(retryMs, signal);
          else await topic.waitFor(position, signal);
        } catch (error) {
          if (!(error instanceof KybernError)) throw error;
          await clock.sleep(retryMs, signal);
        }
      }
    },
    async catchUp() {
      const end = await endOf(log);
      topic.reached({ first: topic.firstOffset, next: end });
      await taken(end);
    },
    async restore(path) {
      for (const id of ledger.networks.keys()) if (files.pathOf(id) === path) await keep(id);
    },
    tell: async (process) => void (await append({ kind: 'process', process })),
    processes: () => ledger.processes().filter(({ atMs }) => clock.now() - atMs < silentMs),
  };
}

/** The end of the topic, as the brokers say now. */
async function endOf(log: GroupModelsDeps['log']): Promise<number> {
  const topic: PartitionTopic = await log.open('models', 0);
  topic.close();
  return topic.nextOffset;
}
