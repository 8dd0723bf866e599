import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { KybernError, ModelCard, ServingChange } from '../../../model/index.ts';
import { readJson, syncDirectory, writeDurably } from './durable-file.ts';
import type { VersionStore } from './version-store.ts';

const ServingFile = Type.Object({
  serving: Type.Record(Type.String(), Type.String()),
  history: Type.Array(ServingChange),
});

const modelName = 'forecast.onnx';
const cardName = 'card.json';
/** Names that begin with a dot are no versions: what is being written, and what training keeps. */
const unfinished = '.new-';

/**
 * The versions of a data directory: `<directory>/<id>/forecast.onnx` with its checksum and `card.json`, and
 * `<directory>/serving.json`. Rejects with KYBERN_DATA_DIR where the directory cannot be used.
 */
export function createVersionFiles(directory: string): VersionStore {
  const servingPath = join(directory, 'serving.json');

  async function readCard(id: string): Promise<ModelCard> {
    const card = await readJson(join(directory, id, cardName));
    if (!Value.Check(ModelCard, card) || card.id !== id) throw new SyntaxError(`${cardName} is no card of ${id}`);
    return card;
  }

  return {
    async read(damaged) {
      const cards: ModelCard[] = [];
      await usable(mkdir(directory, { recursive: true }));
      for (const entry of await usable(readdir(directory, { withFileTypes: true }))) {
        if (!entry.isDirectory()) continue;
        if (entry.name.startsWith(unfinished)) await rm(join(directory, entry.name), { recursive: true });
        if (entry.name.startsWith('.')) continue;
        try {
          cards.push(await readCard(entry.name));
        } catch (error) {
          damaged(`version ${entry.name}: ${String(error)}`);
        }
      }
      const empty = { serving: {}, history: [] };
      const stored = await readJson(servingPath).catch((error: unknown) => String(error));
      if (stored === undefined) return { cards, ...empty };
      if (Value.Check(ServingFile, stored)) return { cards, ...stored };
      damaged(`serving.json: ${typeof stored === 'string' ? stored : 'it is of another shape'}`);
      return { cards, ...empty };
    },
    async add(card, bytes) {
      const temporary = join(directory, `${unfinished}${card.id}`);
      await usable(rm(temporary, { recursive: true, force: true }));
      await usable(mkdir(temporary, { recursive: true }));
      await usable(writeDurably(join(temporary, modelName), bytes));
      await usable(writeDurably(join(temporary, `${modelName}.sha256`), `${card.sha256}  ${modelName}\n`));
      await usable(writeDurably(join(temporary, cardName), shown(card)));
      await usable(rename(temporary, join(directory, card.id)));
      await usable(syncDirectory(directory));
    },
    writeCard: (card) => usable(writeDurably(join(directory, card.id, cardName), shown(card))),
    writeChange: (_made, { serving, history }) => usable(writeDurably(servingPath, shown({ serving, history }))),
    remove: (id) => usable(rm(join(directory, id), { recursive: true, force: true })),
    pathOf: (id) => join(directory, id, modelName),
  };

  async function usable<T>(work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (cause) {
      throw new KybernError('KYBERN_DATA_DIR', `${directory} cannot be used: ${String(cause)}`, { cause });
    }
  }
}

function shown(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
