import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import { ModelCard, ProcessModels, ServingChange } from '../../../../model/index.ts';

/** Bytes of a network go in pieces, each a record: `index` of `count`. They come before the card. */
const Piece = Type.Object({
  kind: Type.Literal('piece'),
  id: Type.String(),
  index: Type.Integer({ minimum: 0 }),
  count: Type.Integer({ minimum: 1, maximum: 1000 }),
});
const Card = Type.Object({ kind: Type.Literal('card'), card: ModelCard });
const Removed = Type.Object({ kind: Type.Literal('removed'), id: Type.String() });
/** Counts where it is the next of its class, by number: of two that were made at the same time the first. */
const Change = Type.Object({
  kind: Type.Literal('change'),
  number: Type.Integer({ minimum: 1 }),
  ref: Type.String({ minLength: 1 }),
  change: ServingChange,
});
const Told = Type.Object({ kind: Type.Literal('process'), process: ProcessModels });
const Head = Type.Union([Piece, Card, Removed, Change, Told]);

/** A record of the topic `models`. */
export type ModelRecord =
  | (Static<typeof Piece> & { readonly bytes: Uint8Array })
  | Static<typeof Card>
  | Static<typeof Removed>
  | Static<typeof Change>
  | Static<typeof Told>;

const lengthBytes = 4;
const pieceBytes = 512 * 1024;

/** The key that Kafka's compaction keeps one record of, and the record: the length of a JSON head, the head, the bytes. */
export function encodeModelRecord(record: ModelRecord): { readonly key: Uint8Array; readonly value: Uint8Array } {
  const { bytes, ...rest } = { bytes: new Uint8Array(0), ...record };
  const head = Buffer.from(JSON.stringify(rest));
  const length = Buffer.alloc(lengthBytes);
  length.writeUInt32LE(head.length, 0);
  return { key: Buffer.from(keyOf(record)), value: Buffer.concat([length, head, bytes]) };
}

/** Undefined where the bytes are no such record. */
export function decodeModelRecord(value: Uint8Array): ModelRecord | undefined {
  if (value.length < lengthBytes) return undefined;
  const buffer = Buffer.from(value.buffer, value.byteOffset, value.length);
  const end = lengthBytes + buffer.readUInt32LE(0);
  if (end > buffer.length) return undefined;
  try {
    const head: unknown = JSON.parse(buffer.toString('utf8', lengthBytes, end));
    if (!Value.Check(Head, head)) return undefined;
    return head.kind === 'piece' ? { ...head, bytes: Uint8Array.from(buffer.subarray(end)) } : head;
  } catch {
    return undefined;
  }
}

/** The bytes of a network as records. */
export function piecesOf(id: string, bytes: Uint8Array): ModelRecord[] {
  const count = Math.max(1, Math.ceil(bytes.length / pieceBytes));
  return Array.from({ length: count }, (_, index) => ({
    kind: 'piece',
    ...{ id, index, count },
    bytes: bytes.subarray(index * pieceBytes, (index + 1) * pieceBytes),
  }));
}

/** Keys of the pieces of a version, so that they can be deleted. */
export function pieceKeys(id: string, count: number): Uint8Array[] {
  return Array.from({ length: count }, (_, index) => Buffer.from(pieceKey(id, index)));
}

function pieceKey(id: string, index: number): string {
  return `network/${id}/${index}`;
}

function keyOf(record: ModelRecord): string {
  if (record.kind === 'piece') return pieceKey(record.id, record.index);
  if (record.kind === 'card') return `version/${record.card.id}`;
  if (record.kind === 'removed') return `version/${record.id}`;
  if (record.kind === 'change') return `change/${record.ref}`;
  return `process/${record.process.name}`;
}
