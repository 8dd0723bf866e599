import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { createDemoApi, type DemoApi } from '../../api/testing/demo-api.ts';
import { overviewText, trainingText } from './models-command.ts';
import { addModelsCommands } from './models-program.ts';

const tuned = 'default-20260511-021500-1a2b3c4d';
let demo: DemoApi;
let url = '';
let folder = '';
beforeAll(async () => {
  demo = await createDemoApi();
  await demo.app.listen({ host: '127.0.0.1', port: 0 });
  url = `http://127.0.0.1:${(demo.app.server.address() as AddressInfo).port}`;
  folder = await mkdtemp(join(tmpdir(), 'kybern-cli-'));
});
afterAll(async () => {
  await demo.app.close();
  await rm(folder, { recursive: true });
});
afterEach(() => vi.restoreAllMocks());

/** What the command line prints. */
async function kybern(...words: readonly string[]): Promise<string> {
  const program = new Command('kybern').exitOverride();
  addModelsCommands(program);
  let printed = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += String(text);
    return true;
  });
  await program.parseAsync(['models', ...words, '--url', url], { from: 'user' });
  vi.restoreAllMocks();
  return printed;
}

test('a candidate is listed, shown, promoted and rolled back', async () => {
  const listed = await kybern('list');
  expect(listed).toMatch(/^CLASS +SERVED BY +SINCE +METRICS\ndefault +shipped +all others\n/);
  expect(listed).toMatch(new RegExp(`${tuned} +default +fine-tuned .* candidate +0.3712 +0.3904 +0.3951`));
  expect(listed).toContain('training: idle');
  expect(await kybern('show', tuned)).toMatch(/ {2}this model +0\.3712\n {2}shipped +0\.3904\n {2}linear +0\.3951/);
  expect(await kybern('promote', tuned, '--by', 'ada', '--reason', 'as measured')).toBe(
    `${tuned} serves class default now, in place of shipped (ada: as measured)\n`,
  );
  const rolled = JSON.parse(await kybern('rollback', '--by', 'bob', '--json'));
  expect(rolled).toMatchObject({ from: tuned, to: 'shipped', by: 'bob' });
  expect(await kybern('list')).toMatch(/AT +CLASS +FROM +TO +BY +REASON\n.* shipped +bob/);
});

test('a file is imported with what is said of it', async () => {
  const file = join(folder, 'own.onnx');
  await writeFile(file, Buffer.alloc(150_000, 3));
  const shown = await kybern('import', file, '--by', 'ada', '--note', 'trained elsewhere');
  expect(shown).toMatch(/^id +default-imported-150000\n/);
  expect(shown).toMatch(/\nby +ada\nnote +trained elsewhere\n/);
});

test('training is begun, and told in one line', async () => {
  expect(await kybern('train')).toBe('training: collecting for default\n');
  expect(trainingText({ state: 'collecting', class: 'cpu', series: 7, ofSeries: 200 })).toBe(
    'training: collecting for cpu, 7 of 200 series read\n',
  );
  const status = {
    state: 'training',
    class: 'cpu',
    epoch: 3,
    of: 12,
    share: 0.1,
    etaMs: 600_000,
    lossNow: 0.01,
  } as const;
  expect(trainingText(status)).toBe(
    'training: training for cpu, pass 3 of at most 12, loss 0.01000, 10 % of a core, at most 10 min more\n',
  );
});

test.each([
  ['a model that there is not', ['show', 'nothing'], 'KYBERN_NOT_FOUND'],
  ['a path instead of an id', ['promote', '../feedback'], 'KYBERN_NOT_FOUND'],
  ['a class that there is not', ['train', '--class', 'cpu'], 'KYBERN_NOT_FOUND'],
  ['a file that there is not', ['import', 'nowhere.onnx'], 'KYBERN_MODEL'],
  ['nothing to go back to', ['rollback'], 'KYBERN_CONFLICT'],
])('%s is answered with its code', async (_what, words, code) => {
  await expect(kybern(...words)).rejects.toMatchObject({ code });
});

test('of several processes each says what it serves, which metrics are of which class there, and what it cannot load', () => {
  const sha256 = 'd'.repeat(64);
  const shipped = { class: 'default', model: 'shipped', sha256 };
  const text = overviewText({
    serving: [{ class: 'default', match: [], model: 'mine', sinceMs: Date.UTC(2026, 4, 11, 2, 15) }],
    models: [],
    history: [],
    training: { state: 'idle' },
    processes: [
      {
        ...{ name: 'kybern-0', atMs: 0, classes: [{ name: 'http', match: ['http_*', 'rpc'] }] },
        serving: [
          { ...shipped, model: 'mine' },
          { ...shipped, class: 'http' },
        ],
      },
      { name: 'kybern-1', atMs: 0, serving: [{ ...shipped, code: 'KYBERN_MODEL', detail: 'no memory for it' }] },
    ],
  });
  expect(text).toMatch(/default +mine +2026-05-11 02:15 +all others\n/);
  expect(text).toMatch(/kybern-0 +default +mine +dddddddddddd *\n/);
  expect(text).toMatch(/kybern-0 +http +shipped +dddddddddddd +http_\* rpc *\n/);
  expect(text).toMatch(/kybern-1 +default +shipped +dddddddddddd +KYBERN_MODEL: no memory for it\n/);
});
