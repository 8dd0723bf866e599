import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  type Checkpointed,
  type CheckpointedApart,
  KybernError,
  type SavedState,
  type StateDraft,
} from '../../model/index.ts';
import { packCheckpoint, unpackCheckpoint } from './checkpoint.ts';
import { draftState } from './draft-state.ts';

const head = { position: 7, newestMs: 5, advancedToMs: 4, actionsTaken: 3 };
const bytes = (text: string) => new TextEncoder().encode(text);

function part(text = '', inPieces = false): Checkpointed & { readonly text: () => string } {
  let own = text;
  return {
    text: () => own,
    save: () => bytes(own),
    ...(inPieces ? { pieces: () => [...own].map((letter) => Promise.resolve(bytes(letter))) } : {}),
    load(saved) {
      own = new TextDecoder().decode(saved);
      return own !== 'other version';
    },
  };
}

test('every part gets back what it gave, whole or in pieces, with the offset it belongs to', async () => {
  const packed = Buffer.concat(await packCheckpoint(head, { a: part('one'), b: part('two', true), c: part('') }));
  const parts = { a: part(), b: part(), c: part('x') };
  expect(await unpackCheckpoint(packed, parts)).toEqual(head);
  expect([parts.a.text(), parts.b.text(), parts.c.text()]).toEqual(['one', 'two', '']);
});

test('of a state in a file a large part is told where its own lies, and the others get their bytes', async () => {
  const packed = Buffer.concat(await packCheckpoint(head, { a: part('one'), b: part('two'), c: part('three') }));
  const directory = mkdtempSync(join(tmpdir(), 'kybern-checkpoint-'));
  const path = join(directory, 'a.state');
  writeFileSync(path, Buffer.concat([bytes('front'), packed]));
  const saved = { path, start: 5, length: packed.length };
  const told: SavedState[] = [];
  const large: CheckpointedApart = { isApart: true, pieces: () => [], load: (own) => told.push(own) === 1 };
  const parts = { a: part(), b: large, c: part() };
  expect(await unpackCheckpoint(saved, parts)).toEqual(head);
  expect([parts.a.text(), parts.c.text()]).toEqual(['one', 'three']);
  expect(told).toEqual([{ path, start: 5 + packed.indexOf('two'), length: 3 }]);
  expect(await unpackCheckpoint({ ...saved, length: 30 }, parts)).toBeUndefined();
  rmSync(directory, { recursive: true });
  await expect(unpackCheckpoint(saved, parts)).rejects.toMatchObject({ code: 'KYBERN_LOG_UNAVAILABLE' });
});

test('nothing is made of a checkpoint of another form, or with a part that cannot use its state', async () => {
  const packed = Buffer.concat(await packCheckpoint(head, { a: part('other version') }));
  expect(await unpackCheckpoint(packed, { a: part() })).toBeUndefined();
  expect(await unpackCheckpoint(packed, {})).toBeUndefined();
  const long = Buffer.concat(await packCheckpoint(head, { a: part('x'.repeat(100)) }));
  const longer = Buffer.from(long.toString('latin1').replace('100', '999'), 'latin1');
  expect(await unpackCheckpoint(longer, { a: part() })).toBeUndefined();
  for (let end = 0; end < packed.length; end += 1) {
    expect(await unpackCheckpoint(packed.subarray(0, end), { a: part() })).toBeUndefined();
  }
});

test('a draft is put in its place once all is prepared, and thrown away where something fails', async () => {
  const away = new KybernError('KYBERN_LOG_UNAVAILABLE', 'the disk is full');
  const play = async (fails: 'write' | 'prepare' | 'commit' | undefined) => {
    const seen: string[] = [];
    const step = (what: string, whole = what) => {
      seen.push(whole);
      return fails === what ? Promise.reject(away) : Promise.resolve();
    };
    const draft: StateDraft = {
      write: (piece) => step('write', new TextDecoder().decode(piece)),
      commit: () => step('commit'),
      discard: () => step('discard'),
    };
    const files = { get: async () => undefined, put: async () => {}, draft: async () => draft };
    const drafted = await draftState(files, 'a', (write) => write(bytes('state')));
    const result = await drafted.after(() => step('prepare')).catch((error: unknown) => error);
    return [...seen, result === away ? 'told' : 'done'].join(' ');
  };
  expect(await play(undefined)).toBe('state prepare commit done');
  expect(await play('write')).toBe('state discard told');
  expect(await play('prepare')).toBe('state prepare discard told');
  expect(await play('commit')).toBe('state prepare commit told');
});
