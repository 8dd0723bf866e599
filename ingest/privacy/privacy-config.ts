import { type Static, Type } from 'typebox';
import { oneOf } from '../../model/index.ts';

const ruleName = oneOf(
  ['credential', 'jwt', 'token', 'private-key', 'card', 'email', 'iban', 'us-ssn', 'national-id', 'ip'],
  'A built-in rule.',
);
export type RuleName = Static<typeof ruleName>;

const names = (description: string) =>
  Type.Array(Type.String({ pattern: '^[a-z0-9-]{1,40}$' }), { uniqueItems: true, default: [], description });

export const PrivacyConfig = Type.Object(
  {
    enabled: Type.Boolean({ default: true, description: 'Whether anything is masked at all.' }),
    rules: Type.Array(ruleName, {
      uniqueItems: true,
      default: ['credential', 'jwt', 'token', 'private-key', 'card'],
      description: 'Built-in rules in force: what they find is replaced by `<rule>`.',
    }),
    patterns: Type.Array(
      Type.Object(
        {
          name: Type.String({ pattern: '^[a-z0-9-]{1,40}$', description: 'What stands in place of a match, in `<>`.' }),
          pattern: Type.String({ minLength: 1, maxLength: 500, description: 'Regular expression (RE2 syntax).' }),
        },
        { additionalProperties: false, description: 'A rule of your own.' },
      ),
      { default: [], maxItems: 50, description: 'Own rules, matched in linear time whatever they say.' },
    ),
    patternBytes: Type.Integer({
      minimum: 256,
      maximum: 1024 * 1024,
      default: 32 * 1024,
      description:
        'How far into a text own patterns read; what is beyond is left out where there are any, so that nothing passes unread.',
    }),
    hash: names(
      'Rules, built-in or own, whose matches are replaced by `<rule:12 hex digits>`, the same for the same match: people can be told apart without being known. Needs `keyFile`.',
    ),
    keyFile: Type.String({
      default: '',
      description: 'File with the key of those hashes (HMAC-SHA-256), 16 bytes or more.',
    }),
    drop: names('Rules whose matches make a log record, an event or a series be refused instead.'),
    scope: Type.Array(oneOf(['logs', 'labels'], 'A place.'), {
      uniqueItems: true,
      default: ['logs', 'labels'],
      description: 'Where is looked: `logs` are log bodies and texts of events, `labels` label values and span names.',
    }),
  },
  { additionalProperties: false, default: {}, description: 'What is masked before anything is kept.' },
);
export type PrivacyConfig = Static<typeof PrivacyConfig>;
