import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { PrivacyConfig } from './privacy-config.ts';
import { maskerOf } from './testing/privacy-config.ts';

const rules: PrivacyConfig['rules'] = [
  ...(['credential', 'jwt', 'token', 'private-key', 'card', 'email', 'iban', 'us-ssn', 'national-id', 'ip'] as const),
];
const all = maskerOf({ rules });

/** Secrets with what must not be left of them. */
const secrets: readonly (readonly [whole: string, hidden: string])[] = [
  ['AKIAIOSFODNN7EXAMPLE', 'IOSFODNN7EXAMPLE'],
  ['ghp_16C7e42F292c6912E7710c838347Ae178B4a', '16C7e42F292c6912E7710c838347Ae178B4a'],
  ['xoxb-17653672481-19874698323', '17653672481-19874698323'],
  ['eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbm4ifQ.c2lnbmF0dXJl', 'eyJzdWIiOiJhbm4ifQ'],
  ['-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkq\n-----END PRIVATE KEY-----', 'MIIEvQIBADANBgkq'],
  ['password=hunter2hunter2', 'hunter2hunter2'],
  ['"api_key": "k3y of mine"', 'k3y of mine'],
  ['Authorization: Bearer s3cr3tt0k3n', 's3cr3tt0k3n'],
  ['https://ann:s3cr3tpw@shop.example/', 's3cr3tpw'],
  [' 4111 1111 1111 1111 ', '1111 1111 1111'],
];

const noise = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: 'binary' }).map((text) => text.toWellFormed()),
  fc.stringMatching(/^[a-z0-9 =:"'@._<>/\\-]{0,40}$/),
  fc.constantFrom('password', 'pwd=', '://', 'Bearer ', 'eyJ', '-----BEGIN ', '<card>', '4111 ', 'secret: "'),
);

test('a secret planted anywhere is not in what comes out', () => {
  fc.assert(
    fc.property(noise, noise, fc.constantFrom(...secrets), (before, after, [whole, hidden]) => {
      // On a line of its own: `pwd=` before a key makes the key a password.
      expect(all.text(`${before}\n${whole}\n${after}`)).not.toContain(hidden);
    }),
    { numRuns: 3000 },
  );
});

test('to mask again changes nothing, and UTF-8 stays valid', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(noise, fc.constantFrom(...secrets.map(([whole]) => whole)))), (parts) => {
      const text = parts.join('');
      const bytes = Buffer.from(text);
      const once = Buffer.from(all.bytes(bytes, 0, bytes.length) ?? bytes);
      expect(() => new TextDecoder('utf8', { fatal: true }).decode(once)).not.toThrow();
      expect(all.text(once.toString())).toBe(once.toString());
    }),
    { numRuns: 3000 },
  );
});

test('text of words alone is not touched', () => {
  fc.assert(
    fc.property(fc.array(fc.stringMatching(/^\p{L}{1,12}$/u), { maxLength: 30 }), (words) => {
      const bytes = Buffer.from(words.join(' '));
      expect(maskerOf().bytes(bytes, 0, bytes.length)).toBeUndefined();
    }),
  );
});

const most = 1 << 19;
const hard = [
  ...[
    'eyJ',
    'eyJaaaaaaaa.',
    'password=',
    'password="',
    'authorization=x y ',
    '://a:',
    '-----BEGIN ',
    '-----BEGIN PRIVATE KEY-----',
  ],
  ...[
    '4111 ',
    '4',
    'a@',
    '@',
    'DE89',
    'a.',
    ':',
    '<',
    '\\',
    'bearer ',
    'secret:[',
    '"secret":[a',
    'AKIA',
    'token=',
    '1.2.3.',
    'ff:',
  ],
];

test.each(hard)('a text of nothing but %j takes time in line with its length', (part) => {
  const text = Buffer.from(part.repeat(most / part.length));
  const time = (length: number) => {
    const started = performance.now();
    all.bytes(text, 0, length);
    return performance.now() - started;
  };
  time(most / 16);
  // One that is quadratic takes 256 times as long, and seconds.
  const short = Math.min(time(most / 16), time(most / 16));
  expect(time(text.length)).toBeLessThan(Math.max(1000, short * 80));
});
