import { type Static, Type } from 'typebox';

const ruleName = Type.Union([
  Type.Literal('credential'),
  Type.Literal('jwt'),
  Type.Literal('token'),
  Type.Literal('private-key'),
  Type.Literal('card'),
  Type.Literal('email'),
  Type.Literal('iban'),
  Type.Literal('us-ssn'),
]);
export type RuleName = Static<typeof ruleName>;

export const PrivacyConfig = Type.Object(
  {
    rules: Type.Array(ruleName, {
      uniqueItems: true,
      default: ['credential', 'jwt', 'token', 'private-key', 'card'],
      description:
        'Built-in rules in force: what they find in log bodies, label values and span names is replaced by `<rule>`.',
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
  },
  { additionalProperties: false, default: {}, description: 'What is masked before anything is kept.' },
);
export type PrivacyConfig = Static<typeof PrivacyConfig>;
