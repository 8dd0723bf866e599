import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ModelCard, ServingChange } from '../../../../model/index.ts';
import { createModelLedger } from './model-ledger.ts';
import { decodeModelRecord, encodeModelRecord, type ModelRecord, piecesOf } from './model-records.ts';

const bytes = Buffer.from('the bytes of a network');
const sha256 = createHash('sha256').update(bytes).digest('hex');
const cardOf = (id: string, standing: ModelCard['standing'] = 'candidate'): ModelCard => ({
  ...{ id, class: 'default', origin: 'imported', madeMs: 1, sha256, parent: null, seed: 0, seconds: 0, standing },
  reason: 'it is better',
});
const card = (id: string, standing?: ModelCard['standing']): ModelRecord => ({
  ...{ kind: 'card', card: cardOf(id, standing) },
});
const change = (number: number, ref: string, from: string, to: string): ModelRecord => ({
  ...{ kind: 'change', number, ref },
  change: { class: 'default', from, to, atMs: number, by: 'ada', reason: 'as measured' } satisfies ServingChange,
});

function ledgerOf(records: readonly ModelRecord[]) {
  const damaged: string[] = [];
  const ledger = createModelLedger((detail) => damaged.push(detail));
  for (const record of records) ledger.take(record);
  return { ledger, damaged };
}

describe('what the records of models come to', () => {
  test('a version is there once its card is, with the bytes that came before', () => {
    const { ledger, damaged } = ledgerOf([...piecesOf('m1', bytes), card('m1')]);
    expect(ledger.stored()).toEqual({ cards: [cardOf('m1')], serving: {}, history: [] });
    expect(Buffer.from(ledger.networks.get('m1')!.bytes)).toEqual(bytes);
    expect(damaged).toEqual([]);
  });

  test('a card whose bytes are missing, or others, is left out and told of', () => {
    const other = piecesOf('m2', Buffer.from('something else'));
    const { ledger, damaged } = ledgerOf([card('m1'), ...other, card('m2')]);
    expect(ledger.stored().cards).toEqual([]);
    expect(damaged).toEqual([
      expect.stringContaining('version m1: the log holds 0 bytes'),
      expect.stringContaining('version m2: the log holds 14 bytes'),
    ]);
  });

  test('of two changes that were made at once the first counts, in every process', () => {
    const { ledger } = ledgerOf([change(1, 'x', 'shipped', 'm1'), change(1, 'y', 'shipped', 'm2')]);
    expect(ledger.stored()).toMatchObject({ serving: { default: 'm1' }, history: [{ to: 'm1' }] });
    expect([ledger.counts('x'), ledger.counts('y'), ledger.nextNumber('default')]).toEqual([true, false, 2]);
  });

  test('a removed version is gone, and of a version the last card counts', () => {
    const { ledger } = ledgerOf([
      ...piecesOf('m1', bytes),
      card('m1', 'judging'),
      ...piecesOf('m2', bytes),
      card('m2'),
      { kind: 'removed', id: 'm2' },
      card('m1', 'refused'),
    ]);
    expect(ledger.stored().cards).toMatchObject([{ id: 'm1', standing: 'refused' }]);
  });
});

describe('the records of models', () => {
  test('come back as they were, networks in pieces of half a megabyte', () => {
    const large = new Uint8Array(1_200_000).fill(7);
    const records = [
      ...piecesOf('m1', large),
      card('m1'),
      change(1, 'x', 'shipped', 'm1'),
      { kind: 'removed', id: 'm1' } as const,
    ];
    expect(records).toHaveLength(6);
    const back = records.map((record) => decodeModelRecord(encodeModelRecord(record).value));
    expect(back).toEqual(
      records.map((record) => (record.kind === 'piece' ? { ...record, bytes: Uint8Array.from(record.bytes) } : record)),
    );
    expect(new Set(records.map((record) => String(encodeModelRecord(record).key))).size).toBe(5);
  });

  test('bytes that are no record are none', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(60), (noise, at) => {
        expect(decodeModelRecord(noise)).toBeUndefined();
        const { value } = encodeModelRecord(card('m1'));
        value[at] ^= 0xff;
        const decoded = decodeModelRecord(value);
        expect(decoded === undefined || decoded.kind === 'card').toBe(true);
      }),
    );
  });
});
