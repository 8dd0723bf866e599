import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openWorldJournal } from './world-journal.ts';

function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'kybern-journal-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

const fresh = { seed: 7, startMs: 1000 };

test('seed, start and writes are there again, and when the world was last alive', () => {
  const directory = temporaryDirectory();
  const journal = openWorldJournal<string>(directory, fresh);
  expect(journal.lastAliveMs).toBe(1000);
  journal.append('scale cart');
  journal.alive(5000);
  journal.close();
  const again = openWorldJournal<string>(directory, { seed: 8, startMs: 9000 });
  expect(again).toMatchObject({ seed: 7, startMs: 1000, writes: ['scale cart'], lastAliveMs: 5000 });
  again.close();
});

test('a line torn by a crash is left out and does not swallow the write after it', () => {
  const directory = temporaryDirectory();
  openWorldJournal<string>(directory, fresh).close();
  appendFileSync(join(directory, 'world.jsonl'), '{"write":"half of a wr');
  const journal = openWorldJournal<string>(directory, fresh);
  journal.append('scale cart');
  journal.close();
  const again = openWorldJournal<string>(directory, fresh);
  expect(again.writes).toEqual(['scale cart']);
  again.close();
});

test('a journal whose very head was torn begins anew', () => {
  const directory = temporaryDirectory();
  appendFileSync(join(directory, 'world.jsonl'), '{"head":{"se');
  openWorldJournal<string>(directory, fresh).close();
  const again = openWorldJournal<string>(directory, { seed: 8, startMs: 9000 });
  expect(again).toMatchObject(fresh);
  again.close();
});
