import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createTokenizer, isKeyed, isVariable, maxTokens, tokenText } from './tokenize.ts';

const encoder = new TextEncoder();
const tokenize = createTokenizer();

function words(line: string): string[] {
  const bytes = encoder.encode(line);
  const tokens = tokenize(bytes, 0, bytes.length);
  return Array.from({ length: tokens.count }, (_, token) => tokenText(tokens, bytes, token));
}

test('what varies is masked: numbers, addresses, ids, times, durations, paths, hex, dates', () => {
  for (const value of [
    '17',
    '-3.5ms',
    '10.0.0.1:8080',
    '550e8400-e29b-41d4-a716-446655440000',
    '2026-01-05T10:00:00Z',
    '0x1f',
    'deadbeef',
    '/var/lib/data',
    'blk_-38865',
    'Jan',
    'Mon,',
  ]) {
    expect(words(`took ${value} again`)).toEqual(['took', '<*>', 'again']);
  }
  for (const value of ['may', 'monday', '/var', 'bad', 'state:']) expect(words(value)).toEqual([value]);
});

test('of key=value the key stays, and the value where it is a word', () => {
  expect(words('uid=0 rhost=10.1.2.3 path=/a/b/c state=open ruser= a=b=c1')).toEqual([
    'uid=<*>',
    'rhost=<*>',
    'path=<*>',
    'state=open',
    'ruser=',
    'a=<*>',
  ]);
});

test('in JSON a value carries its key: objects of one form are not alike by their form', () => {
  expect(words('{"level":"info","ms":17,"msg":"order placed"}')).toEqual(['level=info', '<*>', 'msg=order', 'placed']);
  expect(words('{"user":"info"}')).not.toEqual(words('{"level":"info"}'));
});

test('a line ends at its first line break that follows a word', () => {
  expect(words('\n Error: no such order\n    at place')).toEqual(['Error:', 'no', 'such', 'order']);
});

test('words in the colours of a terminal are words, and their colours nothing', () => {
  const plain = words('INFO | app - relay refused mail 17');
  expect(words('\x1b[32;1mINFO\x1b[0m | \x1b[36mapp\x1b[0m - \x1b[1mrelay refused mail 17\x1b[0m')).toEqual(plain);
});

test('numbers among words of a script without blanks are variables, the words are not', () => {
  expect(words('订单123已创建')).toEqual(['订单', '<*>', '已创建']);
  expect(words('支付失败,订单9 x7')).toEqual(['支付失败', ',', '订单', '<*>', '<*>']);
  expect(words('注文が正常に作成されました')).toEqual(['注文が正常に作成されました']);
  expect(words('took 12µs at 20°C für Größe3')).toEqual(['took', '<*>', 'at', '<*>', 'für', '<*>']);
});

const anyBytes = fc.uint8Array({ maxLength: 400 });

test('any bytes give bounded tokens that lie in order within the line, and nothing beyond it is read', () => {
  fc.assert(
    fc.property(anyBytes, anyBytes, anyBytes, (before, line, after) => {
      const alone = tokenize(line, 0, line.length);
      const hashes = [...alone.hashes.subarray(0, alone.count)];
      const whole = Uint8Array.from([...before, ...line, ...after]);
      const {
        count,
        starts,
        ends,
        values,
        hashes: again,
      } = tokenize(whole, before.length, before.length + line.length);
      expect([...again.subarray(0, count)]).toEqual(hashes);
      expect(count).toBeLessThanOrEqual(maxTokens);
      let last = before.length;
      for (let token = 0; token < count; token += 1) {
        expect(starts[token]).toBeGreaterThanOrEqual(last);
        expect(ends[token]).toBeGreaterThan(starts[token]!);
        expect(values[token]! > 0).toBe(isKeyed(again[token]!));
        last = ends[token]!;
      }
      expect(last).toBeLessThanOrEqual(before.length + line.length);
    }),
  );
});

test('digits may be any digits: a line with other numbers has the same tokens', () => {
  const word = fc.constantFrom('GET', 'uid=4', '{"a":1,"b":"x y"}', 'took', '3ms', '/a/b', 'x-7', '10.2.3.4');
  fc.assert(
    fc.property(fc.array(word, { maxLength: 12 }), fc.nat(9), (parts, digit) => {
      const line = parts.join(' ');
      expect(words(line.replaceAll(/\d/g, String(digit)))).toEqual(words(line));
    }),
  );
});

test('a token with a digit is a variable, or a key with one', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[a-z=./_-]{0,6}\d[a-z=./_-]{0,6}$/), (token) => {
      const bytes = encoder.encode(token);
      const [hash] = tokenize(bytes, 0, bytes.length).hashes;
      expect(isVariable(hash!) || isKeyed(hash!)).toBe(true);
    }),
  );
});
