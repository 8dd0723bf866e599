import { createHash } from 'node:crypto';
import type { StoredModels } from '../../../../detectors/lstm/versions/index.ts';
import type { ModelCard, ProcessModels, ServingChange } from '../../../../model/index.ts';
import type { ModelRecord } from './model-records.ts';

/** What the records of the topic `models`, taken in order, come to: the same in every process. */
export interface ModelLedger {
  take(record: ModelRecord): void;
  stored(): StoredModels;
  /** Number that the next change of a class must have. */
  nextNumber(modelClass: string): number;
  /** Whether a change counts: another with its number may have come before. */
  counts(ref: string): boolean;
  /** Pieces that a version's bytes are in. */
  piecesOf(id: string): number;
  /** The networks by the id of their version, whole and as their cards say: 120 KB each. */
  readonly networks: ReadonlyMap<string, { readonly card: ModelCard; readonly bytes: Uint8Array }>;
  processes(): readonly ProcessModels[];
}

/** Changes that are shown; a rollback cannot go further back. */
const keptChanges = 1000;

/** `damaged` is told of versions whose bytes are not those that their card names: they are left out. */
export function createModelLedger(damaged: (detail: string) => void): ModelLedger {
  const cards = new Map<string, ModelCard>();
  const pieces = new Map<string, (Uint8Array | undefined)[]>();
  const counts = new Map<string, number>();
  const networks = new Map<string, { readonly card: ModelCard; readonly bytes: Uint8Array }>();
  const serving: Record<string, string> = {};
  const numbers = new Map<string, number>();
  const refs = new Set<string>();
  const told = new Map<string, ProcessModels>();
  let history: readonly ServingChange[] = [];

  function takePiece({ id, index, count, bytes }: Extract<ModelRecord, { kind: 'piece' }>): void {
    if (counts.has(id)) return;
    const held = pieces.get(id) ?? [];
    pieces.set(id, held);
    held.length = count;
    held[index] = bytes;
  }

  function takeCard({ card }: Extract<ModelRecord, { kind: 'card' }>): void {
    if (!counts.has(card.id) && !isWhole(card)) return;
    cards.set(card.id, card);
  }

  /** Whether its bytes are there, the first time that a card is met. */
  function isWhole(card: ModelCard): boolean {
    const held = Array.from(pieces.get(card.id) ?? []);
    pieces.delete(card.id);
    const bytes = Buffer.concat(held.map((piece) => piece ?? new Uint8Array(0)));
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    if (sha256 !== card.sha256) {
      damaged(`version ${card.id}: the log holds ${bytes.length} bytes with SHA-256 ${sha256}, not ${card.sha256}`);
      return false;
    }
    counts.set(card.id, held.length);
    networks.set(card.id, { card, bytes });
    return true;
  }

  function takeChange({ number, ref, change }: Extract<ModelRecord, { kind: 'change' }>): void {
    const before = numbers.get(change.class);
    if (number !== (before ?? 0) + 1) return;
    numbers.set(change.class, number);
    refs.add(ref);
    serving[change.class] = change.to;
    history = [...history, change].slice(-keptChanges);
  }

  return {
    take(record) {
      if (record.kind === 'piece') takePiece(record);
      else if (record.kind === 'card') takeCard(record);
      else if (record.kind === 'change') takeChange(record);
      else if (record.kind === 'process') told.set(record.process.name, record.process);
      else for (const each of [cards, counts, pieces, networks]) each.delete(record.id);
    },
    stored: () => ({ cards: [...cards.values()], serving: { ...serving }, history }),
    nextNumber: (modelClass) => (numbers.get(modelClass) ?? 0) + 1,
    counts: (ref) => refs.has(ref),
    piecesOf: (id) => counts.get(id) ?? 0,
    networks,
    processes: () => [...told.values()],
  };
}
