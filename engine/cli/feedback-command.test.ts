import type { AddressInfo } from 'node:net';
import { Command } from 'commander';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { createDemoApi, type DemoApi } from '../../api/testing/demo-api.ts';
import type { Feedback } from '../../model/index.ts';
import { feedbackTable } from './feedback-command.ts';
import { addFeedbackCommands } from './feedback-program.ts';
import { createKybernClient, kybernUrl } from './kybern-client.ts';

const anomaly = 'anm-0000000000000001';
let demo: DemoApi;
let url = '';
beforeAll(async () => {
  demo = await createDemoApi();
  await demo.app.listen({ host: '127.0.0.1', port: 0 });
  url = `http://127.0.0.1:${(demo.app.server.address() as AddressInfo).port}`;
});
afterAll(() => demo.app.close());
afterEach(() => vi.restoreAllMocks());

/** What the command line prints. */
async function kybern(...words: readonly string[]): Promise<string> {
  const program = new Command('kybern').exitOverride();
  addFeedbackCommands(program);
  let printed = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += String(text);
    return true;
  });
  await program.parseAsync(['feedback', ...words, '--url', url], { from: 'user' });
  vi.restoreAllMocks();
  return printed;
}

test('a verdict is given, listed and undone, in the name of who says so', async () => {
  const given = await kybern('add', 'not-an-anomaly', anomaly, '--note', 'nightly import', '--by', 'ada');
  const id = /^fbk-\w+/.exec(given)?.[0] ?? '';
  expect(given).toMatch(/^fbk-\w+ {2}active {2}not_an_anomaly {2}\S+ of .+\n.+\n$/);
  const listed = await kybern('list', '--state', 'active');
  expect(listed.split('\n')[0]).toMatch(/^AT +ID +STATE +VERDICT +ENTITY +METRIC +BY +NOTE$/);
  expect(listed).toMatch(new RegExp(`${id} +active +not_an_anomaly .* ada +nightly import\n1 said\n$`));
  expect(await kybern('undo', id, '--by', 'bob')).toContain(`${id}  undone`);
  expect(await kybern('list', '--state', 'active')).toMatch(/\n0 said\n$/);
  const [undone] = JSON.parse(await kybern('list', '--json')) as readonly Feedback[];
  expect(undone).toMatchObject({ id, state: 'undone', by: 'ada', undoneBy: 'bob' });
});

test('what was missed is reported by entity and time; times relative to now need an equals sign', async () => {
  const printed = await kybern('add', 'missed', '--entity', 'service|shop|cart', '--from=-1h', '--to=-30m', '--json');
  expect(JSON.parse(printed)).toMatchObject({ verdict: 'missed', from: '2026-05-12T09:00:00.000Z', found: true });
});

test.each([
  ['an anomaly that there is not', ['add', 'confirmed', 'anm-1'], 'KYBERN_NOT_FOUND'],
  ['feedback that there is not', ['undo', 'fbk-nothing'], 'KYBERN_NOT_FOUND'],
  ['a path instead of an id', ['undo', '../maintenance/mnt-1'], 'KYBERN_NOT_FOUND'],
  ['nothing that was missed', ['add', 'missed', '--from=-1h'], 'KYBERN_BAD_REQUEST'],
  ['no number of them', ['list', '--limit', 'many'], 'KYBERN_BAD_REQUEST'],
  ['an unknown verdict', ['add', 'maybe', anomaly], 'commander.unknownCommand'],
])('%s is answered with its code', async (_what, words, code) => {
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  await expect(kybern(...words)).rejects.toMatchObject({ code });
});

test('where no Kybern answers, that is said', async () => {
  const nobody = createKybernClient('http://127.0.0.1:1');
  await expect(nobody.ask('GET', '/feedback')).rejects.toMatchObject({ code: 'KYBERN_NO_ANSWER' });
  const another = createKybernClient(`${url}/elsewhere`);
  await expect(another.ask('GET', '/feedback')).rejects.toHaveProperty('code');
});

test('the address is the one given, or what the configuration listens on', () => {
  expect(kybernUrl({ url: 'http://kybern:8080/' })).toBe('http://kybern:8080');
  expect(kybernUrl({})).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  expect(() => kybernUrl({ url: 'kybern:8080' })).toThrow('--url');
});

test('what somebody wrote does not steer the terminal', () => {
  const item = { ...feedback, note: '\u001b[31mred\n\u202eline' };
  expect(feedbackTable([item]).split('\n')[1]).toContain('.[31mred..line');
});

const feedback: Feedback = {
  ...{ id: 'fbk-1', revision: 1, state: 'active', verdict: 'confirmed', series: '0123456789abcdef', metric: 'up' },
  entity: { kind: 'service', namespace: 'shop', name: 'cart' },
  ...{ direction: 'up', view: 'deviation', score: 9, limit: 0, by: 'ada', effect: 'It is told.' },
  ...{ at: '2026-05-12T09:00:00.000Z', updatedAt: '2026-05-12T09:00:00.000Z' },
};
