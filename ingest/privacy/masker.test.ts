import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createCountedMetrics } from '../testing/counted-metrics.ts';
import { createMasker } from './masker.ts';
import { maskerOf, privacyConfig } from './testing/privacy-config.ts';

const all = maskerOf({
  rules: ['credential', 'jwt', 'token', 'private-key', 'card', 'email', 'iban', 'us-ssn', 'national-id', 'ip'],
});
const jwt = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbm4ifQ.c2lnbmF0dXJl';
const pem = '-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKC+/=\n-----END RSA PRIVATE KEY-----';

test.each([
  ['login password=hunter2 ok', 'login password=<credential> ok'],
  ['DB_PASSWORD: hunter2', 'DB_PASSWORD: <credential>'],
  ['{"api_key": "abc123"}', '{"api_key": "<credential>"}'],
  ['{"password":"a b, c<d@e"}', '{"password":"<credential>"}'],
  ['{"password":"a\\"b","x":1}', '{"password":"<credential>","x":1}'],
  [
    '{"msg":"{\\"clientSecret\\":\\"s3 cret\\",\\"x\\":1}"}',
    '{"msg":"{\\"clientSecret\\":\\"<credential>\\",\\"x\\":1}"}',
  ],
  ["passwd => 'x y'", "passwd => '<credential>'"],
  ['pwd=p@ss<word next', 'pwd=<credential> next'],
  ['POST /login?user=ann&password=x%20y&z=1', 'POST /login?user=ann&password=<credential>&z=1'],
  ['an unclosed secret="abc def', 'an unclosed secret="<credential>'],
  ['token=0123456789abcdef0', 'token=<credential>'],
  ['Authorization: Bearer abcdef', 'Authorization: Bearer <credential>'],
  ['authorization: Basic YW5uOnB3MQ==', 'authorization: Basic <credential>'],
  ['sent Basic YW5uOnB3MQ== on', 'sent Basic <credential> on'],
  ['Cookie: a=b; c=d', 'Cookie: <credential>'],
  ['postgres://shop:s3cret@db/x', 'postgres://shop:<credential>@db/x'],
  ['redis://:p@ss:w@cache:6379', 'redis://:<credential>@cache:6379'],
  ['key AKIAIOSFODNN7EXAMPLE used', 'key <token> used'],
  [`ghp_${'a1'.repeat(18)}`, '<token>'],
  ['glpat-abcdefghij0123456789', '<token>'],
  ['xoxb-1234567890-abc', '<token>'],
  [`got ${jwt}, sent`, 'got <jwt>, sent'],
  [`a ${pem} b`, 'a <private-key> b'],
  [`cut ${pem.slice(0, 45)}`, 'cut <private-key>'],
  ['paid with 4111 1111 1111 1111 today', 'paid with <card> today'],
  ['4111-1111-1111-1111, 378282246310005', '<card>, <card>'],
  ['4111 1111 1111 1111 42 times', '<card> 42 times'],
  ['card5555555555554444', 'card<card>'],
  ['mail to ann.lee+x@mail.example.org.', 'mail to <email>.'],
  ['für jörg@bücher.de!', 'für <email>!'],
  ['to DE89 3704 0044 0532 0130 00', 'to <iban>'],
  ['to GB82WEST12345698765432;', 'to <iban>;'],
  ['ssn 219-09-9999', 'ssn <us-ssn>'],
  ['cpf 529.982.247-25, 52998224725', 'cpf <national-id>, <national-id>'],
  ['pesel 44051401359', 'pesel <national-id>'],
  ['dni 12345678Z', 'dni <national-id>'],
  ['id 11010519491231002X', 'id <national-id>'],
  ['nir 255081416802538', 'nir <national-id>'],
  ['from 10.1.2.3:80 to fe80::1 and ::1', 'from <ip>:80 to <ip> and <ip>'],
])('%s is masked', (text, expected) => {
  expect(all.text(text)).toBe(expected);
  expect(all.text(expected)).toBe(expected);
});

test.each([
  'order 4111111111111112 shipped',
  'took 1234567890123 ns',
  'at 1764072000000000000',
  'loss 0.4111111111111111',
  'trace 4bf92f4111111111111111a3ce929d0e',
  'password reset asked for',
  'GET /tokens 200',
  'unexpected token: }',
  'basic authentication failed',
  'bearer of it',
  'version 1.2.3 of a.b.c',
  'std::vector<int> a::b 12:30:45',
  'eyJ.eyJ.x',
  '{"secret":{"name":"x"}}',
  'a@b, @home, x@localhost',
  '219-09-9999-1',
])('%s stays', (text) => {
  expect(all.text(text)).toBe(text);
});

test('a label whose name is one of a secret is masked whole', () => {
  expect(all.label('db.password', 'a b')).toBe('<credential>');
  expect(all.label('http.request.header.authorization', 'Basic x')).toBe('<credential>');
  expect(all.label('secret', 'db-credentials')).toBe('db-credentials');
  expect(all.label('pod', 'cart-1')).toBe('cart-1');
});

test('what is masked is counted by rule', () => {
  const metrics = createCountedMetrics();
  createMasker(privacyConfig(), metrics).text('pwd=x pwd=y AKIAIOSFODNN7EXAMPLE');
  expect(metrics.total('kybern_ingest_masked_total', { rule: 'credential' })).toBe(2);
  expect(metrics.total('kybern_ingest_masked_total', { rule: 'token' })).toBe(1);
});

test('a hash is the same for the same match, and another with another key', () => {
  const hashing = (key: string) => {
    const keyFile = join(mkdtempSync(join(tmpdir(), 'kybern-key-')), 'key');
    writeFileSync(keyFile, key);
    return maskerOf({ rules: ['email'], hash: ['email'], keyFile });
  };
  const one = hashing('0123456789abcdef');
  const text = one.text('ann@example.org bob@example.org ann@example.org');
  expect(text).toMatch(/^(<email:[0-9a-f]{12}>) <email:[0-9a-f]{12}> \1$/);
  expect(one.text(text)).toBe(text);
  expect(hashing('fedcba9876543210').text('ann@example.org')).not.toBe(one.text('ann@example.org'));
  expect(() => hashing('short')).toThrow('16 bytes');
});

test('rules that are not there, or named twice, are refused', () => {
  expect(() => maskerOf({ drop: ['email'] })).toThrow('email');
  expect(() => maskerOf({ hash: ['card'] })).toThrow('keyFile');
  expect(() => maskerOf({ patterns: [{ name: 'card', pattern: 'x' }] })).toThrow('card');
});

test('switched off, nothing is masked', () => {
  expect(maskerOf({ enabled: false }).text('pwd=x')).toBe('pwd=x');
});
