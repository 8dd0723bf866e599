import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createStateReader } from '../checkpoint/state-reader.ts';
import { createStateWriter } from '../checkpoint/state-writer.ts';
import { createTemplates, type Templates } from './templates.ts';

const encoder = new TextEncoder();

const options = { limit: 1000, similarity: 0.7, variableWords: 8, examples: 3 };

function match(templates: Templates, line: string, timeMs = 0) {
  const bytes = encoder.encode(line);
  return templates.match(bytes, 0, bytes.length, timeMs);
}

test('numbers, times, addresses, ids and paths are variables from the first line on', () => {
  const templates = createTemplates(options);
  const lines = [
    '2026-01-05T10:00:01.123Z INFO request 17 from 10.0.0.1:8080 took 12.5ms for /var/lib/data/x id 550e8400-e29b-41d4-a716-446655440000',
    '2026-01-06T23:59:59.001Z INFO request 99871 from 192.168.17.3:443 took 0.1ms for /tmp/other/deep/file id 6ba7b810-9dad-11d1-80b4-00c04fd430c8',
  ];
  expect(match(templates, lines[0]!).id).toBe(match(templates, lines[1]!).id);
  expect(templates.size).toBe(1);
});

test('lines that share most words share a template, and their differing words become variables', () => {
  const templates = createTemplates(options);
  const first = match(templates, 'user alice logged in from berlin office');
  const second = match(templates, 'user alice logged in from paris office');
  expect(second.id).toBe(first.id);
  expect(second.words.join(' ')).toBe('user alice logged in from <*> office');
  expect(match(templates, 'connection to database refused by peer today').id).not.toBe(first.id);
  expect(match(templates, 'user alice logged in from rome office').id).toBe(first.id);
});

test('few words at a place are kinds of line, many are values: then their templates become the oldest one', () => {
  const templates = createTemplates(options);
  const closed = match(templates, 'connection closed');
  expect(match(templates, 'connection opened').id).not.toBe(closed.id);
  const users = ['ann', 'bob', 'cleo', 'dan', 'eve', 'fay', 'gus', 'hal', 'ida'];
  const ids = users.map((user) => match(templates, `session ${user} ended`).id);
  expect(new Set(ids).size).toBe(7);
  expect(new Set(ids.map((id) => templates.get(id)?.id))).toEqual(new Set([ids[0]]));
  expect(templates.get(ids[0]!)?.words.join(' ')).toBe('session <*> ended');
  expect(match(templates, 'session zoe ended').id).toBe(ids[0]);
  expect(match(templates, 'connection opened').id).not.toBe(closed.id);
});

test('keys keep their meaning: JSON and logfmt lines are told apart by words, not by values', () => {
  const templates = createTemplates(options);
  const json = (level: string, ms: number) => `{"level":"${level}","msg":"order placed","ms":${ms}}`;
  expect(match(templates, json('info', 3)).id).toBe(match(templates, json('info', 4711)).id);
  const logfmt = match(templates, 'level=info msg="order placed" ms=3');
  expect(match(templates, 'level=info msg="order placed" ms=9').id).toBe(logfmt.id);
});

test('a stack trace is known by its first line', () => {
  const templates = createTemplates(options);
  const first = match(templates, 'Error: no such order\n    at place (order.ts:3)\n    at main (main.ts:1)');
  expect(match(templates, 'Error: no such order\n    at cancel (order.ts:9)').id).toBe(first.id);
});

const letters = 'abcdefghij';
const wordOf = (n: number) => [...String(n)].map((digit) => letters[Number(digit)]).join('x');

test('memory is bounded under lines that never repeat, and what is used often survives', () => {
  const templates = createTemplates({ ...options, limit: 50 });
  const often = match(templates, 'heartbeat sent to leader');
  for (let line = 0; line < 2000; line += 1) {
    match(templates, `${wordOf(line)} ${wordOf(line * 7)} ${wordOf(line * 13)}`);
    expect(match(templates, 'heartbeat sent to leader').id).toBe(often.id);
    expect(templates.size).toBeLessThanOrEqual(50);
  }
});

test('an attacker of long lines, each of other words, or alike but for two, fills a bounded checkpoint', () => {
  const templates = createTemplates({ ...options, limit: 50 });
  const size = () => {
    const writer = createStateWriter();
    templates.save(writer);
    return writer.finish().length;
  };
  const attack = (from: number, to: number) => {
    for (let line = from; line < to; line += 1) {
      match(templates, Array.from({ length: 64 }, (_, at) => wordOf(line * 64 + at)).join(' '));
      match(templates, `same ${wordOf(line)} words but for ${wordOf(line * 3)} always`);
      match(templates, `same list ${'1 '.repeat(line % 60)}of ${wordOf(line % 40)} numbers`);
    }
  };
  attack(0, 500);
  const full = size();
  attack(500, 1500);
  expect(size()).toBeLessThan(full * 1.1);
  expect(full).toBeLessThan(2_000_000);
});

test('a template keeps its id and label when it is forgotten and comes back, in whatever order', () => {
  fc.assert(
    fc.property(fc.shuffledSubarray(['ann', 'bob', 'cleo', 'dan'], { minLength: 4 }), fc.nat(3), (users, first) => {
      const templates = createTemplates({ ...options, limit: 20 });
      const line = (user: string) => `the session of ${user} has ended in good order`;
      const before = match(templates, line(users[first]!), 1000);
      const { id, label } = before;
      for (const user of users) expect(match(templates, line(user), 2000).id).toBe(id);
      for (let other = 0; other < 45; other += 1) match(templates, `${wordOf(other)} ${wordOf(other * 7)} came`, 3000);
      expect(templates.get(id)).toBeUndefined();
      const after = match(templates, line(users[0]!), 4000);
      expect(after).toMatchObject({ id, label, bornMs: 1000 });
      expect(after.words.join(' ')).toBe('the session of <*> has ended in good order');
    }),
    { numRuns: 20 },
  );
});

test('a restart without a checkpoint names templates as before', () => {
  const lines = ['user ann logged in', 'order 17 placed', 'cache cleared by hand'];
  const labels = () => {
    const templates = createTemplates(options);
    return lines.map((line) => match(templates, line).label);
  };
  expect(labels()).toEqual(labels());
});

test('a list is one template whatever its length, words that vary are no list', () => {
  const templates = createTemplates(options);
  const three = match(templates, 'deleting blocks 1 2 3 now');
  expect(templates.get(match(templates, 'deleting blocks 1 2 3 4 5 now').id)?.id).toBe(three.id);
  expect(templates.get(match(templates, 'deleting blocks 8 now').id)?.id).toBe(three.id);
});

test('a header of time and level says nothing: messages are told apart behind it', () => {
  const templates = createTemplates(options);
  const line = (text: string, second: number) => `2026-01-05 10:00:0${second},123 [INFO] main 4711 ${text}`;
  const opened = match(templates, line('connection opened', 1));
  expect(match(templates, line('connection closed', 2)).id).not.toBe(opened.id);
  expect(match(templates, line('connection opened', 3)).id).toBe(opened.id);
});

test('examples are the first line and a bounded number of later ones', () => {
  const templates = createTemplates(options);
  for (let line = 0; line < 1000; line += 1) match(templates, `order ${line} placed`);
  const { examples } = match(templates, 'order 1000 placed');
  expect(examples).toHaveLength(3);
  expect(examples[0]).toBe('order 0 placed');
  expect(examples.slice(1).every((example) => /^order \d{2,3} placed$/.test(example))).toBe(true);
});

test('after a checkpoint the same lines get the same templates', () => {
  const line = fc
    .array(fc.constantFrom('get', 'put', 'order', 'user', '17', 'failed', 'ok', 'to', '/a/b/c'), {
      minLength: 1,
      maxLength: 7,
    })
    .map((words) => words.join(' '));
  fc.assert(
    fc.property(fc.array(line, { maxLength: 60 }), fc.array(line, { maxLength: 60 }), (before, after) => {
      const running = createTemplates({ ...options, limit: 20 });
      for (const each of before) match(running, each);
      const writer = createStateWriter();
      running.save(writer);
      const loaded = createTemplates({ ...options, limit: 20 });
      loaded.load(createStateReader(writer.finish()));
      for (const each of after) {
        const [one, other] = [match(running, each), match(loaded, each)];
        expect({ id: other.id, label: other.label, words: other.words }).toEqual({
          id: one.id,
          label: one.label,
          words: one.words,
        });
      }
    }),
  );
});
